"""The line for a place: who stands where, how a free place reaches the first, and how its offer goes out by itself."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, jobs, rules, turns, vacancies, waiting
from rongjiu.marketplace.models import Admission, Capacity, PlaceWait, Reservation
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Street
from tenants.referrals import queries, service
from tenants.referrals.jobs import turn
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import line, proposals
from tenants.referrals.returning import silence
from tests import casework, factories

PERIOD = date(2031, 5, 1)


def _offer(places: int = 1) -> tuple[UUID, UUID]:
    community = factories.a_community()
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(street)
    offered = factories.a_service(provider, street, places=places)
    factories.an_admission(provider, community)
    return offered.id, community.id


def _full(places: int = 1) -> tuple[UUID, UUID, list[UUID]]:
    offered, community = _offer(places)
    held = [uuid7() for _ in range(places)]
    for task in held:
        capacity.reserve(task, offered, PERIOD, community)
    return offered, community, held


def _asked_to_look() -> int:
    query = select(outbox.PlatformOutbox.id).where(outbox.PlatformOutbox.kind == "marketplace.places_free")
    return len(db.session.scalars(query).all())


@pytest.mark.parametrize(
    ("more", "less"),
    [
        (("critical", []), ("urgent", ["disabled-elderly"])),
        (("urgent", []), ("ordinary", ["disabled-elderly"])),
        (("ordinary", ["severely-disabled"]), ("ordinary", ["family-carers"])),
    ],
)
def test_urgency_goes_before_group(more: tuple[str, list[str]], less: tuple[str, list[str]]) -> None:
    assert rules.wait_priority(*more) > rules.wait_priority(*less)


def test_the_line_is_by_priority_then_by_time(inside: None) -> None:
    offered, community, _held = _full()
    first, second, urgent = uuid7(), uuid7(), uuid7()
    assert waiting.join(first, offered, PERIOD, community, 0) == 1
    assert waiting.join(second, offered, PERIOD, community, 0) == 2
    assert waiting.join(urgent, offered, PERIOD, community, 10) == 1
    assert waiting.join(first, offered, PERIOD, community, 0) == 2, "asking again keeps the turn"
    assert [task for task, _ in waiting.in_line(offered, PERIOD)] == [urgent, first, second]
    assert waiting.positions([second, uuid7()]) == {second: 3}
    assert waiting.leave(urgent)
    assert not waiting.leave(urgent)
    assert waiting.positions([first, second]) == {first: 1, second: 2}


def test_a_place_that_comes_free_goes_to_the_first_and_to_nobody_else(inside: None) -> None:
    offered, community, (held,) = _full()
    first, second = uuid7(), uuid7()
    waiting.join(first, offered, PERIOD, community, 0)
    waiting.join(second, offered, PERIOD, community, 0)
    before = _asked_to_look()
    assert turns.serve(offered, PERIOD) == [], "nothing is free yet"
    capacity.release(held)
    assert _asked_to_look() == before + 1
    with pytest.raises(capacity.Behind) as refused:
        capacity.reserve(uuid7(), offered, PERIOD, community)
    assert refused.value.words == {"ahead": 2}
    assert turns.serve(offered, PERIOD) == [(first, community)]
    assert turns.serve(offered, PERIOD) == []
    assert waiting.positions([first, second]) == {second: 1}
    states = select(Reservation.state).where(Reservation.id == first)
    assert db.session.scalar(states) == "held"


def test_more_places_serve_the_line(inside: None) -> None:
    offered, community, _held = _full()
    db.session.execute(update(Capacity).where(Capacity.service_id == offered).values(period=rules.month(today())))
    db.session.execute(update(Reservation).where(Reservation.service_id == offered).values(period=rules.month(today())))
    tasks = [uuid7(), uuid7()]
    for task in tasks:
        waiting.join(task, offered, today(), community, 0)
    before = _asked_to_look()
    capacity.resize(offered, 3)
    assert _asked_to_look() == before + 1
    assert [turns.serve(offered, today()) for _ in range(3)] == [[(tasks[0], community)], [(tasks[1], community)], []]


def test_who_may_not_be_sent_any_more_does_not_hold_up_the_line(inside: None) -> None:
    offered, community, (held,) = _full()
    other = factories.a_community()
    provider = db.session.scalars(select(Admission.provider_id).where(Admission.community_id == community)).one()
    stopped = Admission(
        id=uuid7(), provider_id=provider, community_id=other.id, state="denied", changed_at=now()
    )  # fmt: skip
    db.session.add(stopped)
    db.session.flush()
    gone, here = uuid7(), uuid7()
    waiting.join(gone, offered, PERIOD, other.id, 10)
    waiting.join(here, offered, PERIOD, community, 0)
    capacity.release(held)
    assert turns.serve(offered, PERIOD) == [(gone, other.id), (here, community)]
    assert db.session.scalar(select(PlaceWait.state).where(PlaceWait.id == gone)) == "left"


def test_a_new_month_takes_the_line_along(inside: None) -> None:
    offered, community = _offer()
    task = uuid7()
    waiting.join(task, offered, date(2020, 1, 1), community, 0)
    waiting.new_month()
    assert [one for one, _ in waiting.in_line(offered, today())] == [task]


def test_the_offer_goes_out_by_itself_when_another_is_declined(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, places=1)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        taken = uuid7()
        capacity.reserve(taken, helper.service, today(), family.community_id)
        with pytest.raises(capacity.Full):
            service.offer(family.need, [helper.service], consent, family.old_man)
        assert line.wait(family.need, [helper.service], consent, family.old_man, "轻一点") == 1
        (slip,) = queries.slips(family.case_id)
        assert slip.task_state == "draft"
        assert "排队等名额,空出来自动派出" in db.session.scalars(select(Step.verb)).all()
        capacity.release(taken)
        jobs.places_free({"service": str(helper.service), "period": rules.month(today()).isoformat()})
    with tenant_scope(family.tenant):
        kinds = db.session.scalars(select(outbox.Outbox.kind)).all()
        assert "referrals.turn" in kinds
        turn({"task": str(slip.task_id)})
        turn({"task": str(slip.task_id)})
        (slip,) = queries.slips(family.case_id)
        assert (slip.task_state, slip.wish) == ("requested", "轻一点")
        assert waiting.positions([slip.task_id]) == {}


def test_a_turn_after_the_consent_was_withdrawn_frees_the_place_again(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, places=1)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        line.wait(family.need, [helper.service], consent, family.old_man)
        (slip,) = queries.slips(family.case_id)
        assert turns.serve(helper.service, today()) == [(slip.task_id, family.community_id)]
        casework.consents.withdraw(consent, "不想再办")
        assert not line.take_turn(slip.task_id)
        assert vacancies.free_places([helper.service], today()) == {helper.service: 1}
        assert "排到了但没能派出,请看一看" in db.session.scalars(select(Step.verb)).all()


def test_waiting_needs_what_an_offer_needs(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, places=1)
    with tenant_scope(family.tenant):
        with pytest.raises(Refused, match="授权"):
            line.wait(family.need, [helper.service], None, family.old_man)
        consent = casework.a_consent(family, helper)
        db.session.execute(update(Admission).where(Admission.provider_id == helper.id).values(monthly_limit=1))
        capacity.reserve(uuid7(), helper.service, today(), family.community_id)
        with pytest.raises(Clash, match="名额"):
            line.wait(family.need, [helper.service], consent, family.old_man)


def test_leaving_the_line_gives_the_step_back_to_the_clerk(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, places=1)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        line.wait(family.need, [helper.service], consent, family.old_man)
        task = db.session.scalars(select(ReferralTask.id)).one()
        line.leave_line(task)
        assert waiting.positions([task]) == {}
        assert "改约下一家" in db.session.scalars(select(Step.verb)).all()


def test_a_proposed_time_is_the_desk_s_to_answer_and_no_silence_of_the_receiver(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family)
    slot = now() + timedelta(days=3)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        (task,) = service.offer(family.need, [helper.service], consent, family.old_man)
        task_id = task.id
        proposals.propose([task_id], helper.id, slot)
        assert "答复服务方提出的时间" in db.session.scalars(select(Step.verb)).all()
        task.due_at = now() - timedelta(minutes=1)
        db.session.flush()
        assert not silence.expire(task_id)
        proposals.settle(task_id, agree=False)
        (slip,) = queries.slips(family.case_id)
        assert (slip.task_state, slip.proposed_at) == ("requested", None)
        with pytest.raises(Clash):
            proposals.settle(task_id, agree=True)
        proposals.propose([task_id], helper.id, slot)
        proposals.settle(task_id, agree=True)
        (slip,) = queries.slips(family.case_id)
        assert (slip.task_state, slip.slot_at) == ("accepted", slot)
