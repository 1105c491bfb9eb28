"""A provider as HSDS 3.1 records, built from what it published: plain values in, plain values out.

What is not in a `Shop` can never be in a record: no telephone, no contact, no paper, no resident. An individual comes
here only with a name of its own choice, without address and code (`_shop` in opendata.py).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from rongjiu.clock import ZONE
from rongjiu.marketplace import rules, taxonomies
from rongjiu.marketplace.costs import Cost

Record = dict[str, Any]
UNIT = {"id": str(uuid5(taxonomies.ROOT, "unit/person-time")), "name": "人次"}
STATUS = {"active": "active", "stopped": "inactive"}
OPTIONS = {"free": "免费", "cost_price": "成本价(出厂价)", "discount": "优惠价", "market": "市场价"}


@dataclass(frozen=True, slots=True)
class Site:
    """A place where a provider works."""

    id: UUID
    name: str
    address: str
    city: str
    province: str
    postal_code: str
    accessibility: Sequence[str]
    note: str


@dataclass(frozen=True, slots=True)
class Area:
    """A street that a service serves."""

    id: UUID
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Offer:
    """One service as published."""

    id: UUID
    service_type: str
    title: str
    price_class: str
    price: Decimal | None
    usual_price: Decimal | None
    delivery_mode: str
    schedule: dict[str, Any]
    state: str
    terms: rules.Terms
    site: UUID | None
    modified_at: datetime
    areas: Sequence[Area] = ()


@dataclass(frozen=True, slots=True)
class Shop:
    """One provider as published; `name` is the public one."""

    id: UUID
    slug: str
    name: str
    name_en: str
    group: str
    kind: str
    legal_form: str
    uscc: str
    intro: str
    paused: bool
    demo: bool
    verified_at: datetime | None
    confirmed_on: date | None
    modified_at: datetime
    sites: Sequence[Site] = field(default_factory=tuple)


def moment(at: datetime) -> str:
    """2026-08-12T09:30:00+08:00."""
    return at.astimezone(ZONE).isoformat(timespec="seconds")


def text(record: Record) -> str:
    """A record as it is sent."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def organization(shop: Shop) -> tuple[Record, Record]:
    """A provider in short and in full."""
    brief = _kept(
        id=str(shop.id), name=shop.name, alternate_name=shop.name_en, description=shop.intro or shop.name,
        legal_status=shop.legal_form,
    )  # fmt: skip
    whole = {**brief, "locations": [location(one, shop.id) for one in shop.sites]}
    if shop.uscc:
        whole["organization_identifiers"] = [
            {
                "id": str(uuid5(shop.id, "uscc")), "organization_id": str(shop.id), "identifier_scheme": "CN-USCC",
                "identifier_type": "统一社会信用代码", "identifier": shop.uscc,
            }
        ]  # fmt: skip
    return brief, whole


def service(shop: Shop, offer: Offer) -> tuple[Record, Record, Record]:
    """A service: only what changed when, in short, and in full (without the places left, which are read live)."""
    owner = organization(shop)[0]
    status = STATUS.get(offer.state, "inactive")
    if status == "active" and shop.paused:
        status = "temporarily closed"
    terms, changed = offer.terms, moment(max(offer.modified_at, shop.modified_at))
    brief = _kept(
        id=str(offer.id), organization_id=str(shop.id), name=offer.title, description=terms.description, status=status,
        fees_description=_fees(offer), eligibility_description=_who(terms), minimum_age=terms.minimum_age,
        maximum_age=terms.maximum_age, application_process="请找所在社区,由社区安排。",
        assured_date=moment(shop.verified_at)[:10] if shop.verified_at else None, last_modified=changed,
        alert="示例数据" if shop.demo else "", organization=owner,
    )  # fmt: skip
    minimal = {key: brief[key] for key in ("id", "name", "status", "last_modified")} | {"modified_date": changed}
    site = next((one for one in shop.sites if one.id == offer.site), None)
    whole = brief | {
        "organization": organization(shop)[1],
        "schedules": _schedules(offer.id, offer.schedule, {"service_id": str(offer.id)}),
        "cost_options": [_cost(offer.id, "cost", _first(offer))]
        + [_cost(offer.id, f"cost/{n}", one) for n, one in enumerate(terms.costs, 1)],
        "service_areas": [_area(offer.id, one) for one in offer.areas],
        "required_documents": [
            {"id": str(uuid5(offer.id, f"document/{one}")), "service_id": str(offer.id), "document": one}
            for one in terms.documents
        ],
        "attributes": _attributes(offer),
        "service_at_locations": [at_location(shop, offer, site)[1]] if site else [],
    }
    return minimal, brief, whole


def at_location(shop: Shop, offer: Offer, site: Site) -> tuple[Record, Record]:
    """A service at the place where it is given, in short and in full."""
    key = uuid5(offer.id, f"at/{site.id}")
    place = location(site, shop.id)
    brief = _kept(
        id=str(key), service_id=str(offer.id), location_id=str(site.id), description=site.name,
        location={name: place[name] for name in ("id", "location_type", "name") if name in place},
    )  # fmt: skip
    mark = {"service_at_location_id": str(key)}
    whole = brief | {"location": place, "schedules": _schedules(key, offer.schedule, mark)}
    return brief, whole


