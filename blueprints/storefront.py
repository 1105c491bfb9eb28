"""A provider's own pages, the same while it registers (`/join/provider`) and afterwards (`/provider`): shop, papers,
services. The doors say which template, whose provider, and where to go on."""

from dataclasses import dataclass
from io import BytesIO
from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, SelectMultipleField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints.forms import Form, chosen, lazy, required
from blueprints.pages import language
from rongjiu import files
from rongjiu.errors import Refused
from rongjiu.marketplace import capacity, listings, offering, queries, rules, words


class Ticks(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Day(DateField):
    """A day, refused in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was chosen or typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("请写成 2027-05-31 这样的日期。")) from None


class ContactForm(Form):
    """What a vetted provider may change by itself."""

    kind = SelectField(lazy("类型"), [chosen()])
    phone = TelField(lazy("联系电话"), [required(lazy("请填一个打得通的电话")), Length(max=20)])
    contact = StringField(lazy("联系人"), [Optional(), Length(max=30)])
    address = StringField(lazy("店铺地址"), [Optional(), Length(max=120)])
    intro = TextAreaField(lazy("一句话介绍"), [Optional(), Length(max=300)])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.kind.choices = said(words.KINDS)


class ShopForm(ContactForm):
    """Who the provider is."""

    name = StringField(lazy("店名"), [required(lazy("请写店名,照执照上的写")), Length(max=60)])
    group = RadioField(lazy("您是"), [chosen()], default="company")
    uscc = StringField(lazy("统一社会信用代码"), [Optional(), Length(max=40)])
    street = SelectField(lazy("店铺在哪个街道"), [chosen(lazy("请选店铺所在的街道"))])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.group.choices = said(words.GROUPS)
        self.street.choices = [("", _("请选择")), *((str(key), name) for key, name in queries.streets())]


class PaperForm(Form):
    """One paper."""

    kind = RadioField(lazy("这是什么证照"), [chosen()], default="licence")
    file = FileField(lazy("照片或 PDF"))
    ends_on = Day(lazy("有效期到"), [Optional()])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.kind.choices = said(words.PAPERS)


NEW = "new"
"""Choice of a kind of service that is not among the 33."""


class ServiceForm(Form):
    """One service."""

    service_type = SelectField(lazy("能帮什么"), [chosen(lazy("请选一项服务"))])
    title = StringField(lazy("服务名称"), [Optional(), Length(max=60)])
    price_class = RadioField(lazy("怎么收费"), [chosen()], default="free")
    price = StringField(
        lazy("每次价格"), [Optional(), Regexp(r"\d{1,6}(\.\d{1,2})?$", message=lazy("价格写数字,例如 10 或 10.5"))]
    )
    delivery_mode = RadioField(lazy("在哪里服务"), [chosen()], default="at_home")
    places = StringField(
        lazy("每月能帮几人次"),
        [required(lazy("请写每月能帮几人次")), Regexp(r"\d{1,4}$", message=lazy("每月名额写 0 到 9999 之间的整数"))],
    )
    days = Ticks(lazy("哪几天方便"), [Optional()])
    part = RadioField(lazy("什么时段"), [chosen()], default="all_day")
    streets = Ticks(lazy("服务哪些街道"))
    description = TextAreaField(lazy("怎么服务"), [Optional(), Length(max=300)])
    groups = Ticks(lazy("专给谁"), [Optional()])
    minimum_age = StringField(lazy("最小年龄"), [Optional(), Regexp(r"\d{1,3}$", message=lazy("年龄写整数"))])
    maximum_age = StringField(lazy("最大年龄"), [Optional(), Regexp(r"\d{1,3}$", message=lazy("年龄写整数"))])
    documents = TextAreaField(lazy("要带什么"), [Optional(), Length(max=500)])
    location = SelectField(lazy("在哪个地点"), [Optional()])
    usual_price = StringField(
        lazy("平时价"), [Optional(), Regexp(r"\d{1,6}(\.\d{1,2})?$", message=lazy("价格写数字,例如 10 或 10.5"))]
    )
    proof = StringField(lazy("价格依据"), [Optional(), Length(max=100)])
    proof_on = Day(lazy("依据的日期"), [Optional()])
    rest_by = SelectField(lazy("差额谁出"), [Optional()])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.service_type.choices = [("", _("请选择")), *type_names().items(), (NEW, _("清单里没有,我来写"))]
        self.groups.choices = list(group_names().items())
        self.rest_by.choices = [("", _("没有差额")), *said(rules.BEARERS)]
        self.location.choices = [("", _("不在固定地点"))]
        self.price_class.choices = said(words.PRICES)
        self.delivery_mode.choices = said(words.MODES)
        self.days.choices, self.part.choices = said(words.WEEKDAYS), said(words.PARTS)
        self.streets.choices = [(str(key), name) for key, name in queries.streets()]


@dataclass(frozen=True, slots=True)
class Step:
    """One page of one door: whose provider, with which template, and where to go when it is done."""

    provider_id: UUID
    template: str
    onward: str
    more: dict[str, Any]

    def page(self, form: Form | None, status: int = 200, **words_: Any) -> ResponseReturnValue:
        """Show it."""
        return render_template(self.template, form=form, **self.more, **words_), status


def said(of: dict[str, str]) -> list[tuple[str, str]]:
    """Codes with their words in the reader's language."""
    return [(code, _(word)) for code, word in of.items()]


def type_names() -> dict[str, str]:
    """Service types of the published model in the reader's language."""
    return {code: names[1 if language() == "en" else 0] for code, names in queries.service_types().items()}


def group_names() -> dict[str, str]:
    """Special groups of the published model in the reader's language."""
    return {code: names[1 if language() == "en" else 0] for code, names in queries.special_groups().items()}


def shop(step: Step) -> ResponseReturnValue:
    """Who the provider is; once vetted, name, code and street stand still."""
    row = _provider(step.provider_id)
    fixed = row.state == "active"
    form = (ContactForm if fixed else ShopForm)(
        obj=row if row.name else None, data=None if row.name else {"kind": "barber", "street": ""}
    )
    if not fixed and request.method == "GET" and row.street_id:
        form.street.data = str(row.street_id)
    status = 200
    if form.validate_on_submit():
        try:
            listings.save_shop(step.provider_id, _shop(form, row, fixed))
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return step.page(form, status, row=row, fixed=fixed)


def _shop(form: Any, row: Any, fixed: bool) -> listings.Shop:
    return listings.Shop(
        name=row.name if fixed else form.name.data, group=row.group if fixed else form.group.data,
        uscc=(row.uscc or "") if fixed else form.uscc.data or "", kind=form.kind.data, phone=form.phone.data,
        contact=form.contact.data or "", address=form.address.data or "", intro=form.intro.data or "",
        street_id=row.street_id if fixed else UUID(form.street.data),
    )  # fmt: skip


def papers(step: Step) -> ResponseReturnValue:
    """The papers, and one more; what cannot be read is refused at the field."""
    row, form, status = _provider(step.provider_id), PaperForm(), 200
    if form.validate_on_submit():
        try:
            upload = form.file.data
            if not upload or not upload.filename:
                raise Refused("请先选照片或 PDF。", field="file")
            content = upload.stream.read(files.LIMIT + 1)
            listings.add_paper(step.provider_id, form.kind.data, content, upload.filename, form.ends_on.data)
            flash(_("证照已保存。"), "success")
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return step.page(form, status, row=row, papers=queries.papers(step.provider_id), kinds=words.PAPERS)


def drop_paper(step: Step, paper_id: UUID) -> ResponseReturnValue:
    """Take a paper back."""
    try:
        listings.drop_paper(step.provider_id, paper_id)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(step.onward, 303)


def paper_file(provider_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """The bytes of a paper, always as an attachment."""
    name, mime, content = listings.open_paper(provider_id, paper_id)
    answer = send_file(BytesIO(content), mimetype=mime, as_attachment=True, download_name=name)  # names are Chinese
    answer.headers["Cache-Control"] = "no-store"
    return answer


def service(step: Step, service_id: UUID | None = None) -> ResponseReturnValue:
    """One service, new or changed."""
    row = _provider(step.provider_id)
    known = next((one for one in queries.services(step.provider_id, stopped=True) if one.id == service_id), None)
    if service_id is not None and known is None:
        abort(404)
    form, status = ServiceForm(data=_typed(known, row)), 200
    form.location.choices += [(str(one.id), one.name) for one in offering.sites(step.provider_id)]
    if known and known.service_type not in type_names():
        form.service_type.choices.append((known.service_type, known.title))
    if form.validate_on_submit():
        try:
            saved = listings.save_service(step.provider_id, _offer(form), service_id)
            flash(_("服务已保存。"), "success")
            for month, taken in capacity.promised_over(saved, int(form.places.data or 0))[:1]:
                words_ = {"month": month.month, "taken": taken}
                flash(_("%(month)s月已答应 %(taken)s 人次,请照做;做完为止不再派新单。", **words_), "warning")
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    listed = queries.services(step.provider_id)
    return step.page(form, status, row=row, one=known, services=listed, type_names=type_names(), said=WORDS)


class SiteForm(Form):
    """One place."""

    name = StringField(lazy("地点名称"), [required(lazy("请写地点名称")), Length(max=60)])
    address = StringField(lazy("详细地址"), [required(lazy("请写详细地址")), Length(max=120)])
    city = StringField(lazy("城市"), [required(lazy("请写城市")), Length(max=30)])
    province = StringField(lazy("省份"), [required(lazy("请写省份")), Length(max=30)])
    postal_code = StringField(lazy("邮政编码"), [required(lazy("请写 6 位邮政编码")), Length(max=6)])
    accessibility = Ticks(lazy("无障碍条件"), [Optional()])
    note = StringField(lazy("怎么走"), [Optional(), Length(max=120)])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.accessibility.choices = said(rules.ACCESS)


def site(step: Step, site_id: UUID | None = None) -> ResponseReturnValue:
    """The places of a provider, and one more or one changed."""
    row, sites = _provider(step.provider_id), offering.sites(step.provider_id)
    known = next((one for one in sites if one.id == site_id), None)
    if site_id is not None and known is None:
        abort(404)
    usual = {"city": sites[0].city, "province": sites[0].province} if sites else {}
    form, status = SiteForm(obj=known, data=None if known else usual), 200
    if form.validate_on_submit():
        try:
            typed = offering.Site(
                name=form.name.data or "", address=form.address.data or "", city=form.city.data or "",
                province=form.province.data or "", postal_code=form.postal_code.data or "",
                accessibility=tuple(form.accessibility.data or ()), note=form.note.data or "",
            )  # fmt: skip
            offering.save_site(step.provider_id, typed, site_id)
            flash(_("地点已保存。"), "success")
            return redirect(step.onward, 303)
        except Refused as refused:
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return step.page(form, status, row=row, sites=sites, one=known, said=WORDS)


def _typed(one: queries.Service | None, row: Any) -> dict[str, Any]:
    if one is None:
        return {"streets": [str(row.street_id)] if row.street_id else []}
    return {
        "service_type": one.service_type, "title": one.title, "price_class": one.price_class,
        "price": "" if one.price is None else f"{one.price.normalize():f}", "delivery_mode": one.delivery_mode,
        "places": str(one.places_a_month), "days": one.schedule.get("days", []),
        "part": one.schedule.get("part", "all_day"), "streets": [str(key) for key, _name in one.streets],
        "location": str(one.location_id or ""),
        "usual_price": "" if one.usual_price is None else f"{one.usual_price.normalize():f}", **_terms_typed(one.terms),
    }  # fmt: skip


def _terms_typed(stored: dict[str, Any]) -> dict[str, Any]:
    known = rules.terms(stored)
    return {
        "description": known.description, "groups": list(known.groups), "documents": "\n".join(known.documents),
        "minimum_age": "" if known.minimum_age is None else str(known.minimum_age),
        "maximum_age": "" if known.maximum_age is None else str(known.maximum_age), "proof": known.proof,
        "proof_on": known.proof_on, "rest_by": known.rest_by,
    }  # fmt: skip


def _offer(form: Any) -> listings.Offer:
    names = queries.service_types()
    kind, title = form.service_type.data, form.title.data or ""
    if kind == NEW:
        kind = f"own-{token_hex(4)}"
    elif not title:
        title = names[kind][0] if kind in names else ""
    return listings.Offer(
        service_type=kind, title=title, price_class=form.price_class.data,
        delivery_mode=form.delivery_mode.data, places_a_month=int(form.places.data),
        streets=tuple(UUID(street) for street in form.streets.data or ()),
        price=rules.price(form.price.data), usual_price=rules.price(form.usual_price.data),
        schedule={"days": form.days.data or [], "part": form.part.data}, terms=_terms(form),
        location_id=UUID(form.location.data) if form.location.data else None,
    )  # fmt: skip


def _terms(form: Any) -> rules.Terms:
    lines = (line.strip() for line in (form.documents.data or "").splitlines())
    return rules.Terms(
        description=form.description.data or "", groups=tuple(form.groups.data or ()),
        minimum_age=int(form.minimum_age.data) if form.minimum_age.data else None,
        maximum_age=int(form.maximum_age.data) if form.maximum_age.data else None,
        documents=tuple(line for line in lines if line), proof=form.proof.data or "", proof_on=form.proof_on.data,
        rest_by=form.rest_by.data or "",
    )  # fmt: skip


def _provider(provider_id: UUID) -> Any:
    row = queries.find(provider_id)
    if row is None:
        abort(404)
    return row


class _Groups:
    """Names of special groups by code, in the reader's language, for templates."""

    def __getitem__(self, code: str) -> str:
        return group_names().get(code, "")


WORDS = {
    "groups": words.GROUPS, "kinds": words.KINDS, "prices": words.PRICES, "modes": words.MODES, "papers": words.PAPERS,
    "days": words.WEEKDAYS, "parts": words.PARTS, "states": words.STATES, "tones": words.TONES,
    "admissions": words.ADMISSIONS, "missing": words.MISSING, "access": rules.ACCESS, "bearers": rules.BEARERS,
    "forms": rules.LEGAL_FORMS, "special": _Groups(),
}  # fmt: skip
"""All words of the marketplace by name, for templates: `{{ _(said.kinds[row.kind]) }}`."""
