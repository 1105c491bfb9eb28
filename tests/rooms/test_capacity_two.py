"""The ledger and its line under any interleaving of two real connections: Σ reserved + used never passes the maximum,
and whoever was served stands in line no longer."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from psycopg.errors import LockNotAvailable
from sqlalchemy import delete, text
from sqlalchemy.exc import OperationalError

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, turns, waiting
from rongjiu.marketplace.models import (
    Admission,
    Capacity,
    Listing,
    ListingArea,
    OpenRecord,
    PlaceWait,
    Provider,
    ProviderService,
    Reservation,
    ServiceArea,
)  # fmt: skip
from rongjiu.outbox import PlatformOutbox
from rongjiu.tenancy.models import Community, District, Street
from tests import factories

PERIOD = date(2031, 3, 1)
PLACES = 2


@pytest.fixture
def offer(app: Flask) -> Iterator[tuple[UUID, UUID]]:
    """A service with two places, admitted by a community, committed; removed afterwards."""
    with app.app_context():
        street = factories.a_street()
        provider = factories.a_provider(street)
        service = factories.a_service(provider, street, places=PLACES)
        community = factories.a_community(street)
        factories.an_admission(provider, community)
        ids = service.id, community.id
        provider_id, street_id, district_id = provider.id, street.id, street.district_id
        db.session.commit()
        db.session.remove()
    yield ids
    with app.app_context():
        for statement in (
            delete(PlatformOutbox).where(PlatformOutbox.kind == "marketplace.places_free"),
            delete(PlaceWait).where(PlaceWait.service_id == ids[0]),
            delete(OpenRecord).where(OpenRecord.provider_id == provider_id),
            delete(Reservation).where(Reservation.service_id == ids[0]),
            delete(Capacity).where(Capacity.service_id == ids[0]),
            delete(Admission).where(Admission.provider_id == provider_id),
            delete(ListingArea).where(ListingArea.service_id == ids[0]),
            delete(Listing).where(Listing.provider_id == provider_id),
            delete(ServiceArea).where(ServiceArea.service_id == ids[0]),
            delete(ProviderService).where(ProviderService.provider_id == provider_id),
            delete(Provider).where(Provider.id == provider_id),
            delete(Community).where(Community.id == ids[1]),
            delete(Street).where(Street.id == street_id),
            delete(District).where(District.id == district_id),
        ):
            db.session.execute(statement)
        db.session.commit()
        db.session.remove()


def _do(verb: str, task: UUID, number: int, service_id: UUID, community_id: UUID) -> None:
    verbs: dict[str, Callable[[], object]] = {
        "reserve": lambda: capacity.reserve(task, service_id, PERIOD, community_id),
        "release": lambda: capacity.release(task),
        "use": lambda: capacity.use(task),
        "wait": lambda: waiting.join(task, service_id, PERIOD, community_id, number % 2),
        "leave": lambda: waiting.leave(task),
        "serve": lambda: turns.serve(service_id, PERIOD),
    }
    verbs[verb]()


def test_two_connections_never_promise_more_than_there_is(app: Flask, offer: tuple[UUID, UUID]) -> None:
    service_id, community_id = offer

    class Ledger(RuleBasedStateMachine):
        """Two sessions, each with a transaction of its own, act in any order; a wait for a lock counts as a refusal."""

        @initialize()
        def empty(self) -> None:
            self.sessions = []
            self.tasks = [uuid7() for _ in range(5)]
            with app.app_context():
                db.session.execute(delete(PlaceWait).where(PlaceWait.service_id == service_id))
                db.session.execute(delete(Reservation).where(Reservation.service_id == service_id))
                db.session.execute(delete(Capacity).where(Capacity.service_id == service_id))
                db.session.commit()
                db.session.remove()
            self.sessions = [db.session.session_factory(), db.session.session_factory()]

        @rule(
            who=st.integers(0, 1),
            task=st.integers(0, 4),
            verb=st.sampled_from(["reserve", "reserve", "use", "release", "wait", "leave", "serve"]),
            ends=st.sampled_from(["keep", "keep", "hold", "undo"]),
        )
        def act(self, who: int, task: int, verb: str, ends: str) -> None:
            with _Acting(app, self.sessions[who]) as session:
                try:
                    session.execute(text("SET LOCAL lock_timeout = '20ms'"))
                    _do(verb, self.tasks[task], task, service_id, community_id)
                except Refused:
                    session.rollback()
                except OperationalError as error:
                    assert isinstance(error.orig, LockNotAvailable), error
                    session.rollback()
                if ends != "hold":
                    (session.commit if ends == "keep" else session.rollback)()

        @invariant()
        def never_more_than_there_is(self) -> None:
            with app.app_context(), db.engine.connect() as eye:
                row = eye.execute(
                    text("SELECT maximum, reserved, used FROM capacity WHERE service_id = :s"), {"s": service_id}
                ).one_or_none()
                sums = eye.execute(
                    text(
                        "SELECT coalesce(sum(places) FILTER (WHERE state = 'held'), 0), "
                        "coalesce(sum(places) FILTER (WHERE state = 'used'), 0) FROM reservation WHERE service_id = :s"
                    ),
                    {"s": service_id},
                ).one()
                served = eye.execute(
                    text(
                        "SELECT count(*) FROM place_wait w WHERE w.service_id = :s AND w.state = 'offered' "
                        "AND NOT EXISTS (SELECT FROM reservation r WHERE r.id = w.id)"
                    ),
                    {"s": service_id},
                ).scalar_one()
            assert served == 0, "nobody is called without a place"
            if row is None:
                assert tuple(sums) == (0, 0)
            else:
                assert (row.reserved, row.used) == tuple(sums)
                assert row.reserved + row.used <= row.maximum == PLACES

        def teardown(self) -> None:
            with app.app_context():
                for session in getattr(self, "sessions", ()):
                    session.rollback()
                    session.close()

    run_state_machine_as_test(
        Ledger,
        settings=hypothesis_settings(
            max_examples=5, stateful_step_count=24, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


class _Acting:
    """Put one session in the place of `db.session` for a block, on its own connection."""

    def __init__(self, app: Flask, session: object) -> None:
        self.context, self.session = app.app_context(), session

    def __enter__(self):  # type: ignore[no-untyped-def]
        self.context.push()
        db.session.registry.set(self.session)
        return self.session

    def __exit__(self, *_error: object) -> None:
        db.session.registry.clear()
        self.context.pop()
