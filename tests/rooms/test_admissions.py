"""Letting a provider in: each step with its event, who acts next, and what the calendar does by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, search
from rongjiu.marketplace.admissions import calendar, queries, rules, service
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from rongjiu.marketplace.queries import candidates
from rongjiu.notify.models import Message
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Street
from rongjiu.tenancy.queries import Place
from tests import factories

CLERK, SECRETARY = Actor(None, "assistance_clerk", "救助专干"), Actor(None, "secretary", "社区书记")
ONE_PRESS = ["applied", "under_review", "approved", "active"]


@dataclass(frozen=True)
class World:
    """Plain values, so that they outlive the rows."""

    tenant: Tenant
    place: Place
    street: UUID
    provider: UUID
    offered: UUID


@pytest.fixture
def world(inside: None) -> Iterator[World]:
    street = factories.a_street()
    community = factories.a_community(street)
    provider = factories.a_provider(db.session.get_one(Street, street.id))
    offered = factories.a_service(provider, street, places=9)
    tenant = factories.tenant(community)
    place = Place(
        kind="community", id=community.id, name=community.name, slug=community.slug, state="live", tenant=tenant,
        street_id=street.id,
    )  # fmt: skip
    found = World(tenant, place, street.id, provider.id, offered.id)
    with tenant_scope(tenant), acting(SECRETARY):
        yield found


def _row(world: World) -> Admission:
    return db.session.scalars(select(Admission).where(Admission.provider_id == world.provider)).one()


def _events(world: World) -> list[Any]:
    with telling(community_id=world.tenant.uid):
        return list(db.session.scalars(select(AdmissionEvent).order_by(AdmissionEvent.at, AdmissionEvent.id)))


def _way(world: World) -> list[str]:
    """The states that the events tell of; they form a chain that ends where the admission stands."""
    events, before = _events(world), ""
    for event in events:
        assert event.state_from == before
        assert rules.find(event.state_from, event.state_to, event.actor), "a drawn step"
        before = event.state_to
    assert before == _row(world).state
    return [event.state_to for event in events]


def _steps() -> list[tuple[str, str]]:
    """Who acts next on every live admission; each has a due time, and no other has one."""
    rows = db.session.execute(select(Admission.id, Admission.state, Admission.due_at)).all()
    for row in rows:
        assert (row.due_at is not None) == (row.state in rules.LIVE)
    found = db.session.execute(select(Step.id, Step.actor_role, Step.verb).where(Step.object_kind == "admission")).all()
    assert {row.id for row in rows if row.state in rules.LIVE} <= {row.id for row in found}
    return [(row.actor_role, row.verb) for row in found]


def _told(kind: str = "provider_told") -> list[str]:
    box = outbox.Outbox
    query = select(box.payload["what"].astext).where(box.kind == kind).order_by(box.created_at, box.id)
    return list(db.session.scalars(query))


def _reserve(world: World) -> None:
    capacity.reserve(uuid7(), world.offered, today(), world.tenant.uid)


def test_a_clerk_looks_and_the_secretary_decides(world: World) -> None:
    service.ask(world.provider, world.tenant.uid)
    service.ask(world.provider, world.tenant.uid)
    assert _steps() == [("assistance_clerk", "看准入请求")]
    due = _row(world).due_at
    with acting(CLERK):
        service.review(world.provider, world.place, "电话问过价格")
        assert (_row(world).holder, _row(world).due_at) == ("救助专干", due)
        for verb in (
            lambda: service.admit(world.provider, world.place, None),
            lambda: service.deny(world.provider, world.place, "不行"),
        ):
            with pytest.raises(Clash):
                verb()
    assert _steps() == [("secretary", "决定是否准入")]
    service.admit(world.provider, world.place, 4)
    assert _way(world) == ONE_PRESS
    assert [(each.actor, each.post, each.words) for each in _events(world)] == [
        ("provider", "", ""), ("clerk", "救助专干", "电话问过价格"), ("secretary", "社区书记", ""), ("secretary", "社区书记", ""),
    ]  # fmt: skip
    assert _steps() == [] and _told() == ["admitted"]
    _reserve(world)


def test_one_press_writes_every_step(world: World) -> None:
    service.admit(world.provider, world.place, None)
    service.admit(world.provider, world.place, None)
    assert _way(world) == ONE_PRESS, "the same again is nothing"
    service.admit(world.provider, world.place, 3)
    assert _way(world) == [*ONE_PRESS, "active"]
    assert _told() == ["admitted", "admission_terms"]


def test_a_no_is_read_and_may_be_asked_again(world: World) -> None:
    service.ask(world.provider, world.tenant.uid)
    with pytest.raises(Refused, match="请写明原因") as refused:
        service.deny(world.provider, world.place, " ")
    assert refused.value.field == "reason"
    service.deny(world.provider, world.place, "本社区已有三家")
    assert (_row(world).state, _row(world).reason) == ("denied", "本社区已有三家")
    assert _told() == ["admission_denied"] and _steps() == []
    with pytest.raises(Clash):
        service.deny(world.provider, world.place, "再说一次")
    with pytest.raises(Clash):
        service.suspend(world.provider, world.place, "没准入的停不了")
    with pytest.raises(Clash):
        service.step_out(world.provider, world.tenant.uid)
    service.ask(world.provider, world.tenant.uid)
    assert _way(world) == ["applied", "under_review", "denied", "applied"]
    assert _row(world).reason == ""


def test_a_stop_is_looked_at_again_and_resumed_in_one_press(world: World) -> None:
    with pytest.raises(Absent):
        service.suspend(world.provider, world.place, "没来过")
    service.admit(world.provider, world.place, None)
    service.suspend(world.provider, world.place, "两次没到")
    service.suspend(world.provider, world.place, "两次没到")
    assert _steps() == [("secretary", "看能不能恢复派单")]
    with pytest.raises(Refused, match="还没有准入"):
        _reserve(world)
    service.suspend(world.provider, world.place, "还在换人")
    assert (_row(world).reason, _told()) == ("还在换人", ["admitted", "stopped"])
    service.admit(world.provider, world.place, None)
    assert _way(world) == [*ONE_PRESS, "suspended", "suspended", "active"]
    assert _steps() == []
    _reserve(world)


@pytest.mark.parametrize("state", ["applied", "under_review", "approved", "active", "suspended", "expired"])
def test_the_provider_steps_out_and_is_not_fetched_back(world: World, state: str) -> None:
    with pytest.raises(Absent):
        service.step_out(world.provider, world.tenant.uid)
    row = factories.an_admission(_provider(world), _community(world), state=state, starts_on=today())
    service.step_out(world.provider, world.tenant.uid)
    service.step_out(world.provider, world.tenant.uid)
    assert (row.state, row.due_at) == ("withdrawn", None) and _steps() == []
    waiting = state in rules.WAITING
    assert _told("admission.desk_told") == ["admission_taken_back" if waiting else "admission_left"]
    with pytest.raises(Clash, match="自己退出"):
        service.admit(world.provider, world.place, None)
    service.ask(world.provider, world.tenant.uid)
    assert _row(world).state == "applied"


def _provider(world: World) -> Any:
    return db.session.get_one(factories.Provider, world.provider)


def _community(world: World) -> Any:
    return db.session.get_one(factories.Community, world.tenant.uid)


def test_an_approved_one_begins_on_its_day(world: World) -> None:
    first = today() + timedelta(days=3)
    service.ask(world.provider, world.tenant.uid)
    service.admit(world.provider, world.place, 2, starts_on=first)
    assert _row(world).state == "approved" and _told() == ["admission_day"]
    assert _steps() == [("system", "到日子自动开始派单")]
    with pytest.raises(Refused, match="还没有准入"):
        _reserve(world)
    calendar.nightly()
    assert _row(world).state == "approved"
    with time_machine.travel(now() + timedelta(days=3), tick=False):
        calendar.nightly()
        calendar.nightly()
        assert _row(world).state == "active" and _steps() == []
        _reserve(world)
    assert _way(world)[-2:] == ["approved", "active"]
    assert [(each.actor, each.reason_code) for each in _events(world)][-1] == ("system", "start_day")


def test_a_day_to_begin_may_be_changed_or_dropped(world: World) -> None:
    service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=3))
    service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=9))
    assert (_row(world).state, _row(world).starts_on) == ("approved", today() + timedelta(days=9))
    service.admit(world.provider, world.place, None)
    assert _row(world).state == "active"
    with pytest.raises(Refused) as refused:
        service.admit(world.provider, world.place, None, starts_on=today() + timedelta(days=3))
    assert refused.value.field == "starts_on"


def test_an_end_is_reminded_of_kept_and_renewed_in_one_press(world: World) -> None:
    last = today() + timedelta(days=40)
    service.admit(world.provider, world.place, None, ends_on=last)
    calendar.nightly()
    assert _steps() == [] and "admission_soon" not in _told()
    with time_machine.travel(now() + timedelta(days=20), tick=False):
        calendar.nightly()
        calendar.nightly()
        assert _steps() == [("secretary", "续准入，不续就到期")]
        assert _told().count("admission_soon") == 1 == _told("admission.desk_told").count("admission_soon")
    with time_machine.travel(now() + timedelta(days=40), tick=False):
        calendar.nightly()
        _reserve(world)
    with time_machine.travel(now() + timedelta(days=41), tick=False):
        with pytest.raises(Refused, match="已到期"):
            _reserve(world)
        assert candidates(world.street, ["home-haircut"], community_id=world.tenant.uid)[0].admission == "expired"
        assert search.resources(world.tenant.uid)["providers"] == 0, "before the night has written it down"
        calendar.nightly()
        calendar.nightly()
        assert _row(world).state == "expired" and _told().count("admission_expired") == 1 and _steps() == []
        service.admit(world.provider, world.place, None, ends_on=today() + timedelta(days=365))
        assert _way(world) == [*ONE_PRESS, "expired", "active"]
        assert _events(world)[-1].reason_code == "renewed"
        _reserve(world)


def test_without_an_end_nothing_ends(world: World) -> None:
    service.admit(world.provider, world.place, None)
    with time_machine.travel(now() + timedelta(days=4000), tick=False):
        calendar.nightly()
        assert _row(world).state == "active"


def test_a_late_answer_reminds_the_secretary_and_the_provider_once(world: World) -> None:
    staff = factories.a_person_with_role("secretary", "community", world.tenant.uid)
    staff.account.phone = "13700000001"
    service.ask(world.provider, world.tenant.uid)
    box = outbox.Outbox
    late = db.session.execute(select(box.payload, box.run_after).where(box.kind == "admission.late")).one()
    assert late.run_after == _row(world).due_at
    for _ in range(2):
        outbox._effects["admission.late"](late.payload)
    assert _told() == ["admission_late"] == _told("admission.desk_told")
    told = db.session.scalar(select(box.payload).where(box.kind == "admission.desk_told"))
    outbox._effects["admission.desk_told"](told)
    texts = db.session.scalars(select(Message.text).where(Message.purpose == "admission")).all()
    assert texts == ["有服务方等准入答复已过期限。请登录“资源”答复。"]
    service.admit(world.provider, world.place, None)
    outbox._effects["admission.late"](late.payload)
    assert _told().count("admission_late") == 1


def test_old_requests_find_their_next_actor_at_night(world: World) -> None:
    factories.an_admission(_provider(world), _community(world), state="applied")
    calendar.nightly()
    assert _steps() == [("assistance_clerk", "看准入请求")]


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
    assert _row(world).state == "applied"


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


def test_dates_are_kept_as_typed(world: World) -> None:
    for words, field in (({"starts_on": date(2020, 1, 1)}, "starts_on"), ({"ends_on": date(2020, 1, 1)}, "ends_on")):
        with pytest.raises(Refused) as refused:
            service.admit(world.provider, world.place, None, **words)
        assert refused.value.field == field
    with pytest.raises(Refused) as refused:
        service.admit(world.provider, world.place, 0)
    assert refused.value.field == "limit"
