"""…/desk/founding: how far the station is, before and after it goes live; planned days, steps done."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.guard import me, place
from rongjiu.clock import now, today
from rongjiu.errors import Refused
from tenants.founding import queries, rules, service


@bp.get("/founding")
def founding() -> ResponseReturnValue:
    """The checklist; who is waited for while the street has not answered."""
    here = place()
    station = queries.station(here.tenant) if here.tenant else None
    if station is None:
        raise Refused("请先克隆模型。", status=404)
    due = rules.approval_due(station.submitted_at) if station.state == "submitted" and station.submitted_at else None
    return render_template(
        "desk/founding.html", station=station, items=queries.steps(), ready=queries.readiness_here(station), due=due,
        left=rules.days_left(now(), due) if due else None, by_itself=service.BY_ITSELF, today=today(),
        draft=queries.open_draft(station.id, me().account_id),
    )  # fmt: skip


@bp.post("/founding/plan")
def founding_plan() -> ResponseReturnValue:
    """Keep the planned days."""
    days: dict[str, date | None] = {}
    for name, text in request.form.items():
        if name.startswith("day-"):
            try:
                days[name.removeprefix("day-")] = date.fromisoformat(text) if text else None
            except ValueError as error:
                raise Refused("日期不对，请重新选择。") from error
    service.plan_steps(days)
    flash(_("计划日期已保存。"), "success")
    return redirect(url_for("desk.founding"), 303)


@bp.post("/founding/<item>")
def founding_mark(item: str) -> ResponseReturnValue:
    """Mark a step done, or take the mark back."""
    done = request.form.get("done") == "1"
    service.mark_step(item, done=done)
    flash(_("已标记完成。") if done else _("已改回未完成。"), "success")
    return redirect(url_for("desk.founding"), 303)
