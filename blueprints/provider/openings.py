"""/provider/openings: work that an employer offers, with hours, distance, pay and whether it fits a carer."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, DecimalField, IntegerField, RadioField, StringField, TimeField
from wtforms.validators import Length, Optional

from blueprints import exporting
from blueprints.forms import Form, chosen, lazy, options
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.storefront import Day, Ticks, said
from rongjiu.errors import Refused
from rongjiu.marketplace import words
from rongjiu.marketplace.kinds import openings as work

SIZE = 50
PER = {"hour": lazy("每小时"), "day": lazy("每天"), "month": lazy("每月")}
STATES = {"open": lazy("在招"), "closed": lazy("已停招")}


class OpeningForm(Form):
    """One opening."""

    title = StringField(lazy("岗位"), [Optional(), Length(max=40)])
    hours_a_week = IntegerField(lazy("每周多少小时"), [Optional()])
    days = Ticks(lazy("哪几天上班"), validate_choice=False)
    since = TimeField(lazy("几点上班"), [Optional()])
    until = TimeField(lazy("几点下班"), [Optional()])
    metres = IntegerField(lazy("离社区多少米"), [Optional()])
    pay_low = DecimalField(lazy("工资最低"), [Optional()])
    pay_high = DecimalField(lazy("工资最高"), [Optional()])
    pay_per = RadioField(lazy("怎么算"), [chosen()], default="hour", choices=options(PER.items()))
    fits_care = BooleanField(lazy("适合要照顾家人的人：家里有事能先走，班次能换"))
    places = IntegerField(lazy("招几个人"), [Optional()], default=1)
    ends_on = Day(lazy("招到哪天"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.days.choices = said(words.WEEKDAYS)

    def typed(self) -> work.Opening:
        """What was typed."""
        return work.Opening(
            title=self.title.data or "", hours_a_week=self.hours_a_week.data, pay_low=self.pay_low.data,
            pay_high=self.pay_high.data, pay_per=self.pay_per.data or "", days=tuple(self.days.data or ()),
            since=self.since.data, until=self.until.data, metres=self.metres.data, fits_care=bool(self.fits_care.data),
            places=self.places.data, ends_on=self.ends_on.data,
        )  # fmt: skip


@bp.get("/openings")
def openings() -> ResponseReturnValue:
    """What is offered now, and what was."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    page = 1 if exporting.whole() else min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    rows, total = work.listed(mine(), state=state, page=page, size=exporting.MOST if exporting.whole() else SIZE)
    groups = [
        {"name": "state", "label": _("状态"), "value": state, "options": [(code, str(word), None) for code, word in STATES.items()]},
    ]  # fmt: skip
    return render_template(
        "provider/openings.html", rows=rows, total=total, page=page, pages=max(1, -(-total // SIZE)), groups=groups,
        states=STATES, per=PER, weekdays=words.WEEKDAYS,
    )  # fmt: skip


@bp.route("/openings/new", methods=["GET", "POST"])
def opening_new() -> ResponseReturnValue:
    """One more."""
    return _form(OpeningForm(), None)


@bp.route("/openings/<uuid:opening_id>", methods=["GET", "POST"])
def opening(opening_id: UUID) -> ResponseReturnValue:
    """Change one; one that was closed is open again."""
    row = work.one(mine(), opening_id)
    return _form(OpeningForm(data=dict(row._mapping)), row)


@bp.post("/openings/<uuid:opening_id>/close")
def opening_close(opening_id: UUID) -> ResponseReturnValue:
    """Nobody is looked for any more."""
    work.close(mine(), opening_id)
    flash(_("已停招。"), "success")
    return redirect(url_for("provider.openings"), 303)


def _form(form: OpeningForm, row: Any) -> ResponseReturnValue:
    status = 200
    if form.validate_on_submit():
        try:
            work.save(mine(), form.typed(), row.id if row else None)
            flash(_("岗位已保存。社区给要找活的人匹配时会看到。"), "success")
            return redirect(url_for("provider.openings"), 303)
        except Refused as refused:
            _text, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("provider/opening.html", form=form, row=row), status


exporting.door(bp, "/openings", openings, lazy("招人的岗位"))
