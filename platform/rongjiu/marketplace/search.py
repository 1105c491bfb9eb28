"""The shared marketplace as one searches it, and as one community sees it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, cast, exists, func, or_, select

from rongjiu import pinyin
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import places, restricted, rules
from rongjiu.marketplace.admissions.queries import in_force, standing
from rongjiu.marketplace.admissions.rules import WAITING
from rongjiu.marketplace.candidates import stale
from rongjiu.marketplace.models import Admission, Capacity, Listing, ListingArea, Provider, Reservation
from rongjiu.marketplace.queries import Line
from rongjiu.tenancy.models import District, Street

PAGE = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty parts do not narrow."""

    words: str = ""
    street_id: UUID | None = None
    service_type: str = ""
    price_class: str = ""
    mode: str = ""
    page: int = 1


@dataclass(slots=True)
class Area:
    """What one street has in public."""

    id: UUID
    name: str
    district: str
    services: int = 0
    kinds: list[tuple[str, int]] = field(default_factory=list)
    slugs: set[str] = field(default_factory=set)


def listings(wanted: Wanted) -> tuple[list[Line], int]:
    """Listings that may appear in public and fit, what is open and confirmed first, then what is free of charge, and
    how many there are in all. Words are found by bigrams of characters or of pinyin, so 理发 and lifa find 上门理发;
    every pair must occur."""
    query = select(
        Listing.service_id, Listing.provider_slug, Listing.public_name, Listing.kind, Listing.service_type,
        Listing.title, Listing.price_class, Listing.price, Listing.delivery_mode, Listing.places_a_month,
        Listing.demo, Listing.verified_at, Listing.paused, stale().label("stale"),
    )  # fmt: skip
    query = _narrow(query.where(Listing.public_name.is_not(None)), wanted)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    start = (max(wanted.page, 1) - 1) * PAGE
    order = (
        Listing.paused,
        stale(),
        Listing.price_class != "free",
        Listing.price.asc().nulls_last(),
        Listing.provider_slug,
        Listing.service_id,
    )
    return list(db.session.execute(query.order_by(*order).offset(start).limit(PAGE))), total


