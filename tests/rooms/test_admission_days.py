"""The days of an admission: when it begins and ends, and an answer that is late."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.marketplace import search
from rongjiu.marketplace.admissions import calendar, service
from rongjiu.marketplace.candidates import candidates
from rongjiu.notify.models import Message
from tests import factories
from tests.admitting import (
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


def test_an_approved_one_begins_on_its_day(world: World) -> None:
    first = today() + timedelta(days=3)
    service.ask(world.provider, world.tenant.uid)
    service.admit(world.provider, world.place, 2, starts_on=first)
    assert row_of(world).state == "approved" and told() == ["admission_day"]
    assert steps() == [("system", "到日子自动开始派单")]
    with pytest.raises(Refused, match="还没有准入"):
        reserve(world)
    calendar.nightly()
    assert row_of(world).state == "approved"
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        calendar.nightly()
        calendar.nightly()
        assert row_of(world).state == "active" and steps() == []
        reserve(world)
    assert way(world)[-2:] == ["approved", "active"]
    assert [(each.actor, each.reason_code) for each in events(world)][-1] == ("system", "start_day")


def test_a_day_to_begin_may_be_changed_or_dropped(world: World) -> None:
    service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=3))
    service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=9))
    assert (row_of(world).state, row_of(world).starts_on) == ("approved", today() + timedelta(days=9))
    service.admit(world.provider, world.place, None)
    assert row_of(world).state == "active"
    with pytest.raises(Refused) as refused:
        service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=3))
    assert refused.value.field == "starts_on"


def test_an_end_is_reminded_of_kept_and_renewed_in_one_press(world: World) -> None:
    last = today() + timedelta(days=40)
    service.admit(world.provider, world.place, None, ends_on=last)
    calendar.nightly()
    assert steps() == [] and "admission_soon" not in told()
    with time_machine.travel(now() + timedelta(days=20), tick=False):
        calendar.nightly()
        calendar.nightly()
        assert steps() == [("secretary", "续准入，不续就到期")]
        assert told().count("admission_soon") == 1 == told("admission.desk_told").count("admission_soon")
    with time_machine.travel(now() + timedelta(days=40), tick=False):
        calendar.nightly()
        reserve(world)
    with time_machine.travel(now() + timedelta(days=41), tick=False):
        with pytest.raises(Refused, match="已到期"):
            reserve(world)
        assert candidates(world.street, ["home-haircut"], community_id=world.tenant.uid)[0].admission == "expired"
        assert search.resources(world.tenant.uid)["providers"] == 0, "before the night has written it down"
        calendar.nightly()
        calendar.nightly()
        assert row_of(world).state == "expired" and told().count("admission_expired") == 1 and steps() == []
        service.admit(world.provider, world.place, None, ends_on=today() + timedelta(days=365))
        assert way(world) == [*ONE_PRESS, "expired", "active"]
        assert events(world)[-1].reason_code == "renewed"
        reserve(world)


def test_without_an_end_nothing_ends(world: World) -> None:
    service.admit(world.provider, world.place, None)
    with time_machine.travel(now() + timedelta(days=4000), tick=False):
        calendar.nightly()
        assert row_of(world).state == "active"


def test_a_late_answer_reminds_the_secretary_and_the_provider_once(world: World) -> None:
    staff = factories.a_person_with_role("secretary", "community", world.tenant.uid)
    staff.account.phone = "13700000001"
    service.ask(world.provider, world.tenant.uid)
    box = outbox.Outbox
    late = db.session.execute(select(box.payload, box.run_after).where(box.kind == "admission.late")).one()
    assert late.run_after == row_of(world).due_at
    for _ in range(2):
        outbox._effects["admission.late"](late.payload)
    assert told() == ["admission_late"] == told("admission.desk_told")
    ring = db.session.scalar(select(box.payload).where(box.kind == "admission.desk_told"))
    outbox._effects["admission.desk_told"](ring)
    texts = db.session.scalars(select(Message.text).where(Message.purpose == "admission")).all()
    assert texts == ["有服务方等准入答复已过期限。请登录“资源”答复。"]
    service.admit(world.provider, world.place, None)
    outbox._effects["admission.late"](late.payload)
    assert told().count("admission_late") == 1


def test_old_requests_find_their_next_actor_at_night(world: World) -> None:
    factories.an_admission(provider_of(world), community_of(world), state="applied")
    calendar.nightly()
    assert steps() == [("assistance_clerk", "看准入请求")]


def test_dates_are_kept_as_typed(world: World) -> None:
    for words, field in (({"starts_on": date(2020, 1, 1)}, "starts_on"), ({"ends_on": date(2020, 1, 1)}, "ends_on")):
        with pytest.raises(Refused) as refused:
            service.admit(world.provider, world.place, None, **words)
        assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        service.admit(world.provider, world.place, 0)
    assert refused.value.field == "limit"
