"""What a service says beyond its price: whom it is for, what to bring, on what its price stands; and the places where a
provider works."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, cash
from rongjiu.clock import now, today
from rongjiu.db import db, telling
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import costs, rules
from rongjiu.marketplace.models import Provider, ProviderLocation, ProviderService
from rongjiu.marketplace.queries import Line, special_groups
from rongjiu.marketplace.service import publish

OLDEST = 130
MOST_DOCUMENTS = 10
_NUMBER = re.compile(r"\d[\d\s-]{5,}\d")
"""What may be a telephone: seven digits or more, also with blanks or dashes between."""


@dataclass(frozen=True, slots=True)
class Site:
    """One place, as typed."""

    name: str
    address: str
    city: str
    province: str
    postal_code: str
    accessibility: tuple[str, ...] = ()
    note: str = ""


def check(provider: Provider, title: str, terms: rules.Terms, location_id: UUID | None) -> None:
    """Raises Refused at the field when terms contradict themselves, name an unknown group or place, or when an
    individual writes what may be a telephone: no number of a person stands in public."""
    low, high = terms.minimum_age, terms.maximum_age
    for age, name in ((low, "minimum_age"), (high, "maximum_age")):
        if age is not None and not 0 <= age <= OLDEST:
            raise Refused("年龄写 0 到 130 之间的整数,不限就留空。", field=name)
    if low is not None and high is not None and low > high:
        raise Refused("最小年龄比最大年龄还大。请核对。", field="maximum_age")
    if set(terms.groups) - set(special_groups()):
        raise Refused("请重新选服务对象。", field="groups")
    if len(terms.documents) > MOST_DOCUMENTS or any(len(one) > 40 for one in terms.documents):
        raise Refused("最多写十样,每样一行,不超过 40 个字。", field="documents")
    if terms.proof_on is not None and terms.proof_on > today():
        raise Refused("价格依据的日期不能晚于今天。", field="proof_on")
    if terms.rest_by and terms.rest_by not in rules.BEARERS:
        raise Refused("请选差额由谁承担。", field="rest_by")
    _priced(terms.costs)
    if location_id is not None and _site(provider.id, location_id) is None:
        raise Refused("请重新选服务地点。", field="location")
    _public(provider, title, terms)


def _priced(prices: Sequence[costs.Cost]) -> None:
    """Each further price says for whom or what it is, and stands on something that can be looked at, dated."""
    if len(prices) > costs.MOST:
        raise Refused("除了第一种价格,最多再写三种。", field="costs")
    for at, cost in enumerate(prices):
        name = f"costs-{at}-"
        if cost.price_class not in costs.CLASSES:
            raise Refused("请选收费方式。", field=f"{name}price_class")
        if cost.price_class != "free" and cost.price is None:
            raise Refused("请写这种收费的价格。", field=f"{name}price")
        if cost.price is not None and cost.usual_price is not None and cost.usual_price < cost.price:
            raise Refused("平时价比现在的价格还低。请核对两个价格。", field=f"{name}usual_price")
        if set(cost.groups) - set(special_groups()):
            raise Refused("请重新选服务对象。", field=f"{name}groups")
        if cost.rest_by and cost.rest_by not in rules.BEARERS:
            raise Refused("请选差额由谁承担。", field=f"{name}rest_by")
        if cost.price_class != "market" and not cost.proof:
            raise Refused("请写价格依据,例如 出厂价单、价目表、公示。", field=f"{name}proof")
        if cost.proof and (cost.proof_on is None or cost.proof_on > today()):
            raise Refused("请写依据的日期,不能晚于今天。", field=f"{name}proof_on")


def _public(provider: Provider, title: str, terms: rules.Terms) -> None:
    """What anybody will read asks for no money, and names no telephone of a person."""
    for words, name in ((title, "title"), (terms.description, "description"), (terms.proof, "proof")):
        cash.refuse(words, name)
        if provider.group == "individual" and _NUMBER.search(words):
            raise Refused("个人的电话不公开。请去掉号码,社区会联系您。", field=name)
    cash.refuse(" ".join(terms.documents), "documents")
    for at, cost in enumerate(terms.costs):
        cash.refuse(cost.proof, f"costs-{at}-proof")
        if provider.group == "individual" and _NUMBER.search(cost.proof):
            raise Refused("个人的电话不公开。请去掉号码,社区会联系您。", field=f"costs-{at}-proof")


def sites(provider_id: UUID) -> list[Line]:
    """The places of a provider, oldest first."""
    p = ProviderLocation
    query = (
        select(p.id, p.name, p.address, p.city, p.province, p.postal_code, p.accessibility, p.note)
        .where(p.provider_id == provider_id, p.state == "active")
        .order_by(p.id)
    )
    return list(db.session.execute(query))


def save_site(provider_id: UUID, site: Site, site_id: UUID | None = None) -> UUID:
    """Keep a place; raises Refused at the field, Absent for another provider's place."""
    if not site.name or not site.address or not site.city or not site.province:
        raise Refused("请把地点写全:名称、地址、城市、省份。", field="address")
    if not re.fullmatch(r"[0-9]{6}", site.postal_code):
        raise Refused("邮政编码是 6 位数字,例如 710054。", field="postal_code")
    if set(site.accessibility) - set(rules.ACCESS):
        raise Refused("请重新勾选无障碍条件。", field="accessibility")
    cash.refuse(f"{site.name} {site.note}", "note")
    provider = _provider(provider_id)
    row = _site(provider_id, site_id) if site_id else None
    if site_id and row is None:
        raise Absent("没有这个地点。")
    with telling(provider_id=provider_id):
        if row is None:
            row = ProviderLocation(id=uuid7(), provider_id=provider_id)
            db.session.add(row)
        row.name, row.address, row.city, row.province = site.name, site.address, site.city, site.province
        row.postal_code, row.accessibility, row.note = site.postal_code, list(site.accessibility), site.note
    audit.record("provider.place", "provider", provider_id)
    _changed(provider)
    return row.id


def close_site(provider_id: UUID, site_id: UUID) -> None:
    """Work at a place no longer: services given there lose it. Twice changes nothing; raises Absent for another
    provider's place."""
    provider = _provider(provider_id)
    row = db.session.get(ProviderLocation, site_id)
    if row is None or row.provider_id != provider_id:
        raise Absent("没有这个地点。")
    if row.state != "active":
        return
    with telling(provider_id=provider_id):
        row.state = "closed"
    db.session.execute(
        update(ProviderService)
        .where(ProviderService.location_id == site_id)
        .values(location_id=None, modified_at=now())
    )
    audit.record("provider.place.close", "provider", provider_id)
    _changed(provider)


def _site(provider_id: UUID, site_id: UUID) -> ProviderLocation | None:
    return db.session.scalar(
        select(ProviderLocation).where(
            ProviderLocation.id == site_id,
            ProviderLocation.provider_id == provider_id,
            ProviderLocation.state == "active",
        )
    )


def _provider(provider_id: UUID) -> Any:
    row = db.session.scalar(select(Provider).where(Provider.id == provider_id).with_for_update())
    if row is None:
        raise Absent("没有这家服务方。")
    return row


def _changed(provider: Any) -> None:
    provider.modified_at = now()
    db.session.flush()
    if provider.state == "active":
        publish(provider.id)
