"""A provider's services and places, the same while it registers and afterwards."""

from secrets import token_hex
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import FieldList, FormField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from blueprints.forms import Form, Part, chosen, lazy, required, stripped
from blueprints.storefront import WORDS, Day, Step, Ticks, group_names, known, said, type_names
from rongjiu.errors import Refused
from rongjiu.marketplace import costs, offering, offers, queries, rules, vacancies, words

NEW = "new"
"""Choice of a kind of service that is not among the 33."""
AMOUNT, NO_AMOUNT = r"\d{1,6}(\.\d{1,2})?$", lazy("价格写数字,例如 10 或 10.5")


class CostForm(Part):
    """One price beside the first."""

    price_class = SelectField(lazy("怎么收费"), [Optional()])
    price = StringField(lazy("每次价格"), [Optional(), Regexp(AMOUNT, message=NO_AMOUNT)], filters=[stripped])
    groups = SelectField(lazy("专给谁"), [Optional()])
    usual_price = StringField(lazy("平时价"), [Optional(), Regexp(AMOUNT, message=NO_AMOUNT)], filters=[stripped])
    rest_by = SelectField(lazy("差额谁出"), [Optional()])
    proof = StringField(lazy("价格依据"), [Optional(), Length(max=100)], filters=[stripped])
    proof_on = Day(lazy("依据的日期"), [Optional()])

    def __init__(self, *args: Any, **words_: Any) -> None:
        super().__init__(*args, **words_)
        self.price_class.choices = [("", _("不写")), *said(words.PRICES)]
        self.groups.choices = [("", _("人人都可以")), *group_names().items()]
        self.rest_by.choices = [("", _("没有差额")), *said(rules.BEARERS)]


class ServiceForm(Form):
    """One service."""

    service_type = SelectField(lazy("能帮什么"), [chosen(lazy("请选一项服务"))])
    title = StringField(lazy("服务名称"), [Optional(), Length(max=60)])
    price_class = RadioField(lazy("怎么收费"), [chosen()], default="free")
    price = StringField(lazy("每次价格"), [Optional(), Regexp(AMOUNT, message=NO_AMOUNT)])
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
    usual_price = StringField(lazy("平时价"), [Optional(), Regexp(AMOUNT, message=NO_AMOUNT)])
    proof = StringField(lazy("价格依据"), [Optional(), Length(max=100)])
    proof_on = Day(lazy("依据的日期"), [Optional()])
    rest_by = SelectField(lazy("差额谁出"), [Optional()])
    costs = FieldList(FormField(CostForm), min_entries=costs.MOST, max_entries=costs.MOST)

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


def service(step: Step, service_id: UUID | None = None) -> ResponseReturnValue:
    """One service, new or changed."""
    row = known(step.provider_id)
    found = next((one for one in queries.services(step.provider_id, stopped=True) if one.id == service_id), None)
    if service_id is not None and found is None:
        abort(404)
    form, status = ServiceForm(data=_typed(found, row)), 200
    form.location.choices += [(str(one.id), one.name) for one in offering.sites(step.provider_id)]
    if found and found.service_type not in type_names():
        form.service_type.choices.append((found.service_type, found.title))
    if form.validate_on_submit():
        try:
            saved = offers.save_service(step.provider_id, _offer(form), service_id)
            flash(_("服务已保存。"), "success")
            for month, taken in vacancies.promised_over(saved, int(form.places.data or 0))[:1]:
                words_ = {"month": month.month, "taken": taken}
                flash(_("%(month)s月已答应 %(taken)s 人次,请照做;做完为止不再派新单。", **words_), "warning")
            return redirect(step.onward, 303)
        except Refused as refused:
            refused.field = _placed(form, refused.field or "")
            _message, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    listed = queries.services(step.provider_id)
    return step.page(form, status, row=row, one=found, services=listed, type_names=type_names(), said=WORDS)


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
    row, sites = known(step.provider_id), offering.sites(step.provider_id)
    found = next((one for one in sites if one.id == site_id), None)
    if site_id is not None and found is None:
        abort(404)
    usual = {"city": sites[0].city, "province": sites[0].province} if sites else {}
    form, status = SiteForm(obj=found, data=None if found else usual), 200
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
    return step.page(form, status, row=row, sites=sites, one=found, said=WORDS)


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
        "proof_on": known.proof_on, "rest_by": known.rest_by, "costs": [_cost_typed(one) for one in known.costs],
    }  # fmt: skip


def _cost_typed(one: costs.Cost) -> dict[str, Any]:
    return {
        "price_class": one.price_class, "price": "" if one.price is None else f"{one.price.normalize():f}",
        "usual_price": "" if one.usual_price is None else f"{one.usual_price.normalize():f}",
        "groups": one.groups[0] if one.groups else "", "rest_by": one.rest_by, "proof": one.proof,
        "proof_on": one.proof_on,
    }  # fmt: skip


def _placed(form: Any, name: str) -> str:
    """The field on the page of a refused price: those left empty before it were not counted."""
    if not name.startswith("costs-"):
        return name
    _costs, at, field = name.split("-", 2)
    written = [entry.name for entry in form.costs.entries if entry.form.price_class.data]
    return f"{written[int(at)]}-{field}"


def _costs(form: Any) -> tuple[costs.Cost, ...]:
    """Prices that were chosen."""
    return tuple(
        costs.Cost(
            part.price_class.data, None if part.price_class.data == "free" else rules.price(part.price.data),
            rules.price(part.usual_price.data), (part.groups.data,) if part.groups.data else (), part.proof.data or "",
            part.proof_on.data, part.rest_by.data or "",
        )
        for part in (entry.form for entry in form.costs.entries)
        if part.price_class.data
    )  # fmt: skip


def _offer(form: Any) -> offers.Offer:
    names = queries.service_types()
    kind, title = form.service_type.data, form.title.data or ""
    if kind == NEW:
        kind = f"own-{token_hex(4)}"
    elif not title:
        title = names[kind][0] if kind in names else ""
    return offers.Offer(
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
        rest_by=form.rest_by.data or "", costs=_costs(form),
    )  # fmt: skip
