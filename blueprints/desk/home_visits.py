"""/desk/home-visits: families in hardship to be visited, by grid; one press plans the visit."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import lazy
from blueprints.pages import named, when
from blueprints.surveying import wrong
from rongjiu.errors import Refused
from tenants.catalogue import queries as catalogue
from tenants.finding import home_visits as visits
from tenants.residents import queries as residents

STATES = {"waiting": lazy("待安排"), "planned": lazy("已安排"), "done": lazy("已上门"), "dropped": lazy("不上门")}
SOURCES = {"survey": lazy("需求统计"), "sweep": lazy("摸排"), "round": lazy("定期走访")}
REASONS = {
    "round": lazy("到了走访日子"),
    "under_line": lazy("收入低于低保线"), "near_line": lazy("收入接近低保线"), "gov_aid": lazy("需要政府救助"),
    "possible_leak": lazy("疑似漏保漏救"), "hardship": lazy("家庭困难"), "urgent": lazy("急难"), "did_not_know": lazy("不知道政策"),
    "did_not_apply": lazy("没有申请过"), "was_refused": lazy("申请过没批"), "papers_missing": lazy("材料不全"),
    "new_hardship": lazy("新近困难"), "moved_in": lazy("新搬来"), "illness": lazy("生病"), "disability": lazy("残疾"),
    "unemployment": lazy("失业"), "accident": lazy("意外"), "disaster": lazy("受灾"), "schooling": lazy("上学负担"),
    "old_age_care": lazy("养老照护"), "single_parent": lazy("单亲"), "other": lazy("其他困难"),
}  # fmt: skip
SIZE = 100


@bp.get("/home-visits")
def home_visits() -> ResponseReturnValue:
    """The list by grid, those in the greatest hardship first within a courtyard."""
    asked, page = _asked(), page_number()
    rows, total = visits.page(**asked, page=page, size=page_size(SIZE))
    yards, counts = residents.courtyards(), visits.counts()
    grids = sorted({yard.grid for yard in yards if yard.grid})
    filters = [
        {"name": "state", "label": _("状态"), "value": request.args.get("state", "waiting"),
         "options": [(code, str(word), counts[code]) for code, word in STATES.items()]},
        {"name": "grid", "label": _("网格"), "value": asked["grid"], "options": [(each, each, None) for each in grids]},
        {"name": "courtyard", "label": _("院落"), "value": str(asked["courtyard_id"] or ""),
         "options": [(str(yard.id), yard.name, None) for yard in yards]},
        {"name": "source", "label": _("来源"), "value": asked["source"],
         "options": [(code, str(word), None) for code, word in SOURCES.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/home_visits.html", grids=_by_grid(rows), total=total, page=page, pages=max(1, -(-total // SIZE)),
        filters=filters, counts=counts, states=STATES, sources=SOURCES, reason=reasons(), size=SIZE,
    )  # fmt: skip


@bp.post("/home-visits/<uuid:home_visit_id>/plan")
def home_visit_plan(home_visit_id: UUID) -> ResponseReturnValue:
    """Plan the visit: a new case with its first visit, or a visit of the case that stands."""
    try:
        planned = visits.plan(home_visit_id)
    except Refused as refused:
        flash(" ".join(wrong(refused).values()), "warning")
    else:
        words = {"number": planned.number, "who": planned.next.actor, "due": when(planned.next.due_at)}
        if planned.stood:
            flash(_("这户已有个案 %(number)s，已加一次上门：%(who)s %(due)s 前。", **words), "success")
        else:
            flash(_("已建个案 %(number)s，下一步：%(who)s %(due)s 前上门核实。", **words), "success")
    return redirect(_back(), 303)


@bp.post("/home-visits/<uuid:home_visit_id>/drop")
def home_visit_drop(home_visit_id: UUID) -> ResponseReturnValue:
    """Take a family off the list, with the reason."""
    try:
        visits.drop(home_visit_id, request.form.get("why", ""))
    except Refused as refused:
        flash(" ".join(wrong(refused).values()), "warning")
    else:
        flash(_("已从名单划去，理由留在记录里。"), "success")
    return redirect(_back(), 303)


def reasons() -> Any:
    """Reason code → words, special groups by the names of the model."""
    groups = {row["id"]: named(row) for row in catalogue.groups(every=True)}

    def word(code: str) -> str:
        kind, _colon, slug = code.partition(":")
        return groups.get(slug, slug) if kind == "group" else str(REASONS.get(code, code))

    return word


def door_of(row: Any) -> str:
    """The door of a row, as the register has it or as it was told."""
    return row.door or "-".join(part for part in (row.building, row.unit, row.room) if part)


def _asked() -> dict[str, Any]:
    args = request.args
    state, source = args.get("state", "waiting"), args.get("source", "")
    return {
        "state": state if state in STATES else "", "source": source if source in SOURCES else "",
        "grid": args.get("grid", ""), "courtyard_id": uuid_of(args.get("courtyard")),
    }  # fmt: skip


def _by_grid(rows: list[Any]) -> list[tuple[str, list[Any]]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.grid, []).append(row)
    return list(found.items())


def _back() -> str:
    """The list as it was filtered."""
    kept = urlencode([(name, value) for name, value in request.args.items() if name != "page"])
    return url_for("desk.home_visits") + (f"?{kept}" if kept else "")
