"""A time that a provider proposed waits for the desk: it is reminded, then secretary and street are rung; silence is no yes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.catalogue.service import half, reminder
from tenants.referrals import answering, jobs, receiving, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import proposals
from tests import casework, factories

MONDAY = datetime(2026, 11, 2, 10, tzinfo=ZONE)
CLERK, SECRETARY, STREET = "13700000001", "13700000002", "13700000003"


@pytest.fixture
def family(inside: None) -> casework.Family:
    with time_machine.travel(MONDAY, tick=False):
        found = casework.a_family()
        for role, kind, scope, phone in (
            ("assistance_clerk", "community", found.community_id, CLERK),
            ("secretary", "community", found.community_id, SECRETARY),
            ("street_overseer", "street", found.street_id, STREET),
        ):
            factories.a_person_with_role(role, kind, scope).account.phone = phone
        db.session.flush()
    return found


def proposed(family: casework.Family, helper: casework.Helper, slot: datetime) -> ReferralTask:
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    proposals.propose([task.id], helper.id, slot)
    return task


def ring(until: datetime) -> None:
    """Every bell of offers that is due by then rings at its own time."""
    rows = db.session.execute(
        select(Outbox.id, Outbox.kind, Outbox.payload, Outbox.run_after)
        .where(Outbox.kind.like("referrals.%"), Outbox.run_after <= until, Outbox.done_at.is_(None))
        .order_by(Outbox.run_after, Outbox.id)
    ).all()
    for row in rows:
        with time_machine.travel(max(row.run_after, now()), tick=False):
            getattr(jobs, row.kind.removeprefix("referrals.").replace("job_link", "tell_job"))(row.payload)
            db.session.execute(update(Outbox).where(Outbox.id == row.id).values(done_at=now()))


def told(*purposes: str) -> Sequence[tuple[str, str]]:
    rows = db.session.scalars(select(Message).where(Message.purpose.in_(purposes)).order_by(Message.id))
    return [(row.address, row.text) for row in rows]


def step(task: UUID) -> Step:
    return db.session.scalars(select(Step).where(Step.id == task).execution_options(populate_existing=True)).one()


@time_machine.travel(MONDAY, tick=False)
def test_the_desk_is_reminded_then_secretary_and_street_are_rung_and_the_provider_is_told(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task = proposed(family, helper, MONDAY + timedelta(days=20))
        stands, until = step(task.id), task.due_at
        assert (stands.actor_role, stands.verb, stands.due_at) == ("assistance_clerk", "答复服务方提出的时间", until)
        assert db.session.scalar(select(Step.id).where(Step.id == task.request_id)) is None, "one step for one offer"
        assert until == datetime(2026, 11, 4, 18, tzinfo=ZONE)
        ring(until)
        assert [address for address, _text in told("referral_time")] == [CLERK]
        assert not [text for _to, text in told("provider_task") if "等您答复" in text], "its receiver has answered"
        ring(datetime(2026, 11, 5, 18, tzinfo=ZONE))
        assert sorted(address for address, _text in told("referral_late")) == [CLERK, SECRETARY]
        (message,) = [(to, text) for to, text in told("provider_task") if "还没有答复" in text]
        assert message[0] == helper.phone and "不接" in message[1]
        ring(datetime(2026, 11, 9, 18, tzinfo=ZONE))
        assert [address for address, _text in told("referral_late")].count(STREET) == 1
        assert step(task.id).level == 2
        assert task.state == "requested"


@time_machine.travel(MONDAY, tick=False)
def test_what_was_answered_rings_nobody(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = proposed(family, helper, MONDAY + timedelta(days=20))
        proposals.settle(task.id, agree=False)
        assert step(task.id).actor_role == "provider_owner"
        proposals.propose([task.id], helper.id, MONDAY + timedelta(days=21))
        proposals.settle(task.id, agree=True)
        assert (task.state, task.proposed_at) == ("accepted", None)
        assert db.session.scalar(select(Step.id).where(Step.id == task.request_id)) is None
        ring(MONDAY + timedelta(days=3))
        assert told("referral_time", "referral_late") == []


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize("then", ["accept", "decline", "propose"])
def test_while_the_desk_is_late_the_provider_may_wait_take_another_time_or_let_it_go(
    then: str, family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task = proposed(family, helper, MONDAY + timedelta(days=20))
        with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
            assert receiving.job(family.tenant, helper.id, [task.id]).state == "requested", "its page still opens"
            if then == "accept":
                answering.accept([task.id], helper.id, now() + timedelta(days=1))
                assert step(task.id).verb == "上门服务"
            elif then == "decline":
                answering.decline([task.id], helper.id, "out-of-area")
                assert db.session.scalar(select(Step.id).where(Step.id == task.id)) is None
                assert step(task.request_id).verb == "改约下一家"
            else:
                proposals.propose([task.id], helper.id, MONDAY + timedelta(days=22))
                assert step(task.id).due_at > now()


@time_machine.travel(MONDAY, tick=False)
def test_a_time_that_comes_without_an_answer_is_no_yes_and_its_receiver_names_another(
    family: casework.Family, helper: casework.Helper
) -> None:
    slot = MONDAY + timedelta(days=1)
    with tenant_scope(family.tenant):
        task = proposed(family, helper, slot)
        assert step(task.id).due_at == slot, "the desk answers before that time comes"
        assert not proposals.lapse(task.id, slot.timestamp()), "a bell that rings early"
        ring(slot)
        assert (task.state, task.proposed_at, task.slot_at) == ("requested", None, None)
        assert step(task.id).actor_role == "provider_owner"
        with time_machine.travel(slot, tick=False):
            ring(slot)
        assert [to for to, text in told("provider_task") if "没来得及答复" in text] == [helper.phone]
        assert not proposals.lapse(task.id, slot.timestamp())
        with pytest.raises(Clash):
            proposals.settle(task.id, agree=True)
        ring(slot + timedelta(days=9))
        assert (task.state, task.reason_code) == ("cancelled", "no-response"), "then silence is its own"


@time_machine.travel(MONDAY, tick=False)
@pytest.mark.parametrize(("percent", "at"), [(50, "2026-11-03 14:00"), (25, "2026-11-02 16:30")])
def test_when_a_reminder_rings_is_the_community_s_to_say(
    percent: int, at: str, family: casework.Family, helper: casework.Helper
) -> None:
    """26 desk hours from Monday 10:00 to Wednesday 18:00, of offers as of jobs."""
    with tenant_scope(family.tenant):
        timer = db.session.scalars(select(Timer).where(Timer.slug == "half-time-reminder")).one()
        timer.content = {**timer.content, "value": percent}
        db.session.flush()
        forget_timers()
        (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
        moment = db.session.scalars(select(Outbox.run_after).where(Outbox.kind == "referrals.remind")).one()
        assert f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" == at
        answering.accept([task.id], helper.id, now() + timedelta(hours=3))
        start = step(task.id).due_at
        moment = db.session.scalars(select(Outbox.run_after).where(Outbox.kind == "referrals.remind_job")).one()
        assert moment == reminder(now(), start)
        assert (moment < half(now(), start)) == (percent < 50)
