"""/desk/rounds: families of special groups by when they are to be visited again, those overdue first; the file."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import flashed, lazy
from blueprints.pages import named, when
from rongjiu.clock import today
from tenants.catalogue import queries as catalogue
from tenants.fieldwork import rounds as visits
from tenants.fieldwork.rounds import Round
from tenants.residents import queries as residents

SIZE = 50
EVERY = {"weekly": lazy("每周"), "monthly": lazy("每个月"), "quarterly": lazy("每季度")}
STATES = {"late": lazy("该去了"), "alarm": lazy("超期很久"), "never": lazy("从没去过")}


@bp.get("/rounds")
def rounds() -> ResponseReturnValue:
    """Who is to be visited again, overdue first."""
    rows, every = _asked()
    page, size = page_number(), page_size(SIZE)
    shown = rows[(page - 1) * size : page * size]
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
        planned=visits.planned([row.household_id for row in shown]), today=today(),
    )  # fmt: skip


@bp.post("/rounds/<uuid:household_id>")
def round_act(household_id: UUID) -> ResponseReturnValue:
    """Plan the next visit of a family, or write down the one that was made."""
    with flashed():
        if request.form.get("act") == "been":
            visits.been(household_id, _day())
            flash(_("已记下上门，下一次的日子已重新算。"), "success")
        else:
            planned = visits.plan(household_id)
            flash(_("已安排：%(who)s %(due)s 前上门，个案 %(number)s。", who=planned.next.actor,
                    due=when(planned.next.due_at), number=planned.number), "success")  # fmt: skip
    kept: dict[str, Any] = request.args.to_dict()
    return redirect(url_for("desk.rounds", **kept), 303)


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return date.min


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
