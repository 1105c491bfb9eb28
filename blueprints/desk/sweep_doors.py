"""/desk/sweeps/<id>/doors: doors by state, the computed list for going again, those unreached; one door; the file."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import sweep_words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.guard import logged
from blueprints.pages import day as day_words
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.sweeps import closing, lists, planning, queries, rules, waiting

OPEN = tuple(code for code in rules.STATES if rules.is_open(code))


@bp.get("/sweeps/<uuid:sweep_id>/doors")
def sweep_doors(sweep_id: UUID) -> ResponseReturnValue:
    """The doors of a sweep; `?state=open` is the list for going again."""
    row = _sweep(sweep_id)
    if row.state == "running":
        planning.sync_stops(sweep_id)
    state, yard, page = request.args.get("state", ""), uuid_of(request.args.get("courtyard")), page_number()
    doors, total = _doors(sweep_id, state, yard, page, page_size())
    yards = [each for each in lists.yards(sweep_id) if each.in_scope]
    counts = {code: sum(each.counts.get(code, 0) for each in yards) for code in rules.STATES}
    several = [("open", _("要再去"), sum(counts[code] for code in OPEN))]
    filters = [
        {"name": "state", "label": _("结果"), "value": state,
         "options": several + [(code, str(sweep_words.STATES[code]), n) for code, n in counts.items()]},
        {"name": "courtyard", "label": _("院落"), "value": str(yard or ""),
         "options": [(str(each.id), each.name, each.doors) for each in yards]},
    ]  # fmt: skip
    return render_template(
        "desk/sweep_doors.html", row=row, doors=doors, total=total, page=page, pages=max(1, -(-total // 50)),
        filters=filters, words=sweep_words, again=again(doors), day_now=today(),
    )  # fmt: skip


@bp.get("/sweeps/<uuid:sweep_id>/doors/<uuid:stop_id>")
@logged
def sweep_door(sweep_id: UUID, stop_id: UUID) -> ResponseReturnValue:
    """One door: every sheet with its note, each person's result, sheets that came too late."""
    return _page(_door(sweep_id, stop_id))


@bp.post("/sweeps/<uuid:sweep_id>/doors/<uuid:stop_id>/unreached")
def sweep_unreached(sweep_id: UUID, stop_id: UUID) -> ResponseReturnValue:
    """End a door that nobody opened after all its tries; it is never counted as covered."""
    row = _door(sweep_id, stop_id)
    try:
        closing.give_up(stop_id)
    except Refused as refused:
        db.session.rollback()
        return _page(row, problem=_(refused.message, **refused.words), status=refused.status)
    flash(_("这一户按“未见到”结束：单独统计，下次摸排排在最前。"), "success")
    return redirect(url_for("desk.sweep_doors", sweep_id=sweep_id, state="unreached"), 303)


def again(doors: list[Any]) -> dict[UUID, rules.Again]:
    """When to go again to each open door of a list."""
    waits, vain = waiting.waits(), queries.vain([each.id for each in doors])
    return {
        each.id: rules.go_again(each.state, vain[each.id], each.deferred_until, waits, today())
        for each in doors
        if rules.is_open(each.state)
    }


def next_words(next_try: rules.Again | None) -> str:
    """8月4日 周二 晚上."""
    if next_try is None:
        return ""
    said = day_words(next_try.day)
    return _("%(day)s，晚间或周末", day=said) if next_try.evening else said


def _doors(sweep_id: UUID, state: str, yard: UUID | None, page: int, size: int) -> tuple[list[Any], int]:
    states = OPEN if state == "open" else (state,) if state in rules.STATES else ()
    return lists.doors(sweep_id, courtyards=[yard] if yard else None, states=states, page=page, size=size)


def _sweep(sweep_id: UUID) -> Any:
    row = lists.sweep(sweep_id)
    if row is None:
        abort(404)
    return row


def _door(sweep_id: UUID, stop_id: UUID) -> Any:
    row = lists.door(stop_id)
    if row is None or row.sweep_id != sweep_id:
        abort(404)
    return row


def _page(row: Any, *, problem: str = "", status: int = 200) -> ResponseReturnValue:
    vain, waits, day = queries.vain([row.id])[row.id], waiting.waits(), today()
    is_open = rules.is_open(row.state)
    return render_template(
        "desk/sweep_door.html", row=row, problem=problem, words=sweep_words, tries=lists.tries(row.id),
        people=lists.results(row.id), lacking=rules.lacking(vain, waits) if is_open else None, waits=waits,
        again=next_words(rules.go_again(row.state, vain, row.deferred_until, waits, day)) if is_open else "",
    ), status  # fmt: skip
