"""/grid/prospect: a walk down the street: a shop is entered where one stands, and what was said with it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField

from blueprints.forms import Form, lazy, options, required
from blueprints.grid.door import bp
from rongjiu.errors import Refused
from rongjiu.marketplace.words import KINDS as TRADES
from tenants.outreach import service

SAID = (
    ("prospect", lazy("先记下，还没谈")), ("visited", lazy("去过了，还没说到")), ("interested", lazy("有意向")),
    ("declined", lazy("这次不愿意")),
)  # fmt: skip
REASONS = (
    ("owner_away", lazy("老板不在")), ("no_time", lazy("没时间")), ("no_staff", lazy("人手不够")), ("no_profit", lazy("怕亏本")),
    ("moved", lazy("已搬走、关门")), ("other", lazy("其他")),
)  # fmt: skip


class WalkForm(Form):
    """A shop on the way."""

    name = StringField(lazy("店名"), [required(lazy("请写名称，2 到 60 个字。"))])
    trade = SelectField(lazy("行业"), validate_choice=False, default="other")
    address = StringField(lazy("门牌"))
    phone = TelField(lazy("电话"))
    said = RadioField(lazy("谈得怎么样"), default="prospect", choices=options(SAID))
    reason = SelectField(lazy("不愿意的原因"), choices=options([("", lazy("请选择")), *REASONS]), validate_choice=False)
    note = TextAreaField(lazy("记一句"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.trade.choices = [(code, _(word)) for code, word in TRADES.items()]


@bp.route("/prospect", methods=["GET", "POST"])
def prospect() -> ResponseReturnValue:
    """Enter a shop while walking; the street's pool is searched before it is entered."""
    form, status = WalkForm(), 200
    known: service.Known | None = None
    if form.validate_on_submit():
        typed = service.Typed(
            form.name.data or "", "shop", form.trade.data or "other", "", form.address.data or "", "", form.phone.data or ""
        )  # fmt: skip
        try:
            row = service.add(typed, source="walk", seen=request.form.get("seen") == "1")
            _talked(row.id, form)
        except Refused as refused:
            _said, status = form.refuse(refused)
            known = service.known(service.checked(typed)) if status == 409 else None
        else:
            flash(_("已登记：%(name)s。可以接着走下一家。", name=row.name), "success")
            return redirect(url_for("grid.prospect"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("grid/prospect.html", form=form, known=known), status


def _talked(prospect_id: Any, form: WalkForm) -> None:
    """A shop with which one spoke was visited first; interest or a no comes after."""
    said, note = str(form.said.data), form.note.data or ""
    if said == "prospect":
        return
    service.talk(prospect_id, "visited", note=note)
    if said != "visited":
        service.talk(prospect_id, said, reason=form.reason.data or "")
