"""Reads over the marketplace: who can help in a street, what a page shows of a provider."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import and_, exists, func, select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import rules
from rongjiu.marketplace.models import Admission, Capacity, Listing, ListingArea, ProviderPaper


@dataclass(frozen=True, slots=True)
class Candidate:
    """One service that could take a referral in a street, with what ranking needs."""

    service_id: UUID
    provider_id: UUID
    provider_slug: str
    provider_name: str
    group: str
    kind: str
    service_type: str
    title: str
    price_class: str
    price: Decimal | None
    delivery_mode: str
    places_a_month: int
    free: int
    """Places left in the month asked for."""
    admission: str
    """'' | asked | active | stopped: how the community asked about stands to it."""
    monthly_limit: int | None
    verified_at: datetime | None
    demo: bool


def candidates(
    street_id: UUID, service_types: Collection[str], *, community_id: UUID | None = None, period: date | None = None
) -> list[Candidate]:
    """Listed services of these types offered in a street, admitted ones first, then those with places, free of charge
    first; providers whose papers have ended are left out. One query. `period`: any day of the month (default: today)."""
    month = rules.month(period or today())
    free = func.coalesce(Capacity.maximum - Capacity.reserved - Capacity.used, Listing.places_a_month)
    ended = exists().where(ProviderPaper.provider_id == Listing.provider_id, ProviderPaper.ends_on < today())
    at_home = and_(Admission.provider_id == Listing.provider_id, Admission.community_id == community_id)
    rows = db.session.execute(
        select(
            Listing.service_id, Listing.provider_id, Listing.provider_slug, Listing.provider_name, Listing.group,
            Listing.kind, Listing.service_type, Listing.title, Listing.price_class, Listing.price,
            Listing.delivery_mode, Listing.places_a_month, free.label("free"),
            func.coalesce(Admission.state, "").label("admission"), Admission.monthly_limit, Listing.verified_at,
            Listing.demo,
        )
        .join(ListingArea, ListingArea.service_id == Listing.service_id)
        .outerjoin(Capacity, and_(Capacity.service_id == Listing.service_id, Capacity.period == month))
        .outerjoin(Admission, at_home)
        .where(ListingArea.street_id == street_id, ListingArea.service_type.in_(service_types), ~ended)
        .order_by(
            (func.coalesce(Admission.state, "") == "active").desc(),
            (free > 0).desc(),
            Listing.price.asc().nulls_first(),
            Listing.provider_slug,
        )
    )  # fmt: skip
    return [Candidate(**row._mapping) for row in rows]
