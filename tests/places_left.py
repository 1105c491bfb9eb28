"""A service with places in one month, for tests of the ledger."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.marketplace.models import (
    Capacity,
)
from rongjiu.tenancy.models import Street
from tests import factories

PERIOD = date(2030, 5, 1)


def a_service_with_places(places: int = 2, limit: int | None = None) -> tuple[UUID, UUID]:
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(street)
    offered = factories.a_service(provider, street, places=places)
    factories.an_admission(provider, community, limit=limit)
    return offered.id, community.id


def ledger_row(service_id: UUID, period: date = PERIOD) -> tuple[int, int, int]:
    found = db.session.execute(
        select(Capacity.maximum, Capacity.reserved, Capacity.used).where(
            Capacity.service_id == service_id, Capacity.period == period
        )
    ).one()
    return found.maximum, found.reserved, found.used
