"""One ledger of places: of many who ask at the same moment nobody is promised what there is not."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete

from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity
from rongjiu.marketplace.models import (
    Admission,
    Capacity,
    Listing,
    OpenRecord,
    Provider,
    ProviderService,
    Reservation,
    ServiceArea,
)
from rongjiu.marketplace.rules import following, month
from rongjiu.tenancy.models import Community, District, Street
from tests import factories
from tests.places_left import PERIOD, ledger_row


@pytest.fixture
def standing(app: Flask) -> Iterator[tuple[UUID, list[UUID]]]:
    """One service with one place, admitted by two communities of its own, committed; removed afterwards."""
    with app.app_context():
        street = factories.a_street()
        provider = factories.a_provider(street)
        offered = factories.a_service(provider, street, places=1)
        here = [factories.a_community(street), factories.a_community(street)]
        for community in here:
            factories.an_admission(provider, community)
        ids = [one.id for one in here]
        service_id, provider_id, street_id, district_id = offered.id, provider.id, street.id, street.district_id
        db.session.commit()
        db.session.remove()
    yield service_id, ids
    with app.app_context():
        for statement in (
            delete(Reservation).where(Reservation.service_id == service_id),
            delete(Capacity).where(Capacity.service_id == service_id),
            delete(Admission).where(Admission.provider_id == provider_id),
            delete(Listing).where(Listing.provider_id == provider_id),
            delete(OpenRecord).where(OpenRecord.provider_id == provider_id),
            delete(ServiceArea).where(ServiceArea.service_id == service_id),
            delete(ProviderService).where(ProviderService.provider_id == provider_id),
            delete(Provider).where(Provider.id == provider_id),
            delete(Community).where(Community.id.in_(ids)),
            delete(Street).where(Street.id == street_id),
            delete(District).where(District.id == district_id),
        ):
            db.session.execute(statement)
        db.session.commit()
        db.session.remove()


def test_of_two_at_the_same_moment_one_wins(app: Flask, standing: tuple[UUID, list[UUID]]) -> None:
    offered, communities = standing
    gate, told = threading.Barrier(2), list[str]()

    def ask(community: UUID) -> None:
        with app.app_context():
            try:
                gate.wait(5)
                capacity.reserve(uuid7(), offered, PERIOD, community)
                db.session.commit()
                told.append("held")
            except capacity.Full as full:
                db.session.rollback()
                told.append(f"full until {full.next_free}")
            finally:
                db.session.remove()

    askers = [threading.Thread(target=ask, args=(community,)) for community in communities]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(10)
    assert sorted(told) == [f"full until {following(month(PERIOD))}", "held"]
    with app.app_context():
        assert ledger_row(offered) == (1, 1, 0)
        db.session.remove()


def test_of_fifty_at_the_same_moment_exactly_one_wins(app: Flask, standing: tuple[UUID, list[UUID]]) -> None:
    offered, communities = standing
    gate, told = threading.Barrier(50), list[str]()

    def ask(community: UUID) -> None:
        with app.app_context():
            try:
                gate.wait(20)
                capacity.reserve(uuid7(), offered, PERIOD, community)
                db.session.commit()
                told.append("held")
            except capacity.Full:
                db.session.rollback()
                told.append("full")
            finally:
                db.session.remove()

    askers = [threading.Thread(target=ask, args=(communities[n % 2],)) for n in range(50)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(30)
    assert (told.count("held"), told.count("full")) == (1, 49)
    with app.app_context():
        assert ledger_row(offered) == (1, 1, 0)
