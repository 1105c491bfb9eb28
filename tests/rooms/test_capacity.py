"""One ledger of places: never more promised than there is, whoever asks."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from rongjiu.clock import ZONE, now
from rongjiu.db import db
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import candidates, capacity, service, vacancies
from rongjiu.marketplace.models import (
    WHOLE_MONTH,
    Capacity,
    Provider,
    ProviderPaper,
    ProviderService,
    Reservation,
)
from rongjiu.tenancy.models import Community, Street
from tests import factories
from tests.places_left import PERIOD, a_service_with_places, ledger_row


def test_reserving_makes_the_month_and_counts(inside: None) -> None:
    offered, community = a_service_with_places(places=2)
    assert vacancies.free_places([offered], PERIOD) == {offered: 2}
    capacity.reserve(uuid7(), offered, date(2030, 5, 17), community)
    assert ledger_row(offered) == (2, 1, 0)
    assert vacancies.free_places([offered], PERIOD) == {offered: 1}


def test_the_same_task_reserves_once(inside: None) -> None:
    offered, community = a_service_with_places()
    task = uuid7()
    capacity.reserve(task, offered, PERIOD, community)
    capacity.reserve(task, offered, PERIOD, community)
    assert ledger_row(offered) == (2, 1, 0)


def test_a_task_that_moves_to_another_month_frees_the_first(inside: None) -> None:
    offered, community = a_service_with_places()
    task = uuid7()
    capacity.reserve(task, offered, PERIOD, community)
    capacity.reserve(task, offered, date(2030, 6, 3), community)
    assert ledger_row(offered) == (2, 0, 0)
    assert ledger_row(offered, date(2030, 6, 1)) == (2, 1, 0)


def test_release_and_use_count_once(inside: None) -> None:
    offered, community = a_service_with_places(places=3)
    first, second = uuid7(), uuid7()
    capacity.reserve(first, offered, PERIOD, community)
    capacity.reserve(second, offered, PERIOD, community)
    assert capacity.use(first) is True
    assert capacity.use(first) is False
    assert capacity.release(first) is False
    assert capacity.release(second) is True
    assert capacity.release(second) is False
    assert capacity.release(uuid7()) is False
    assert ledger_row(offered) == (3, 0, 1)


def test_full_names_the_next_free_month(inside: None) -> None:
    offered, community = a_service_with_places(places=1)
    for period in (PERIOD, date(2030, 6, 1)):
        capacity.reserve(uuid7(), offered, period, community)
    with pytest.raises(capacity.Full) as refused:
        capacity.reserve(uuid7(), offered, PERIOD, community)
    assert refused.value.next_free == date(2030, 7, 1)
    assert refused.value.status == 409
    assert "刚被约满:7月1日起可约" in str(refused.value)
    assert vacancies.next_free(offered, PERIOD) == date(2030, 7, 1)


def test_a_service_without_places_is_never_free(inside: None) -> None:
    offered, community = a_service_with_places(places=0)
    assert vacancies.next_free(offered, PERIOD) is None
    with pytest.raises(capacity.Full, match="近一年没有空名额"):
        capacity.reserve(uuid7(), offered, PERIOD, community)


def test_a_community_keeps_to_its_own_limit(inside: None) -> None:
    offered, community = a_service_with_places(places=9, limit=2)
    held = [uuid7(), uuid7()]
    for task in held:
        capacity.reserve(task, offered, PERIOD, community)
    with pytest.raises(Clash, match="名额"):
        capacity.reserve(uuid7(), offered, PERIOD, community)
    capacity.release(held[0])
    capacity.reserve(uuid7(), offered, PERIOD, community)


def test_without_admission_or_activity_nothing_is_held(inside: None) -> None:
    offered, _ = a_service_with_places()
    with pytest.raises(Refused, match="没有准入"):
        capacity.reserve(uuid7(), offered, PERIOD, factories.a_community().id)
    offered, community = a_service_with_places()
    provider = db.session.scalars(
        select(Provider)
        .join(ProviderService, ProviderService.provider_id == Provider.id)
        .where(ProviderService.id == offered)
    ).one()
    provider.state = "suspended"
    db.session.flush()
    with pytest.raises(Refused, match="不接单"):
        capacity.reserve(uuid7(), offered, PERIOD, community)


def test_ended_papers_stop_offers(inside: None) -> None:
    offered, community = a_service_with_places()
    provider = db.session.scalar(select(ProviderService.provider_id).where(ProviderService.id == offered))
    from rongjiu.files import PlatformFile  # noqa: PLC0415  only this test needs a file row

    file = PlatformFile(
        id=uuid7(), name="x.pdf", mime="application/pdf", size=1, digest="0", owner_kind="provider",
        owner_id=provider, created_at=factories.now(),
    )  # fmt: skip
    db.session.add(file)
    db.session.flush()
    db.session.add(
        ProviderPaper(id=uuid7(), provider_id=provider, kind="licence", ends_on=date(2020, 1, 1), file_id=file.id)
    )
    db.session.flush()
    with pytest.raises(Refused, match="证照已到期"):
        capacity.reserve(uuid7(), offered, PERIOD, community)
    street = db.session.scalar(select(Community.street_id).where(Community.id == community))
    assert street is not None
    assert provider is not None
    service.publish(provider)
    assert candidates.candidates(street, ["home-haircut"]) == []


def test_fewer_places_keep_what_is_promised(inside: None) -> None:
    offered, community = a_service_with_places(places=3)
    for _ in range(2):
        capacity.reserve(uuid7(), offered, PERIOD, community)
    capacity.resize(offered, 1)
    assert ledger_row(offered) == (2, 2, 0)


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    places=st.integers(0, 3),
    moves=st.lists(st.tuples(st.sampled_from(["reserve", "release", "use"]), st.integers(0, 4)), max_size=12),
)
def test_any_sequence_keeps_the_ledger_true(inside: None, places: int, moves: list[tuple[str, int]]) -> None:
    offered, community = a_service_with_places(places=places)
    tasks = [uuid7() for _ in range(5)]
    state: dict[UUID, str] = {}
    for verb, which in moves:
        task = tasks[which]
        taken = sum(one in ("held", "used") for one in state.values())
        if verb == "reserve" and state.get(task) not in ("held", "used"):
            if taken < places:
                capacity.reserve(task, offered, PERIOD, community)
                state[task] = "held"
            else:
                with pytest.raises(capacity.Full):
                    capacity.reserve(task, offered, PERIOD, community)
        elif verb == "reserve":
            capacity.reserve(task, offered, PERIOD, community)
        else:
            done = {"release": capacity.release, "use": capacity.use}[verb](task)
            assert done is (state.get(task) == "held")
            if done:
                state[task] = "released" if verb == "release" else "used"
    held, used = (sum(one == word for one in state.values()) for word in ("held", "used"))
    assert vacancies.free_places([offered], PERIOD) == {offered: places - held - used}
    ledger = db.session.execute(
        select(Reservation.state).where(Reservation.service_id == offered, Reservation.state != "released")
    ).all()
    assert len(ledger) == held + used
    if held + used:
        assert ledger_row(offered) == (places, held, used)


def test_candidates_rank_what_can_be_used(inside: None) -> None:
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    full, free, stranger = (factories.a_provider(street) for _ in range(3))
    services = {one.id: factories.a_service(one, street, places=1) for one in (full, free, stranger)}
    elsewhere = factories.a_provider(factories.a_street())
    factories.a_service(elsewhere, db.session.get_one(Street, elsewhere.street_id))
    for one in (full, free):
        factories.an_admission(one, community)
    capacity.reserve(uuid7(), services[full.id].id, PERIOD, community.id)
    found = candidates.candidates(street.id, ["home-haircut"], community_id=community.id, period=PERIOD)
    assert [(row.provider_id, row.free, row.admission) for row in found] == [
        (free.id, 1, "active"), (full.id, 0, "active"), (stranger.id, 1, ""),
    ]  # fmt: skip
    assert candidates.candidates(street.id, ["home-bathing"]) == []
    full.state = "suspended"
    service.publish(full.id)
    assert full.id not in {row.provider_id for row in candidates.candidates(street.id, ["home-haircut"])}


@pytest.mark.parametrize("verb", ["reserve", "release", "use", "resize", "close"])
def test_a_line_says_when_its_figures_last_changed(inside: None, verb: str) -> None:
    offered, community = a_service_with_places(places=3)
    task, row = uuid7(), (offered, PERIOD, WHOLE_MONTH)
    with time_machine.travel(datetime(PERIOD.year, PERIOD.month, 3, 9, tzinfo=ZONE), tick=False):
        capacity.reserve(task, offered, PERIOD, community)
        made = now()
    assert db.session.get_one(Capacity, row).updated_at == made
    later = made + timedelta(days=1)
    with time_machine.travel(later, tick=False):
        {
            "reserve": lambda: capacity.reserve(uuid7(), offered, PERIOD, community),
            "release": lambda: capacity.release(task),
            "use": lambda: capacity.use(task),
            "resize": lambda: capacity.resize(offered, 7),
            "close": lambda: capacity.close(offered, PERIOD),
        }[verb]()
        capacity.release(uuid7())
    assert db.session.get_one(Capacity, row, populate_existing=True).updated_at == later
