"""Open records: written with every publication, read by anyone. What is not written here cannot be read there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, cast, delete, func, insert, select
from sqlalchemy.orm import aliased

from rongjiu import pinyin
from rongjiu.clock import ZONE, today
from rongjiu.db import db
from rongjiu.marketplace import records, restricted, rules, slots, taxonomies, vacancies
from rongjiu.marketplace.models import (
    Capacity,
    Listing,
    OpenRecord,
    Provider,
    ProviderLocation,
    ProviderService,
    ServiceArea,
)
from rongjiu.tenancy.models import Street

MOST = 100
"""Records of one page at most."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; every part that is given narrows further."""

    kind: str
    search: str = ""
    term_id: UUID | None = None
    taxonomy_id: UUID | None = None
    organization_id: UUID | None = None
    modified_after: datetime | None = None
    page: int = 1
    size: int = 50


def public_name(provider: Any) -> str | None:
    """How a provider is called in public; None when it must not appear: an individual who did not agree."""
    if provider.group != "individual":
        return str(provider.name)
    return str(provider.public_name) if provider.public_name and provider.public_consent_at else None


def search_words(*texts: str) -> list[str]:
    """Bigrams of texts and of their pinyin, and each character alone, so that one character finds too."""
    found: dict[str, None] = {}
    for text in texts:
        for spelling in (text, *pinyin.spellings(text)):
            found.update(dict.fromkeys(pinyin.bigrams(spelling)))
        found.update(dict.fromkeys(letter for letter in text.lower() if letter.isalnum()))
    return list(found)


def write(provider_id: UUID) -> int:
    """Write the open records of a provider anew, or remove them when it is not active or must not appear; answers how
    many there are. Only `service.publish()` calls this."""
    db.session.execute(delete(OpenRecord).where(OpenRecord.provider_id == provider_id))
    shop = _shop(provider_id)
    if shop is None:
        return 0
    offers = _offers(provider_id)
    rows: list[dict[str, Any]] = [_row(shop, "organization", shop.id, shop.modified_at, *_organization(shop, offers))]
    for offer in offers:
        minimal, brief, whole = records.service(shop, offer)
        changed = max(shop.modified_at, offer.modified_at)
        linked = [term.id for term, _sense in records.terms_of(offer)]
        words = search_words(offer.title, shop.name, offer.terms.description)
        rows.append(_row(shop, "service", offer.id, changed, minimal, brief, whole, words, linked))
        for site in shop.sites if offer.state == "active" else ():
            if site.id == offer.site:
                here, there = records.at_location(shop, offer, site)
                there |= {"service": brief}
                key = UUID(here["id"])
                rows.append(_row(shop, "service_at_location", key, changed, here, here, there, words, linked))
    db.session.execute(insert(OpenRecord), rows)
    return len(rows)


def remove(provider_id: UUID) -> None:
    """Nothing of a provider is open to read (any more). Only `service.publish()` calls this."""
    db.session.execute(delete(OpenRecord).where(OpenRecord.provider_id == provider_id))


def _row(
    shop: records.Shop, kind: str, key: UUID, changed: datetime, minimal: records.Record, brief: records.Record,
    whole: records.Record, words: list[str], linked: Sequence[UUID], page: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": key, "kind": kind, "provider_id": shop.id, "slug": shop.slug, "words": words, "terms": list(linked),
        "modified_at": changed, "minimal": records.text(minimal), "brief": records.text(brief),
        "whole": records.text(whole), "page": page or {},
    }  # fmt: skip


def _organization(shop: records.Shop, offers: list[records.Offer]) -> tuple[Any, ...]:
    brief, whole = records.organization(shop)
    linked = {term.id: None for offer in offers for term, _sense in records.terms_of(offer)}
    return brief, brief, whole, search_words(shop.name, shop.intro), list(linked), _page(shop, offers)


