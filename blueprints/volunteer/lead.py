"""/volunteer/roster: the lead's page: who goes when, who did not come, hours to confirm, who is new."""

from datetime import datetime, time
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.exporting import door
from blueprints.forms import lazy
from blueprints.visit_words import TASKS
from blueprints.volunteer.door import bp, own_teams
from rongjiu.clock import ZONE, now, today
from rongjiu.errors import Refused
from tenants.volunteers import joining, queries, shifts


@bp.get("/roster")
def roster() -> ResponseReturnValue:
    """Two weeks of my teams, for screen and paper: elders as courtyard and tasks, never a door."""
    teams = own_teams()
    people, _total = queries.page(team_ids=teams)
    return render_template(
        "volunteer/roster.html", rows=queries.roster(teams, datetime.combine(today(), time(), ZONE)), tasks=TASKS,
        teams=[row for row in queries.teams() if row.id in teams], now=now(), today=today(), people=people,
        mates={team: queries.mates(team) for team in teams}, hours=queries.unapproved(teams),
    )  # fmt: skip


door(bp, "/roster", roster, lazy("排班"))


@bp.post("/roster/<uuid:seat_id>")
def arrange(seat_id: UUID) -> ResponseReturnValue:
    """Give a free shift to somebody, or note that somebody did not come."""
    row = queries.seat(seat_id)
    if row is None or row.team_id not in own_teams():
        abort(404)
    try:
        if request.form.get("act") == "no_show":
            shifts.no_show(seat_id)
            said = _("已记下没来，这个班又空出来了。")
        else:
            shifts.take(seat_id, _chosen())
            said = _("已排好。")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(said, "success")
    return redirect(url_for("volunteer.roster"), 303)


def _chosen() -> UUID:
    try:
        return UUID(request.form.get("volunteer", ""))
    except ValueError:
        raise Refused("请选一位志愿者。", field="volunteer") from None


@bp.post("/roster/hours")
def approve() -> ResponseReturnValue:
    """Confirm the hours of my teams; one's own are left for somebody else."""
    count = shifts.approve([row.id for row in queries.unapproved(own_teams())])
    flash(_("已确认 %(n)s 次探访的时间。", n=count), "success")
    return redirect(url_for("volunteer.roster"), 303)


@bp.post("/roster/quiz/<uuid:volunteer_id>")
def quiz_again(volunteer_id: UUID) -> ResponseReturnValue:
    """Let somebody do the quiz again after a talk."""
    if queries.team_of(volunteer_id) not in own_teams():
        abort(404)
    joining.quiz_again(volunteer_id)
    flash(_("可以重新做小测验了。"), "success")
    return redirect(url_for("volunteer.roster"), 303)
