"""/provider/care, licences, prices: a medical provider's log of care, its licensed staff, the prices it declares."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import DecimalField, SelectField, StringField
from wtforms.validators import Length, Optional

from blueprints import exporting
from blueprints.forms import Form, chosen, lazy, options
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.storefront import Day, said
from rongjiu import masks
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import care as log
from rongjiu.marketplace.kinds import licences as people
from rongjiu.marketplace.kinds import prices as declared

SIZE = 50
STATES = {"planned": lazy("已约"), "done": lazy("已做"), "missed": lazy("没见到人")}
TONES = {"planned": "info", "done": "ok", "missed": "warn"}


class LicenceForm(Form):
    """Somebody who may be sent."""

    name = StringField(lazy("姓名"), [Optional(), Length(max=30)])
    post = SelectField(lazy("做什么的"), [chosen()], validate_choice=False)
    licence = StringField(lazy("执业证或培训证编号"), [Optional(), Length(max=40)])
    ends_on = Day(lazy("执业证到哪天"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.post.choices = options([("", _("请选择")), *said(people.POSTS)])


class PriceForm(Form):
    """One declared price."""

    item = StringField(lazy("收费项目"), [Optional(), Length(max=40)])
    unit = StringField(lazy("单位"), [Optional(), Length(max=10)])
    price = DecimalField(lazy("价格"), [Optional()])
    declared_on = Day(lazy("哪天申报的"), [Optional()])
    proof = StringField(lazy("价格依据"), [Optional(), Length(max=100)])


def _paging() -> tuple[int, int]:
    page = 1 if exporting.whole() else min(max(request.args.get("page", 1, type=int), 1), 1_000_000)
    return page, exporting.MOST if exporting.whole() else SIZE


def _words(rows: list[Any], total: int, page: int) -> dict[str, Any]:
    return {
        "rows": rows,
        "total": total,
        "page": page,
        "pages": max(1, -(-total // SIZE)),
        "today": today(),
        "name": masks.name if exporting.whole() else str,
        "whole": exporting.whole(),
    }


@bp.get("/care")
def care() -> ResponseReturnValue:
    """The log: acts of care, missed visits; nobody who was cared for."""
    state = request.args.get("state", "")
    state, (page, size) = (state if state in STATES else ""), _paging()
    rows, total = log.log(mine(), state=state, page=page, size=size)
    counts = log.counts(mine())
    choices = [(code, str(word), counts.get(code, 0)) for code, word in STATES.items()]
    groups = [{"name": "state", "label": _("状态"), "value": state, "options": choices}]
    words = {"groups": groups, "states": STATES, "tones": TONES, "acts": log.ACTS, "posts": people.POSTS}
    return render_template("provider/care.html", missed=counts.get("missed", 0), **words, **_words(rows, total, page))


@bp.route("/licences", methods=["GET", "POST"])
def licences() -> ResponseReturnValue:
    """Who may be sent, whose licence ends first on top; one more."""
    return _licence(LicenceForm(formdata=None if exporting.whole() else request.form or None), None)


@bp.route("/licences/<uuid:staff_id>", methods=["GET", "POST"])
def licence(staff_id: UUID) -> ResponseReturnValue:
    """Change one; one who left is there again."""
    return _licence(LicenceForm(data=dict(people.one(mine(), staff_id)._mapping)), staff_id)


@bp.post("/licences/<uuid:staff_id>/leave")
def licence_leave(staff_id: UUID) -> ResponseReturnValue:
    """Somebody works there no longer."""
    people.leave(mine(), staff_id)
    flash(_("已记下:不在这里做了。"), "success")
    return redirect(url_for("provider.licences"), 303)


def _licence(form: LicenceForm, staff_id: UUID | None) -> ResponseReturnValue:
    status = 200
    if request.method == "POST" and not exporting.whole():
        status = 422
        if form.validate():
            typed = people.Member(
                form.name.data or "", form.post.data or "", form.licence.data or "", form.ends_on.data
            )
            try:
                people.save(mine(), typed, staff_id)
                flash(_("执业人员已保存。"), "success")
                return redirect(url_for("provider.licences"), 303)
            except Refused as refused:
                _text, status = form.refuse(refused)
    page, size = _paging()
    rows, total = people.listed(mine(), page=page, size=size)
    return render_template(
        "provider/licences.html", form=form, one=staff_id, posts=people.POSTS, **_words(rows, total, page)
    ), status  # fmt: skip


@bp.get("/prices")
def prices() -> ResponseReturnValue:
    """Declared prices."""
    return _prices(PriceForm(formdata=None), 200)


@bp.post("/prices")
def price_declare() -> ResponseReturnValue:
    """Declare one more."""
    form, status = PriceForm(), 422
    if form.validate():
        typed = declared.Price(
            form.item.data or "", form.unit.data or "", form.price.data, form.declared_on.data, form.proof.data or ""
        )
        try:
            declared.declare(mine(), typed)
            flash(_("价格已申报。社区会在取授权前读给家里人听。"), "success")
            return redirect(url_for("provider.prices"), 303)
        except Refused as refused:
            _text, status = form.refuse(refused)
    return _prices(form, status)


def _prices(form: PriceForm, status: int) -> ResponseReturnValue:
    page, size = _paging()
    rows, total = declared.listed(mine(), page=page, size=size)
    return render_template("provider/prices.html", form=form, **_words(rows, total, page)), status


@bp.post("/prices/<uuid:price_id>/withdraw")
def price_withdraw(price_id: UUID) -> ResponseReturnValue:
    """A price holds no longer."""
    declared.withdraw(mine(), price_id)
    flash(_("这项价格已撤下。"), "success")
    return redirect(url_for("provider.prices"), 303)


exporting.door(bp, "/care", care, lazy("护理日志"))
exporting.door(bp, "/licences", licences, lazy("执业人员"))
exporting.door(bp, "/prices", prices, lazy("申报的价格"))