def _narrow(query: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.street_id or wanted.service_type:
        areas = exists().where(ListingArea.service_id == Listing.service_id)
        if wanted.street_id:
            areas = areas.where(ListingArea.street_id == wanted.street_id)
        if wanted.service_type:
            areas = areas.where(ListingArea.service_type == wanted.service_type)
        query = query.where(areas)
    if wanted.price_class:
        for_some = Listing.who["costs"].contains([{"price_class": wanted.price_class}])
        query = query.where(or_(Listing.price_class == wanted.price_class, for_some))
    if wanted.mode:
        query = query.where(Listing.delivery_mode == wanted.mode)
    pairs = list(pinyin.bigrams(wanted.words))
    if pairs:
        query = query.where(Listing.words.op("@>")(cast(pairs, ARRAY(Text))))
    return query


def by_area() -> list[Area]:
    """What each street has, by district and street: how many providers and services in public, and of which kinds."""
    rows = db.session.execute(
        select(
            Street.id, Street.name, District.name.label("district"), ListingArea.service_type,
            func.count(Listing.service_id).label("services"),
            func.array_agg(Listing.provider_slug.distinct()).label("slugs"),
        )
        .join(District, District.id == Street.district_id)
        .join(ListingArea, ListingArea.street_id == Street.id)
        .join(Listing, Listing.service_id == ListingArea.service_id)
        .where(Listing.public_name.is_not(None))
        .group_by(Street.id, Street.name, Street.slug, District.name, District.slug, ListingArea.service_type)
        .order_by(District.slug, Street.slug, func.count(Listing.service_id).desc(), ListingArea.service_type)
    )  # fmt: skip
    found: dict[UUID, Area] = {}
    for row in rows:
        one = found.setdefault(row.id, Area(row.id, row.name, row.district))
        one.services += row.services
        one.kinds.append((row.service_type, row.services))
        one.slugs.update(row.slugs)
    return list(found.values())


def places_left(provider_id: UUID) -> dict[str, Line]:
    """Places of this month for each listed service of a provider, by id as text: used, reserved, maximum, and beside them
    slots_left and slots_most of its coming slots."""
    month = rules.month(today())
    rows = db.session.execute(
        select(
            Listing.service_id, func.coalesce(Capacity.used, 0).label("used"),
            func.coalesce(Capacity.reserved, 0).label("reserved"),
            func.coalesce(Capacity.maximum, Listing.places_a_month).label("maximum"),
            places.slots_left(Listing.service_id, month).label("slots_left"),
            places.slots_most(Listing.service_id, month).label("slots_most"),
        )
        .outerjoin(Capacity, and_(Capacity.service_id == Listing.service_id, Capacity.period == month))
        .where(Listing.provider_id == provider_id)
    )  # fmt: skip
    return {str(row.service_id): row for row in rows}


@dataclass(frozen=True, slots=True)
class Offered:
    """One provider as a community's desk sees it."""

    id: UUID
    slug: str
    name: str
    kind: str
    state: str
    demo: bool
    admission: str
    """How the community stands to it today (admissions.rules.STATES); '' for not at all."""
    due_at: datetime | None
    ends_on: date | None
    monthly_limit: int | None
    reason: str
    titles: tuple[str, ...]
    free: int
    """Places left this month over all its services, those of the month's coming slots among them."""
    ours: int
    """Places that this community holds or has used this month."""


def _left(month: date) -> ColumnElement[int]:
    """Expression: places left of a listed service in a month whose ledger is joined, its coming slots among them."""
    own = func.coalesce(Capacity.maximum - Capacity.reserved - Capacity.used, Listing.places_a_month)
    return own + places.slots_left(Listing.service_id, month)


def for_community(community_id: UUID, street_id: UUID | None, *, period: date | None = None) -> list[Offered]:
    """Providers that serve a community's street or that it knows, those that wait for an answer first, then admitted,
    then the others."""
    month = rules.month(period or today())
    left = _left(month)
    listed = (
        select(
            Listing.provider_id,
            func.array_agg(Listing.title).filter(restricted.in_public()).label("titles"),
            func.sum(left).label("free"),
            func.bool_or(ListingArea.street_id.is_not(None)).label("here"),
        )
        .outerjoin(ListingArea, and_(ListingArea.service_id == Listing.service_id, ListingArea.street_id == street_id))
        .outerjoin(Capacity, and_(Capacity.service_id == Listing.service_id, Capacity.period == month))
        .group_by(Listing.provider_id)
        .subquery()
    )
    state = standing()
    rows = db.session.execute(
        select(
            Provider.id, Provider.slug, Provider.name, Provider.kind, Provider.state, Provider.demo,
            state.label("admission"), Admission.due_at, Admission.ends_on, Admission.monthly_limit, func.coalesce(Admission.reason, "").label("reason"),
            listed.c.titles, func.coalesce(listed.c.free, 0).label("free"),
        )
        .outerjoin(listed, listed.c.provider_id == Provider.id)
        .outerjoin(Admission, and_(Admission.provider_id == Provider.id, Admission.community_id == community_id))
        .where(or_(listed.c.here, Admission.id.is_not(None)))
        .order_by(state.not_in(WAITING), (state != "approved"), (state != "active"), Provider.slug)
    ).all()  # fmt: skip
    ours = _ours(community_id, month)
    return [
        Offered(**{**row._mapping, "titles": tuple(row.titles or ()), "free": int(row.free)}, ours=ours.get(row.id, 0))
        for row in rows
    ]


def _ours(community_id: UUID, month: date) -> dict[UUID, int]:
    rows = db.session.execute(
        select(Listing.provider_id, func.sum(Reservation.places).label("places"))
        .join(Listing, Listing.service_id == Reservation.service_id)
        .where(
            Reservation.community_id == community_id, Reservation.period == month, Reservation.state != "released"
        )
        .group_by(Listing.provider_id)
    )  # fmt: skip
    return {row.provider_id: int(row.places) for row in rows}


def resources(community_id: UUID, *, period: date | None = None) -> dict[str, int]:
    """The numbers of the pillar 联: providers admitted, services they offer, places left this month, asking to come."""
    month = rules.month(period or today())
    left = _left(month)
    row = db.session.execute(
        select(
            func.count(func.distinct(Listing.provider_id)).label("providers"),
            func.count(Listing.service_id).label("services"),
            func.coalesce(func.sum(left), 0).label("free"),
        )
        .join(Admission, and_(Admission.provider_id == Listing.provider_id, in_force()))
        .outerjoin(Capacity, and_(Capacity.service_id == Listing.service_id, Capacity.period == month))
        .where(Admission.community_id == community_id)
    ).one()
    asking = db.session.scalar(
        select(func.count()).select_from(Admission).where(
            Admission.community_id == community_id, Admission.state.in_(WAITING)
        )
    )  # fmt: skip
    return {"providers": row.providers, "services": row.services, "free": int(row.free), "asking": asking or 0}
