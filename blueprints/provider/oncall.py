"""/provider/oncall: the number on call with its hours, and the safety drills that were held."""

from datetime import time
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import IntegerField, SelectField, TelField, TextAreaField, TimeField
from wtforms.validators import Length, Optional

from blueprints import exporting
from blueprints.forms import Form, chosen, lazy, options
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.storefront import Day, Ticks, known, said
from rongjiu.errors import Refused
from rongjiu.marketplace import words
from rongjiu.marketplace.kinds import oncall, rules

SIZE = 50


class CallForm(Form):
    """Which number, on which days, from when to when."""

    phone = TelField(lazy("值班电话"), [Optional()])
    days = Ticks(lazy("哪几天值班"), validate_choice=False)
    since = TimeField(lazy("几点起"), [Optional()])
    until = TimeField(lazy("到几点"), [Optional()])


class DrillForm(Form):
    """One drill."""

    held_on = Day(lazy("哪天演练的"), [Optional()])
    kind = SelectField(lazy("演练什么"), [chosen()], validate_choice=False)
    people = IntegerField(lazy("多少人参加"), [Optional()])
    minutes = IntegerField(lazy("用了多少分钟"), [Optional()])
    learnt = TextAreaField(lazy("发现了什么要改的"), [Optional(), Length(max=300)])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kind.choices = options([("", _("请选择")), *said(oncall.DRILLS)])


@bp.route("/oncall", methods=["GET", "POST"])
def on_call() -> ResponseReturnValue:
    """The hours on call, and the log of drills."""
    row = oncall.of(mine())
    typed = {"phone": row.phone, "days": row.days, "since": row.since, "until": row.until} if row else {}
    form, status = CallForm(data=typed or {"since": time(0), "until": time(0), "days": list(words.WEEKDAYS)}), 200
    if form.is_submitted() and not exporting.whole():
        try:
            if form.validate():
                oncall.keep(mine(), form.phone.data or "", form.days.data or [], form.since.data, form.until.data)
                flash(_("值班时间已保存。急难的派单会先找现在值班的。"), "success")
                return redirect(url_for("provider.on_call"), 303)
            status = 422
        except Refused as refused:
            _said, status = form.refuse(refused)
    return _page(form, DrillForm(formdata=None), status)


@bp.post("/oncall/drills")
def drill_add() -> ResponseReturnValue:
    """Log one drill."""
    form, status = DrillForm(), 422
    if form.validate():
        held = oncall.Drill(
            form.held_on.data, form.kind.data or "", form.people.data, form.minutes.data, form.learnt.data or ""
        )
        try:
            oncall.drill(mine(), held)
            flash(_("演练已记下。"), "success")
            return redirect(url_for("provider.on_call"), 303)
        except Refused as refused:
            _said, status = form.refuse(refused)
    row = oncall.of(mine())
    typed = {"phone": row.phone, "days": row.days, "since": row.since, "until": row.until} if row else {}
    return _page(CallForm(formdata=None, data=typed), form, status)


def _page(form: CallForm, drill: DrillForm, status: int) -> ResponseReturnValue:
    form.days.choices = said(words.WEEKDAYS)
    page = 1 if exporting.whole() else min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    rows, total = oncall.drills(mine(), page, exporting.MOST if exporting.whole() else SIZE)
    return render_template(
        "provider/oncall.html", form=form, drill=drill, rows=rows, total=total, page=page, pages=max(1, -(-total // SIZE)),
        kinds=oncall.DRILLS, standing=oncall.standing([mine()]).get(mine()), row=known(mine()), days=rules.DRILL_DAYS,
    ), status  # fmt: skip


exporting.door(bp, "/oncall", on_call, lazy("演练"))
