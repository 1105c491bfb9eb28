"""Places left of a service, month by month; a month nobody asked for yet is free as a whole."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, any_, func, select

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import rules
from rongjiu.marketplace.models import (
    WHOLE_MONTH,
    Capacity,
    ProviderService,
)
from rongjiu.prepared import Prepared, given


def free_places(service_ids: Collection[UUID], period: date) -> dict[UUID, int]:
    """Places left of each service in the month of `period`; a month nobody asked for yet is free as a whole."""
    if not service_ids:
        return {}
    rows = db.session.execute(
        select(ProviderService.id, left_in(period).label("left")).where(ProviderService.id.in_(service_ids))
    )
    return {row.id: row.left for row in rows}


def next_free(service_id: UUID, start: date) -> date | None:
    """First day of the first month from `start` on with a place left; None within a year."""
    places = db.session.scalar(select(ProviderService.places_a_month).where(ProviderService.id == service_id))
    span = rules.months(start)
    known = db.session.execute(
        select(Capacity.period, (Capacity.maximum - Capacity.reserved - Capacity.used).label("left")).where(
            Capacity.service_id == service_id, Capacity.period.in_(span)
        )
    )
    left = {row.period: row.left for row in known}
    return rules.first_free(start, {period for period in span if left.get(period, places or 0) <= 0})


def next_free_of(places: Mapping[UUID, int], start: date) -> dict[UUID, date | None]:
    """`next_free` of several services (id → places a month) in one query."""
    if not places:
        return {}
    span, left = rules.months(start), dict[UUID, dict[date, int]]()
    for row in _LEFT.rows(services=list(places), months=list(span)):
        left.setdefault(row.service_id, {})[row.period] = row.left
    return {
        one: rules.first_free(start, {month for month in span if left.get(one, {}).get(month, usual) <= 0})
        for one, usual in places.items()
    }


_LEFT = Prepared(
    select(Capacity.service_id, Capacity.period, (Capacity.maximum - Capacity.reserved - Capacity.used).label("left")).where(
        Capacity.service_id == any_(given("services", ARRAY(Uuid()))), Capacity.period == any_(given("months", ARRAY(Date())))
    )
)  # fmt: skip


def promised_over(service_id: UUID, places: int) -> list[tuple[date, int]]:
    """Months from this one on in which more is promised than `places`, with how much: that much stays promised."""
    taken = (Capacity.reserved + Capacity.used).label("taken")
    rows = db.session.execute(
        select(Capacity.period, taken)
        .where(
            Capacity.service_id == service_id,
            Capacity.slot_id == WHOLE_MONTH,
            Capacity.period >= rules.month(today()),
            taken > places,
        )
        .order_by(Capacity.period)
    )
    return [(row.period, row.taken) for row in rows]


def left_in(period: date):  # type: ignore[no-untyped-def]  # a scalar SQL expression over provider_service
    """Expression: places left in the month of `period`, correlated with ProviderService."""
    booked = (
        select(Capacity.maximum - Capacity.reserved - Capacity.used)
        .where(Capacity.service_id == ProviderService.id, Capacity.period == rules.month(period))
        .correlate(ProviderService)
        .scalar_subquery()
    )
    return func.coalesce(booked, ProviderService.places_a_month)
