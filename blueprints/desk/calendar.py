"""/desk/calendar: the days on which this community works otherwise than the official calendar says."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.forms import Form
from rongjiu.errors import Refused
from tenants.catalogue import calendar as days


@bp.route("/calendar", methods=["GET", "POST"])
def calendar() -> ResponseReturnValue:
    """The list of own days; POST sets one or gives it back to the official calendar."""
    wrong, status, form = "", 200, request.form
    if request.method == "POST":
        day = _day(form.get("day", ""))
        try:
            if form.get("act") == "clear" and day is not None:
                days.clear_day(day)
                flash(_("这一天按国家放假安排。"), "success")
            else:
                days.set_day(day, form.get("works") == "1", form.get("reason", ""))
                flash(_("已登记。以后开始的期限按这一天算。"), "success")
            return redirect(url_for("desk.calendar"), 303)
        except Refused as refused:
            wrong, status = Form().refuse(refused)
    return render_template("desk/calendar.html", rows=days.days(), wrong=wrong, typed=form), status


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
