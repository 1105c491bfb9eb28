"""/desk/rounds: families of special groups by when they are to be visited again, those overdue first; the file."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, uuid_of
from blueprints.forms import lazy
from blueprints.pages import day, named, show
from blueprints.security import EXPORTING, by_account, limiter
from tenants.catalogue import queries as catalogue
from tenants.fieldwork import rounds as visits
from tenants.fieldwork.rounds import Round
from tenants.residents import queries as residents

SIZE = 50
EVERY = {"weekly": lazy("每周"), "monthly": lazy("每月"), "quarterly": lazy("每季度")}
STATES = {"late": lazy("该去了"), "alarm": lazy("超期很久"), "never": lazy("从没去过")}


@bp.get("/rounds")
def rounds() -> ResponseReturnValue:
    """Who is to be visited again, overdue first."""
    rows, every = _asked()
    page = page_number()
    shown = rows[(page - 1) * SIZE : page * SIZE]
    filters = [
        {"name": "state", "label": _("只看"), "value": _state(),
         "options": [(code, str(word), sum(_is(row, code) for row in every)) for code, word in STATES.items()]},
        {"name": "every", "label": _("多久一次"), "value": request.args.get("every", ""),
         "options": [(code, str(word), sum(row.every == code for row in every)) for code, word in EVERY.items()]},
        {"name": "courtyard", "label": _("院落"), "value": request.args.get("courtyard", ""),
         "options": [(str(yard.id), yard.name, None) for yard in residents.courtyards()]},
    ]  # fmt: skip
    return render_template(
        "desk/rounds.html", rows=shown, heads=visits.heads([row.household_id for row in shown]), total=len(rows),
        page=page, pages=max(1, -(-len(rows) // SIZE)), filters=filters, words=EVERY, names=_names(), any=bool(every),
    )  # fmt: skip


@bp.post("/rounds/export")
@limiter.limit(EXPORTING, key_func=by_account)
def rounds_export() -> ResponseReturnValue:
    """The list of the filters in the address as a file, masked like the page."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.rounds"))
    rows, names = _asked()[0][: exporting.MOST], _names()
    heads = visits.heads([row.household_id for row in rows])
    head = [
        _("家庭"),
        _("网格"),
        _("院落"),
        _("门牌"),
        _("人群"),
        _("多久一次"),
        _("上次上门"),
        _("该去的日子"),
        _("状态"),
    ]
    lines = [
        [show("name", heads.get(row.household_id)), row.grid, row.courtyard, show("address", row.door),
         "、".join(names.get(slug, slug) for slug in row.groups), str(EVERY[row.every]), day(row.last) if row.last else "",
         day(row.due_on), _("超期很久") if row.alarm else _("该去了") if row.late else ""]
        for row in rows
    ]  # fmt: skip
    return exporting.file("rounds", _("定期走访"), head, lines)


def _asked() -> tuple[list[Round], list[Round]]:
    """The rounds of the filters in the address, and all."""
    every, state, tier = visits.due(), _state(), request.args.get("every", "")
    yard = uuid_of(request.args.get("courtyard"))
    rows = [
        row for row in every
        if (not state or _is(row, state)) and tier in ("", row.every) and yard in (None, row.courtyard_id)
    ]  # fmt: skip
    return rows, every


def _state() -> str:
    state = request.args.get("state", "")
    return state if state in STATES else ""


def _is(row: Round, state: str) -> bool:
    return {"late": row.late, "alarm": row.alarm, "never": row.last is None}[state]


def _names() -> dict[str, Any]:
    return {row["id"]: named(row) for row in catalogue.groups()}
