"""…/desk/mobilised: what was given, never money; the charity to which offers of money are sent."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField
from wtforms.validators import Optional

from blueprints.desk import outreach_words as words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import Form, flashed, lazy, options, required
from blueprints.guard import place
from blueprints.storefront import Day
from rongjiu.clock import today
from rongjiu.errors import Refused
from tenants.outreach import ledger, queries


class GivenForm(Form):
    """One line."""

    kind = SelectField(lazy("是什么"), choices=options(words.GIVEN.items()))
    what = StringField(lazy("具体是什么"), [required(lazy("请写是什么，2 到 120 个字。"))])
    quantity = StringField(lazy("数量"), [required()])
    unit = StringField(lazy("单位"), [required()])
    provider = SelectField(lazy("哪家服务方"), validate_choice=False)
    giver = StringField(lazy("或者：谁给的"))
    on_day = Day(lazy("哪天"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        found = place().id
        rows = queries.admitted(found) if found else []
        self.provider.choices = options([("", _("请选择")), *((str(row.id), row.name) for row in rows)])


class CharityForm(Form):
    """The charity."""

    name = StringField(lazy("慈善组织全称"), [required()])
    uscc = StringField(lazy("统一社会信用代码"), [required()])
    phone = StringField(lazy("电话"), [required()])


@bp.route("/mobilised", methods=["GET", "POST"])
def mobilised() -> ResponseReturnValue:
    """The ledger and one more line."""
    form, status = GivenForm(), 200
    if form.validate_on_submit():
        given = ledger.Given(
            form.kind.data, form.what.data or "", form.quantity.data or "", form.unit.data or "", form.on_day.data or today(),
            form.giver.data or "", uuid_of(form.provider.data),
        )  # fmt: skip
        try:
            ledger.add(given)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已登记。"), "success")
            return redirect(url_for("desk.mobilised"), 303)
    elif request.method == "POST":
        status = 422
    return _page(form, CharityForm(formdata=None), status)


@bp.post("/mobilised/<uuid:row_id>/strike")
def mobilised_strike(row_id: UUID) -> ResponseReturnValue:
    """Strike out what was entered in error."""
    with flashed():
        ledger.strike(row_id)
    return redirect(url_for("desk.mobilised"), 303)


@bp.post("/mobilised/charity")
def charity() -> ResponseReturnValue:
    """Name the charity."""
    form, status = CharityForm(), 422
    if form.validate_on_submit():
        try:
            ledger.name_charity(form.name.data or "", form.uscc.data or "", form.phone.data or "")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已保存。有人要捐钱，就请他找这家。"), "success")
            return redirect(url_for("desk.mobilised"), 303)
    return _page(GivenForm(formdata=None), form, status)


def _page(form: GivenForm, naming: CharityForm, status: int) -> ResponseReturnValue:
    page, kind, typed = page_number(), request.args.get("kind", ""), request.args.get("q", "").strip()[:40]
    rows, total = ledger.page(kind=kind, words=typed, page=page, size=page_size())
    filters = [
        {"name": "kind", "label": _("是什么"), "value": kind, "options": [(code, str(word), None) for code, word in words.GIVEN.items()]}
    ]  # fmt: skip
    year = date(today().year, 1, 1)
    return render_template(
        "desk/mobilised.html", form=form, naming=naming, rows=rows, typed=typed, total=total, page=page,
        pages=max(1, -(-total // page_size())), filters=filters, words=words, sums=ledger.sums(year),
        charity=ledger.charity(), today=today(),
    ), status  # fmt: skip
