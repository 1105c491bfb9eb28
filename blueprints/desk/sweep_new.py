"""/desk/sweeps/new: what a sweep is for, which courtyards, and why the others are left out."""

from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, StringField

from blueprints.desk.door import bp
from blueprints.desk.scope import uuid_of
from blueprints.forms import Form, chosen, lazy, options, required
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.residents import queries as residents
from tenants.sweeps import planning, rules

WEEKS = timedelta(days=14)


class SweepForm(Form):
    """The head of a sweep; courtyards and reasons are fields of their own names."""

    purpose = RadioField(
        lazy("为什么摸排"), [chosen()], default="missed_aid",
        choices=options((code, lazy(word)) for code, word in rules.PURPOSES.items()),
    )  # fmt: skip
    title = StringField(lazy("名称"), [required(lazy("请写摸排名称。"))])
    starts_on = StringField(lazy("开始"))
    ends_on = StringField(lazy("结束"))


@bp.route("/sweeps/new", methods=["GET", "POST"])
def sweep_new() -> ResponseReturnValue:
    """Plan a sweep; it starts on its own page, when who walks which courtyard has been looked at."""
    form, status, problems = SweepForm(), 200, dict[str, str]()
    yards = residents.courtyards()
    if request.method == "GET":
        form.starts_on.data, form.ends_on.data = today().isoformat(), (today() + WEEKS).isoformat()
    elif form.validate():
        try:
            planned = _plan(form, yards)
        except Refused as refused:
            said, status = form.refuse(refused)
            problems = {refused.field or "": said}
        else:
            flash(_("摸排 %(number)s 已建好。核对网格员，再开始。", number=planned.number), "success")
            return redirect(url_for("desk.sweep", sweep_id=planned.id), 303)
    else:
        status = 422
    typed = {"yards": set(request.form.getlist("courtyards")), "reasons": request.form}
    return render_template("desk/sweep_new.html", form=form, yards=yards, typed=typed, problems=problems), status


def _plan(form: SweepForm, yards: list[Any]) -> planning.Planned:
    chosen_ids = [each for each in map(uuid_of, request.form.getlist("courtyards")) if each]
    rest = request.form.get("reason-rest", "")
    reasons = {row.id: request.form.get(f"reason-{row.id}", "").strip() or rest for row in yards}
    return planning.plan(
        str(form.purpose.data), form.title.data or "", _day(form.starts_on), _day(form.ends_on), courtyards=chosen_ids,
        left_out=reasons,
    )  # fmt: skip


def _day(field: StringField) -> date:
    try:
        return date.fromisoformat(field.data or "")
    except ValueError as error:
        raise Refused("日期请写成 2026-08-01 这样。", field=field.name) from error