def _page(shop: records.Shop, offers: list[records.Offer]) -> dict[str, Any]:
    """The directory's page of a provider, in our own codes."""
    return {
        "name": shop.name, "group": shop.group, "kind": shop.kind, "legal_form": shop.legal_form, "uscc": shop.uscc,
        "intro": shop.intro, "demo": shop.demo, "paused": shop.paused,
        "verified_at": records.moment(shop.verified_at) if shop.verified_at else "",
        "confirmed_on": shop.confirmed_on.isoformat() if shop.confirmed_on else "",
        "sites": [
            {"name": one.name, "address": one.address, "accessibility": list(one.accessibility), "note": one.note}
            for one in shop.sites
        ],
        "services": [
            {
                "id": str(one.id), "title": one.title, "price_class": one.price_class,
                "price": None if one.price is None else f"{one.price.normalize():f}",
                "usual_price": None if one.usual_price is None else f"{one.usual_price.normalize():f}",
                "delivery_mode": one.delivery_mode, "schedule": one.schedule, "terms": rules.stored(one.terms),
                "streets": [area.name for area in one.areas],
            }
            for one in offers
            if one.state == "active"
        ],
    }  # fmt: skip


def _shop(provider_id: UUID) -> records.Shop | None:
    row = db.session.execute(
        select(
            Provider.id, Provider.slug, Provider.name, Provider.name_en, Provider.group, Provider.kind, Provider.legal_form,
            Provider.uscc, Provider.intro, Provider.state, Provider.demo, Provider.verified_at, Provider.confirmed_on,
            Provider.modified_at, Provider.public_name, Provider.public_consent_at, Provider.paused_at,
            Provider.paused_until,
        ).where(Provider.id == provider_id)
    ).one()  # fmt: skip
    name = public_name(row)
    if row.state != "active" or name is None:
        return None
    alone = row.group == "individual"
    return records.Shop(
        id=row.id, slug=row.slug, name=name, name_en="" if alone else row.name_en, group=row.group, kind=row.kind,
        legal_form=rules.LEGAL_FORMS.get(row.legal_form, ""), uscc="" if alone else row.uscc or "",
        intro="" if alone else row.intro, paused=rules.paused(row.paused_at, row.paused_until, today()), demo=row.demo,
        verified_at=row.verified_at, confirmed_on=row.confirmed_on, modified_at=row.modified_at,
        sites=() if alone else _sites(provider_id),
    )  # fmt: skip


def _sites(provider_id: UUID) -> tuple[records.Site, ...]:
    p = ProviderLocation
    rows = db.session.execute(
        select(p.id, p.name, p.address, p.city, p.province, p.postal_code, p.accessibility, p.note)
        .where(p.provider_id == provider_id, p.state == "active")
        .order_by(p.id)
    )
    return tuple(records.Site(**row._mapping) for row in rows)


def _offers(provider_id: UUID) -> list[records.Offer]:
    s = ProviderService
    rows = db.session.execute(
        select(
            s.id, s.service_type, s.title, s.price_class, s.price, s.usual_price, s.delivery_mode, s.schedule, s.state,
            s.terms, s.location_id.label("site"), s.modified_at,
        ).where(s.provider_id == provider_id, s.service_type.not_in(restricted.CODES)).order_by(s.id)
    ).all()  # fmt: skip
    areas: dict[UUID, list[records.Area]] = {row.id: [] for row in rows}
    for area in db.session.execute(
        select(ServiceArea.service_id, Street.id, Street.name, Street.code)
        .join(Street, Street.id == ServiceArea.street_id)
        .where(ServiceArea.service_id.in_(areas))
        .order_by(Street.slug)
    ):
        areas[area.service_id].append(records.Area(area.id, area.name, area.code or ""))
    return [
        records.Offer(**{**row._mapping, "terms": rules.terms(row.terms)}, areas=tuple(areas[row.id])) for row in rows
    ]


# --- what anyone reads -----------------------------------------------------------------------------------------------


def page(asked: Asked, form: str = "brief") -> tuple[list[str], int]:
    """Records of one page as they are sent (`minimal`, `brief` or `whole`), in the order of their ids, and how many
    there are in all."""
    column = {"minimal": OpenRecord.minimal, "brief": OpenRecord.brief, "whole": OpenRecord.whole}[form]
    narrowed = _narrow(select(OpenRecord.id), asked)
    total = db.session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0
    rows = _narrow(select(OpenRecord.id, column.label("text")), asked).order_by(OpenRecord.id)
    found = db.session.execute(rows.offset((asked.page - 1) * asked.size).limit(asked.size)).all()
    return [row.text for row in found], total