def location(site: Site, organization_id: UUID) -> Record:
    """A place with its address (left out while the postal code is unknown) and what is there for whom."""
    found = _kept(
        id=str(site.id), location_type="physical", organization_id=str(organization_id), name=site.name,
        description=site.note,
    )  # fmt: skip
    if site.postal_code and site.address:
        found["addresses"] = [
            {
                "id": str(uuid5(site.id, "address")), "location_id": str(site.id), "address_1": site.address,
                "city": site.city, "state_province": site.province, "postal_code": site.postal_code, "country": "CN",
                "address_type": "physical",
            }
        ]  # fmt: skip
    found["accessibility"] = [
        {"id": str(uuid5(site.id, f"access/{one}")), "location_id": str(site.id), "description": rules.ACCESS[one]}
        for one in site.accessibility
        if one in rules.ACCESS
    ]
    return found


def capacity(offer_id: UUID, left: int, most: int, status: str, updated: datetime) -> Record:
    """Places left this month, with how the service stands (rules.CAPACITY, a property of the profile)."""
    return {
        "id": str(uuid5(offer_id, "capacity")), "service_id": str(offer_id), "unit": UNIT, "unit_id": UNIT["id"],
        "available": left, "maximum": most, "description": "本月剩余人次", "status": status, "updated": moment(updated),
    }  # fmt: skip


def taxonomy(one: taxonomies.Taxonomy) -> Record:
    """One list."""
    return {"id": str(one.id), "name": one.name, "description": one.description, "version": "1"}


def term(one: taxonomies.Term) -> Record:
    """One entry of a list."""
    parent = str(taxonomies.term_id(one.taxonomy.code, one.parent)) if one.parent else None
    return _kept(
        id=str(one.id), code=one.code, name=one.name, description=one.description, parent_id=parent,
        taxonomy=one.taxonomy.name, taxonomy_id=str(one.taxonomy.id), language="zh-Hans",
        taxonomy_detail=taxonomy(one.taxonomy),
    )  # fmt: skip


def terms_of(offer: Offer) -> list[tuple[taxonomies.Term, str]]:
    """The entries a service stands under, each with the sense of the link: service_type, need or eligibility."""
    senses = {"services": "service_type", "needs": "need"}
    found = [(one, senses[one.taxonomy.code]) for one in taxonomies.of_service_type(offer.service_type)]
    known = taxonomies.terms()
    groups = (taxonomies.term_id("groups", code) for code in offer.terms.groups)
    return found + [(known[each], "eligibility") for each in groups if each in known]


def _attributes(offer: Offer) -> list[Record]:
    return [
        {
            "id": str(uuid5(offer.id, f"attribute/{one.id}")), "link_id": str(offer.id), "link_entity": "service",
            "link_type": sense, "taxonomy_term_id": str(one.id), "taxonomy_term": term(one), "label": one.name,
        }
        for one, sense in terms_of(offer)
    ]  # fmt: skip


def _first(offer: Offer) -> Cost:
    terms = offer.terms
    return Cost(offer.price_class, offer.price, offer.usual_price, (), terms.proof, terms.proof_on, terms.rest_by)


def _cost(offer_id: UUID, name: str, cost: Cost) -> Record:
    amount = 0 if cost.price_class == "free" else cost.price
    said = [
        f"限{who}" if (who := _names(cost.groups)) else "",
        f"平时价 {cost.usual_price.normalize():f} 元" if cost.usual_price is not None else "",
        f"差额由{rules.BEARERS[cost.rest_by]}承担" if cost.rest_by in rules.BEARERS else "",
        f"依据:{cost.proof}" if cost.proof else "",
    ]
    return _kept(
        id=str(uuid5(offer_id, name)), service_id=str(offer_id), option=OPTIONS[cost.price_class],
        amount=None if amount is None else float(amount), currency="CNY", amount_description=";".join(filter(None, said)),
        valid_from=cost.proof_on.isoformat() if cost.proof_on else None,
    )  # fmt: skip


def _fees(offer: Offer) -> str:
    price = "" if offer.price is None or offer.price_class == "free" else f" {offer.price.normalize():f} 元"
    return OPTIONS[offer.price_class] + price


def _who(terms: rules.Terms) -> str:
    return _names(terms.groups)


def _names(groups: Sequence[str]) -> str:
    known = taxonomies.terms()
    names = [known[key].name for code in groups if (key := taxonomies.term_id("groups", code)) in known]
    return "、".join(names)


def _area(offer_id: UUID, one: Area) -> Record:
    found = {"id": str(uuid5(offer_id, f"area/{one.id}")), "service_id": str(offer_id), "name": one.name}
    return found | ({"extent": one.code, "extent_type": "text"} if one.code else {})


def _schedules(owner: UUID, schedule: dict[str, Any], mark: Record) -> list[Record]:
    """iCal words of the days and part of the day that were ticked, or of a rule."""
    rule = dict(part.split("=", 1) for part in str(schedule.get("rrule") or "").split(";") if "=" in part)
    days = list(schedule.get("days") or ())
    if rule.get("FREQ") == "DAILY":
        days = days or list(rules.WEEKDAYS)
    freq = "MONTHLY" if rule.get("FREQ") == "MONTHLY" else "WEEKLY"
    if not days and not rule:
        return []
    opens, closes = rules.PART_HOURS.get(str(schedule.get("part") or "all_day"), rules.PART_HOURS["all_day"])
    found = _kept(
        id=str(uuid5(owner, "schedule")), freq=freq, wkst="MO", byday=",".join(days) or rule.get("BYDAY"),
        interval=int(rule["INTERVAL"]) if rule.get("INTERVAL", "").isdigit() else None, opens_at=f"{opens}+08:00",
        closes_at=f"{closes}+08:00", dtstart=schedule.get("dtstart"), timezone=8,
    )  # fmt: skip
    return [found | mark]


def _kept(**words: Any) -> Record:
    """Only what is known."""
    return {name: value for name, value in words.items() if value not in (None, "")}
