"""Which listed services could take a referral in a street: one query over the projection alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    exists,
    func,
    or_,
    select,
)

from rongjiu.clock import now, today
from rongjiu.marketplace import places, restricted, rules
from rongjiu.marketplace.admissions.queries import standing
from rongjiu.marketplace.models import (
    Admission,
    Capacity,
    Listing,
    ListingArea,
    ServiceSlot,
)
from rongjiu.prepared import Prepared, given


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
    """How the community asked about stands to it today (admissions.rules.STATES); '' for not at all."""
    monthly_limit: int | None
    verified_at: datetime | None
    demo: bool
    who: dict[str, Any]
    """Who may have it and at which further prices (rules.whom)."""


def candidates(
    street_id: UUID, service_types: Collection[str], *, community_id: UUID | None = None, period: date | None = None,
    most: int | None = None,
) -> list[Candidate]:  # fmt: skip
    """Listed services of these types offered in a street, admitted ones first, then those with places in the month or a
    coming slot, free of charge first; restricted ones only of admitted providers. Providers that are paused, whose
    papers have ended or whose volunteers are not insured for a home are left out. One query over the projection
    alone. `period`: any day of the month (default: today); `most` = at most so many."""
    rows = _CANDIDATES.rows(
        street=street_id, types=list(service_types), community=community_id, month=rules.month(period or today()),
        day=today(), moment=now(), most=most,
    )  # fmt: skip
    return [Candidate(*tuple(row)) for row in rows]


def fit(day: Any = None) -> ColumnElement[bool]:
    """Expression over listings: no paper and no insurance that is needed has ended, by a day (default: today)."""
    return func.coalesce(Listing.fit_until >= (today() if day is None else day), True)


def stale(day: Any = None) -> ColumnElement[bool]:
    """Expression over listings: nobody confirmed it in time (timers listing-verify and listing-demote together)."""
    return func.coalesce(Listing.fresh_until < (today() if day is None else day), False)


def _slot_ahead(moment: Any) -> ColumnElement[bool]:
    """Expression over listings: a slot can still be booked, as far as one look at an index says; how many places are left
    in it is counted for the few that are ranked (slots.coming)."""
    return exists().where(ServiceSlot.service_id == Listing.service_id, *places.still_open(moment)).correlate(Listing)


def _candidates() -> Prepared:
    """The columns stand in the order of Candidate."""
    day, free = (
        given("day", Date()),
        func.coalesce(Capacity.maximum - Capacity.reserved - Capacity.used, Listing.places_a_month),
    )
    at_home = and_(Admission.provider_id == Listing.provider_id, Admission.community_id == given("community", Uuid()))
    state = standing()
    wanted = ListingArea.service_type == any_(given("types", ARRAY(Text())))
    return Prepared(
        select(
            Listing.service_id, Listing.provider_id, Listing.provider_slug, Listing.provider_name, Listing.group,
            Listing.kind, Listing.service_type, Listing.title, Listing.price_class, Listing.price,
            Listing.delivery_mode, Listing.places_a_month, free.label("free"),
            state.label("admission"), Admission.monthly_limit, Listing.verified_at,
            Listing.demo, Listing.who,
        )
        .join(ListingArea, ListingArea.service_id == Listing.service_id)
        .outerjoin(Capacity, and_(Capacity.service_id == Listing.service_id, Capacity.period == given("month", Date())))
        .outerjoin(Admission, at_home)
        .where(
            ListingArea.street_id == given("street", Uuid()), wanted, fit(day), ~Listing.paused, restricted.open_to(state),
        )
        .order_by(
            (state == "active").desc(),
            or_(free > 0, _slot_ahead(given("moment", DateTime(timezone=True)))).desc(),
            stale(day),
            Listing.price_class != "free",
            Listing.price.asc().nulls_last(),
            Listing.provider_slug,
        )
        .limit(given("most", Integer()))
    )  # fmt: skip


_CANDIDATES = _candidates()
