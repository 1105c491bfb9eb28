"""Letting a provider in: each step with its event and who acts next."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions import queries, rules, service
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from tests import factories
from tests.admitting import (
    CLERK,
    ONE_PRESS,
    World,
    a_world,
    community_of,
    events,
    provider_of,
    reserve,
    row_of,
    steps,
    told,
    way,
)


@pytest.fixture
def world(inside: None) -> Iterator[World]:
    with a_world() as found:
        yield found


def test_a_clerk_looks_and_the_secretary_decides(world: World) -> None:
    service.ask(world.provider, world.tenant.uid)
    service.ask(world.provider, world.tenant.uid)
    assert steps() == [("assistance_clerk", "看准入请求")]
    due = row_of(world).due_at
    with acting(CLERK):
        service.review(world.provider, world.place, "电话问过价格")
        assert (row_of(world).holder, row_of(world).due_at) == ("救助专干", due)
        for verb in (
            lambda: service.admit(world.provider, world.place, None),
            lambda: service.deny(world.provider, world.place, "不行"),
        ):
            with pytest.raises(Clash):
                verb()
    assert steps() == [("secretary", "决定是否准入")]
    service.admit(world.provider, world.place, 4)
    assert way(world) == ONE_PRESS
    assert [(each.actor, each.post, each.words) for each in events(world)] == [
        ("provider", "", ""), ("clerk", "救助专干", "电话问过价格"), ("secretary", "社区书记", ""), ("secretary", "社区书记", ""),
    ]  # fmt: skip
    assert steps() == [] and told() == ["admitted"]
    reserve(world)


def test_a_post_is_kept_and_nobodys_name(world: World) -> None:
    clerk = factories.a_person_with_role("assistance_clerk", "community", world.tenant.uid, post="二楼窗口")
    service.ask(world.provider, world.tenant.uid)
    with acting(Actor(clerk.account.id, "assistance_clerk", clerk.account.name)):
        service.review(world.provider, world.place)
    assert (row_of(world).holder, events(world)[-1].post) == ("二楼窗口", "二楼窗口")


def test_one_press_writes_every_step(world: World) -> None:
    service.admit(world.provider, world.place, None)
    service.admit(world.provider, world.place, None)
    assert way(world) == ONE_PRESS, "the same again is nothing"
    service.admit(world.provider, world.place, 3)
    assert way(world) == [*ONE_PRESS, "active"]
    assert told() == ["admitted", "admission_terms"]


def test_a_no_is_read_and_may_be_asked_again(world: World) -> None:
    service.ask(world.provider, world.tenant.uid)
    with pytest.raises(Refused, match="请写明原因") as refused:
        service.deny(world.provider, world.place, " ")
    assert refused.value.field == "reason"
    service.deny(world.provider, world.place, "本社区已有三家")
    assert (row_of(world).state, row_of(world).reason) == ("denied", "本社区已有三家")
    assert told() == ["admission_denied"] and steps() == []
    with pytest.raises(Clash):
        service.deny(world.provider, world.place, "再说一次")
    with pytest.raises(Clash):
        service.suspend(world.provider, world.place, "没准入的停不了")
    with pytest.raises(Clash):
        service.step_out(world.provider, world.tenant.uid)
    service.ask(world.provider, world.tenant.uid)
    assert way(world) == ["applied", "under_review", "denied", "applied"]
    assert row_of(world).reason == ""


def test_a_stop_is_looked_at_again_and_resumed_in_one_press(world: World) -> None:
    with pytest.raises(Absent):
        service.suspend(world.provider, world.place, "没来过")
    service.admit(world.provider, world.place, None)
    service.suspend(world.provider, world.place, "两次没到")
    service.suspend(world.provider, world.place, "两次没到")
    assert steps() == [("secretary", "看能不能恢复派单")]
    with pytest.raises(Refused, match="还没有准入"):
        reserve(world)
    service.suspend(world.provider, world.place, "还在换人")
    assert (row_of(world).reason, told()) == ("还在换人", ["admitted", "stopped"])
    service.admit(world.provider, world.place, None)
    assert way(world) == [*ONE_PRESS, "suspended", "suspended", "active"]
    assert steps() == []
    reserve(world)


@pytest.mark.parametrize("state", ["applied", "under_review", "approved", "active", "suspended", "expired"])
def test_the_provider_steps_out_and_is_not_fetched_back(world: World, state: str) -> None:
    with pytest.raises(Absent):
        service.step_out(world.provider, world.tenant.uid)
    row = factories.an_admission(provider_of(world), community_of(world), state=state, starts_on=today())
    service.step_out(world.provider, world.tenant.uid)
    service.step_out(world.provider, world.tenant.uid)
    assert (row.state, row.due_at) == ("withdrawn", None) and steps() == []
    waiting = state in rules.WAITING
    assert told("admission.desk_told") == ["admission_taken_back" if waiting else "admission_left"]
    with pytest.raises(Clash, match="自己退出"):
        service.admit(world.provider, world.place, None)
    service.ask(world.provider, world.tenant.uid)
    assert row_of(world).state == "applied"


def test_nobody_lets_the_own_shop_in(world: World) -> None:
    owner = factories.a_person_with_role("provider_owner", "provider", world.provider)
    service.ask(world.provider, world.tenant.uid)
    with acting(Actor(owner.account.id, "secretary", "社区书记")):
        for verb in (
            lambda: service.review(world.provider, world.place), lambda: service.admit(world.provider, world.place, None),
            lambda: service.deny(world.provider, world.place, "不行"),
        ):  # fmt: skip
            with pytest.raises(Refused, match="同事"):
                verb()
    assert row_of(world).state == "applied"


@pytest.mark.parametrize(
    "words",
    [
        {"state": "asked"},
        {"state": "applied", "due_at": None},
        {"state": "approved", "starts_on": None, "due_at": now()},
    ],
)
def test_the_database_keeps_states_and_due_times(world: World, words: dict[str, Any]) -> None:
    service.admit(world.provider, world.place, None)
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(update(Admission).where(Admission.provider_id == world.provider).values(**words))


def test_events_are_read_by_both_sides_and_by_nobody_else(world: World) -> None:
    service.admit(world.provider, world.place, None)
    count = select(func.count()).select_from(AdmissionEvent)
    assert db.session.scalar(count) == 0
    for words in ({"community_id": world.tenant.uid}, {"provider_id": world.provider}):
        with telling(**words):
            assert db.session.scalar(count) == len(ONE_PRESS)
    with telling(community_id=uuid7()):
        assert db.session.scalar(count) == 0
    (row,) = [each for each in queries.of_provider(world.provider, [world.street]) if each.id == world.tenant.uid]
    assert len(queries.history(row.admission_id, world.tenant.uid)) == len(ONE_PRESS)
    insert = text(
        "INSERT INTO admission_event SELECT gen_random_uuid(), id, provider_id, community_id, now(), '', 'active', "
        "'system', '', NULL, '', '' FROM admission"
    )
    with pytest.raises(DBAPIError, match="row-level security"), db.session.begin_nested():
        db.session.execute(insert)