def one(kind: str, key: UUID) -> str | None:
    """One record in full, None when there is none."""
    return db.session.scalar(select(OpenRecord.whole).where(OpenRecord.id == key, OpenRecord.kind == kind))


def of_organizations(ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The services of organisations in full, as they are sent."""
    rows = db.session.execute(
        select(OpenRecord.provider_id, OpenRecord.whole)
        .where(OpenRecord.provider_id.in_(ids), OpenRecord.kind == "service")
        .order_by(OpenRecord.id)
    )
    found: dict[UUID, list[str]] = {key: [] for key in ids}
    for row in rows:
        found[row.provider_id].append(row.whole)
    return found


@dataclass(frozen=True, slots=True)
class Places:
    """How many of a month's places of a service are left, and how it stands (rules.CAPACITY)."""

    left: int
    most: int
    status: str
    updated: datetime
    """When these figures last changed: a place was taken or given back, the offer was changed, or the month began."""


def places(ids: Sequence[UUID]) -> dict[UUID, records.Record]:
    """`standing` of services as HSDS records."""
    return {
        key: records.capacity(key, row.left, row.most, row.status, row.updated) for key, row in standing(ids).items()
    }


def standing(ids: Sequence[UUID]) -> dict[UUID, Places]:
    """Places left this month of services, from the ledger that every offer reserves from, those of the coming slots of
    the month among them; none for what is not listed."""
    month = rules.month(today())
    began = datetime.combine(month, time(), ZONE)
    lines = aliased(Capacity)
    changed = select(func.max(lines.updated_at)).where(lines.service_id == Listing.service_id, lines.period >= month)
    booked = slots.coming(ids, slots.month_end(month))
    rows = db.session.execute(
        select(
            Listing.service_id,
            Listing.places_a_month,
            Listing.who,
            func.coalesce(Capacity.maximum, Listing.places_a_month).label("most"),
            func.coalesce(Capacity.reserved + Capacity.used, 0).label("taken"),
            func.greatest(changed.scalar_subquery(), OpenRecord.modified_at, began).label("updated"),
        )
        .outerjoin(OpenRecord, OpenRecord.id == Listing.service_id)
        .outerjoin(Capacity, (Capacity.service_id == Listing.service_id) & (Capacity.period == month))
        .where(Listing.service_id.in_(ids))
    ).all()
    full = {row.service_id: row.places_a_month for row in rows if row.most <= row.taken}
    ahead, later = slots.coming(full), vacancies.next_free_of(full, today())
    found = {}
    for row in rows:
        more, any_slot = booked.get(row.service_id), ahead.get(row.service_id)
        left, most = row.most - row.taken, row.most
        able = left + (any_slot.left if any_slot else 0)
        status = rules.capacity_status(able, later.get(row.service_id) is not None, bool(row.who.get("groups")))
        found[row.service_id] = Places(
            left + (more.left if more else 0), most + (more.maximum if more else 0), status, row.updated
        )
    return found


def shop_page(slug: str) -> tuple[UUID, dict[str, Any]] | None:
    """What anyone may read of an active provider: its id and its page in our own codes; None for any other."""
    found = db.session.execute(
        select(OpenRecord.id, OpenRecord.page).where(OpenRecord.slug == slug, OpenRecord.kind == "organization")
    ).one_or_none()
    return (found.id, found.page) if found else None


def _narrow(query: Select[*tuple[Any, ...]], asked: Asked) -> Select[*tuple[Any, ...]]:
    query = query.where(OpenRecord.kind == asked.kind)
    if pairs := list(pinyin.bigrams(asked.search)):
        query = query.where(OpenRecord.words.op("@>")(cast(pairs, ARRAY(Text))))
    if asked.term_id:
        query = query.where(OpenRecord.terms.op("@>")(cast([asked.term_id], ARRAY(Uuid))))
    if asked.taxonomy_id:
        known = [key for key, one in taxonomies.terms().items() if one.taxonomy.id == asked.taxonomy_id]
        query = query.where(OpenRecord.terms.op("&&")(cast(known, ARRAY(Uuid))))
    if asked.organization_id:
        query = query.where(OpenRecord.provider_id == asked.organization_id)
    if asked.modified_after:
        query = query.where(OpenRecord.modified_at >= asked.modified_after)
    return query
