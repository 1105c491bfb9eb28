"""…/desk/outreach/<number>: one prospect: enter it, visit it, print for it, note who knows it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Optional

from blueprints.desk import outreach_words as words
from blueprints.desk.door import bp
from blueprints.desk.outreach import registration
from blueprints.desk.scope import uuid_of
from blueprints.forms import Form, chosen, flashed, lazy, options, required
from blueprints.guard import logged, place
from blueprints.pages import named
from blueprints.pictures import qr
from blueprints.storefront import Day
from rongjiu.clock import now, today
from rongjiu.errors import Refused
from rongjiu.marketplace.words import KINDS as TRADES
from tenants.catalogue import queries as catalogue
from tenants.outreach import queries, rules, service


class ProspectForm(Form):
    """Whom to ask."""

    kind = RadioField(lazy("是什么"), [chosen()], default="shop", choices=options(words.KINDS.items()))
    name = StringField(lazy("名称"), [required(lazy("请写名称，2 到 60 个字。"))])
    trade = SelectField(lazy("行业"), validate_choice=False, default="other")
    address = StringField(lazy("地址"))
    uscc = StringField(lazy("统一社会信用代码"))
    contact = StringField(lazy("联系人"))
    phone = TelField(lazy("电话"))
    service_type = SelectField(lazy("能帮什么"), validate_choice=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.trade.choices = [(code, _(word)) for code, word in TRADES.items()]
        types = [(row["id"], named(row)) for row in catalogue.service_types()]
        self.service_type.choices = [("", _("还不知道")), *types]

    def typed(self) -> service.Typed:
        """What was typed."""
        return service.Typed(
            self.name.data or "", self.kind.data, self.trade.data or "other", self.uscc.data or "",
            self.address.data or "", self.contact.data or "", self.phone.data or "", self.service_type.data or "",
        )  # fmt: skip


class TalkForm(Form):
    """What a visit or call brought."""

    how = RadioField(
        lazy("怎么谈的"), default="visit", choices=options([("visit", lazy("上门")), ("call", lazy("打电话"))])
    )
    after = RadioField(lazy("谈到哪一步"), [chosen()], validate_choice=False)
    reason = SelectField(lazy("不愿意的原因"), validate_choice=False)
    retry_on = Day(lazy("哪天再去"), [Optional()])
    provider = SelectField(lazy("登记成了哪家服务方"), validate_choice=False)
    note = TextAreaField(lazy("记一句"))


@bp.route("/outreach/new", methods=["GET", "POST"])
def prospect_new() -> ResponseReturnValue:
    """Enter whom to ask; what the street knows is shown first."""
    form, status = ProspectForm(), 200
    known: service.Known | None = None
    if form.validate_on_submit():
        seen = request.form.get("seen") == "1"
        try:
            row = service.add(form.typed(), seen=seen, target_id=uuid_of(request.form.get("target")),
                              source="gap" if request.form.get("target") else "desk")  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
            known = service.known(service.checked(form.typed())) if status == 409 else None
        else:
            flash(_("已登记 %(number)s。去过以后，回来记一次。", number=row.number), "success")
            return redirect(url_for("desk.prospect", number=row.number), 303)
    elif request.method == "POST":
        status = 422
    elif request.args.get("service"):
        form.service_type.data = request.args["service"][:60]
    target = request.form.get("target") or request.args.get("target", "")
    return render_template("desk/prospect_new.html", form=form, known=known, words=words, target=target), status


@bp.route("/outreach/<number>", methods=["GET", "POST"])
@logged
def prospect(number: str) -> ResponseReturnValue:
    """One prospect: where it stands, what was said, what comes next."""
    row = _one(number)
    form, status = _talk_form(row), 200
    if form.validate_on_submit():
        try:
            after = service.talk(
                row.id, str(form.after.data), kind=str(form.how.data), note=form.note.data or "",
                reason=form.reason.data or "", retry_on=form.retry_on.data, provider_id=uuid_of(form.provider.data),
            )  # fmt: skip
        except Refused as refused:
            if refused.status == 404:
                raise
            _said, status = form.refuse(refused)
            row = _one(number)
        else:
            flash(_("已记下：%(state)s。", state=words.STATES[after.state]), "success")
            return redirect(url_for("desk.prospect", number=number), 303)
    elif request.method == "POST":
        status = 422
    return _page(row, form, status)


def _page(row: Any, form: TalkForm, status: int) -> ResponseReturnValue:
    return render_template(
        "desk/prospect.html", row=row, form=form, words=words, trades=TRADES, history=queries.history(row.id),
        ties=queries.ties(row.id), others=queries.others(row.id), registered=queries.registered(place().slug, row.number),
        types={each["id"]: named(each) for each in catalogue.service_types()}, now=now(), today=today(), onward=rules.onward(row.state),
        known=service.known(service.Typed(row.name, row.kind, row.trade, row.uscc, row.address)),
    ), status  # fmt: skip


@bp.post("/outreach/<number>/ties")
def prospect_tie(number: str) -> ResponseReturnValue:
    """Note who knows it."""
    row = _one(number)
    with flashed():
        service.tie(
            row.id, request.form.get("how", ""), who=request.form.get("who", ""),
            other_id=uuid_of(request.form.get("other")),
        )  # fmt: skip
        flash(_("已记下谁认识这家。"), "success")
    return redirect(url_for("desk.prospect", number=number) + "#ties", 303)


@bp.route("/outreach/<number>/agreement", methods=["GET", "POST"])
def agreement(number: str) -> ResponseReturnValue:
    """The agreement to print and sign, in duplicate; printing it is noted by POST."""
    row = _one(number)
    if request.method == "POST":
        material = request.form.get("material", "")
        try:
            service.left(row.id, material)
        except Refused as refused:
            if refused.status == 404:
                raise
            flash(_(refused.message, **refused.words), "warning")
            return redirect(url_for("desk.prospect", number=number), 303)
        onward = (
            url_for("desk.leaflet", of=number) if material == "leaflet" else url_for("desk.agreement", number=number)
        )
        return redirect(onward, 303)
    address = registration(queries.mark(row.number))
    return render_template("desk/agreement.html", row=row, address=address, qr=qr(address), day_now=today())


def _talk_form(row: Any) -> TalkForm:
    form = TalkForm()
    onward = [(code, words.STEPS[code]) for code in rules.onward(row.state)]
    form.after.choices = options([*onward, (row.state, lazy("没有新的进展"))])
    form.reason.choices = options([("", lazy("请选择")), *words.REASONS.items()])
    registered = queries.registered(place().slug, row.number)
    found = place().id
    rows = queries.admitted(found) if found else []
    form.provider.choices = [("", _("请选择")), *((str(each.id), each.name) for each in rows)]
    if registered and not form.provider.data and registered.id in {each.id for each in rows}:
        form.provider.data = str(registered.id)
    return form


def _one(number: str) -> Any:
    row = queries.one(number)
    if row is None:
        abort(404)
    return row
