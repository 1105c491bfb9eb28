"""/volunteer/: what I do next, my shifts, free shifts; pledge and quiz; my team; my hours."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting, heard
from blueprints.guard import me, place
from blueprints.pages import when
from blueprints.security import EXPORTING, by_account, limiter
from blueprints.visit_words import TASKS
from blueprints.volunteer.door import bp, mine
from rongjiu.clock import now, today
from rongjiu.errors import Refused
from rongjiu.tenancy.staff import working
from tenants.volunteers import joining, queries, rules, shifts


@bp.get("/")
def home() -> ResponseReturnValue:
    """What stands between me and the next visit, what I have taken, what is free."""
    person = mine()
    standing = queries.standing(person.id)
    barred = rules.barred(standing, today()) if standing else ""
    return render_template(
        "volunteer/home.html", person=person, barred=barred, shifts=queries.mine(person.id),
        swaps=queries.swaps(person.id), called_off=queries.called_off(person.id), free=[] if barred or not person.team_id else queries.free(person.team_id),
        tasks=TASKS, now=now(), asked=heard.asked(),
    )  # fmt: skip


@bp.route("/begin", methods=["GET", "POST"])
def begin() -> ResponseReturnValue:
    """The first time here: is the sign-up with this telephone yours? Only saying yes ties it to the login."""
    if request.method == "POST":
        joining.bind(me().account_id)
        return redirect(url_for("volunteer.home"), 303)
    if joining.mine(me().account_id) is not None:
        return redirect(url_for("volunteer.home"), 303)
    person = joining.waiting(me().account_id)
    if person is None:
        abort(404)
    row = queries.team(person.team_id) if person.team_id else None
    return render_template("volunteer/begin.html", person=person, row=row)


@bp.post("/shifts/<uuid:seat_id>/take")
def take(seat_id: UUID) -> ResponseReturnValue:
    """Sign up for a free shift."""
    try:
        shifts.take(seat_id, mine().id)
    except Refused as refused:
        return _back(refused)
    flash(_("这个班是您的了，当天见。"), "success")
    return redirect(url_for("volunteer.home"), 303)


@bp.post("/shifts/<uuid:seat_id>/swap")
def swap(seat_id: UUID) -> ResponseReturnValue:
    """Answer who asks me to go instead."""
    yes = request.form.get("answer") == "yes"
    try:
        shifts.answer_swap(seat_id, mine().id, yes=yes)
    except Refused as refused:
        return _back(refused)
    flash(_("谢谢，这个班换给您了。") if yes else _("已回复：这次不换。"), "success")
    return redirect(url_for("volunteer.home"), 303)


def _back(refused: Refused) -> ResponseReturnValue:
    if refused.status == 404:
        raise refused
    flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("volunteer.home"), 303)


@bp.route("/training", methods=["GET", "POST"])
def training() -> ResponseReturnValue:
    """The pledge and the quiz before the first visit; what was answered stays, what was wrong says why."""
    person, wrong, status, error = mine(), None, 200, ""
    if request.method == "POST":
        try:
            if request.form.get("act") == "pledge":
                joining.pledge(person.id, agreed=request.form.get("agreed") == "1")
                return redirect(url_for("volunteer.training"), 303)
            wrong = joining.take_quiz(person.id, request.form.to_dict())
        except Refused as refused:
            error, status = _(refused.message, **refused.words), refused.status
        else:
            if not wrong:
                flash(_("小测验全对，做完了。"), "success")
                return redirect(url_for("volunteer.home"), 303)
            status = 422
    page = render_template(
        "volunteer/training.html", person=person, questions=joining.questions(), wrong=wrong, error=error,
        given=request.form, tries=rules.QUIZ_TRIES,
    )  # fmt: skip
    return page, status


@bp.get("/team")
def team() -> ResponseReturnValue:
    """My team: first names only, the lead's telephone, the insurance, what we did in counts."""
    person = mine()
    row = queries.team(person.team_id) if person.team_id else None
    lead = next((each for each in working(_here()) if row and each.account_id == row.lead_id), None)
    return render_template(
        "volunteer/team.html", row=row, lead=lead, phone=queries.lead_phone(row.id) if row else "", today=today(),
        mates=queries.mates(row.id) if row else [], totals=queries.totals(row.id, today().replace(month=1, day=1)) if row else (0, 0),
        person=person,
    )  # fmt: skip


def _here() -> UUID:
    found = place().id
    if found is None:
        raise Refused("没有这个社区。", status=404)
    return found


@bp.get("/hours")
def hours() -> ResponseReturnValue:
    """My own hours."""
    return render_template("volunteer/hours.html", rows=queries.hours(mine().id), tasks=TASKS, me_name=me().name)


@bp.post("/hours/export")
@limiter.limit(EXPORTING, key_func=by_account)
def hours_export() -> ResponseReturnValue:
    """My own hours as a file."""
    if not exporting.purpose():
        return exporting.unasked(url_for("volunteer.hours"))
    rows = [
        (when(row.planned_at), row.minutes, _("已确认") if row.approved_at else _("待确认"))
        for row in queries.hours(mine().id)
    ]
    return exporting.file("volunteer-hours", _("我的服务时间"), [_("时间"), _("分钟"), _("队长确认")], rows)
