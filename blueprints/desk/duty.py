"""…/settings/duty: who is rung first when somebody is in 急难: a week of shifts, and single dates over it."""

from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.forms import lazy
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Refused
from tenants.catalogue import service as waits
from tenants.express import duty as roster
from tenants.express import rules

OWNER, AGAIN = "critical-owner", "critical-ring-again"
"""The timers of the first bell to secretary and street, and of each one after it."""
SHIFTS = {code: lazy(word) for code, word in rules.SHIFTS.items()}
WEEKDAYS = {number: lazy(word) for number, word in rules.WEEKDAYS.items()}


@bp.route("/settings/duty", methods=["GET", "POST"])
def duty() -> ResponseReturnValue:
    """The week; a POST names who is on duty in each of its shifts."""
    if request.method == "GET":
        return _page()
    try:
        roster.set_week({
            (day, shift): uuid_of(request.form.get(f"{day}-{shift}")) for day in rules.WEEKDAYS for shift in rules.SHIFTS
        })  # fmt: skip
    except Refused as refused:
        db.session.rollback()
        return _page(refused)
    flash(_("排班已保存。报急难时先呼叫值班的人。"), "success")
    return redirect(url_for("desk.duty"), 303)


@bp.post("/settings/duty/dates")
def duty_date() -> ResponseReturnValue:
    """Name somebody for a shift of one date, such as a holiday."""
    form = request.form
    try:
        day = date.fromisoformat(form.get("on_date", ""))
    except ValueError:
        day = None
    try:
        roster.set_date(day, form.get("shift", ""), uuid_of(form.get("account")))
    except Refused as refused:
        db.session.rollback()
        return _page(refused)
    flash(_("这一天的值班已保存。"), "success")
    return redirect(url_for("desk.duty") + "#dates", 303)


@bp.post("/settings/duty/dates/<uuid:row_id>/drop")
def duty_drop(row_id: UUID) -> ResponseReturnValue:
    """The week holds again for that date."""
    roster.drop_date(row_id)
    flash(_("已删除，这一天按每周的排班。"), "success")
    return redirect(url_for("desk.duty") + "#dates", 303)


@bp.post("/settings/duty/minutes")
def duty_minutes() -> ResponseReturnValue:
    """After how many minutes without an owner secretary and street are rung, and rung again."""
    try:
        for timer in (OWNER, AGAIN):
            waits.set_minutes(timer, request.form.get("minutes", type=int))
    except Refused as refused:
        db.session.rollback()
        return _page(refused)
    flash(_("已保存。正在走的急难按原来的时间。"), "success")
    return redirect(url_for("desk.duty"), 303)


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    people = roster.staff()
    names = {each.account_id: each.post for each in people}
    typed, named = request.form if refused else {}, roster.week()
    week = {
        (day, shift): typed.get(f"{day}-{shift}") or str(named.get((day, shift), ""))
        for day in rules.WEEKDAYS
        for shift in rules.SHIFTS
    }
    wrong = {refused.field or "": _(refused.message, **refused.words)} if refused else {}
    page = render_template(
        "desk/duty.html", week=week, days=WEEKDAYS, shifts=SHIFTS, names=names, dates=roster.dates(), day=today(),
        people=[("", _("没有排")), *((str(each.account_id), each.post) for each in people)], wrong=wrong, typed=typed,
        now=roster.on_duty(), running=SHIFTS[rules.shift_at(now())[1]], minutes=_minutes(),
    )  # fmt: skip
    return page, refused.status if refused else 200


def _minutes() -> int:
    """After how many minutes without an owner it rings on (timer critical-owner)."""
    start = now()
    return round((waits.due(OWNER, "critical", start) - start).total_seconds() / 60)
