"""The family hears who holds their matter and what comes next, and nothing personal is in any message."""

from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, text, update

from rongjiu import outbox
from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.notify.models import Message
from rongjiu.oversight.service import next_step, no_step
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.consents import service as consents
from tenants.handover import jobs
from tenants.handover.models import HandoverNote
from tenants.needs.models import Need
from tenants.referrals import answering, service
from tenants.residents.models import Person
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tests import casework

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 3, 12, 0, tzinfo=ZONE)


def step(
    family: casework.Family, actor: str = "网格员03", verb: str = "上门核实", *, role: str = "grid_worker"
) -> None:
    next_step(
        "case", family.case_id, number=family.number, case_id=family.case_id, actor_role=role, actor=actor, verb=verb,
        due_at=NOON + timedelta(days=2),
    )  # fmt: skip


def due_now(family: casework.Family) -> list[str]:
    with tenant_scope(family.tenant):
        rows = db.session.execute(
            text("SELECT id FROM outbox WHERE done_at IS NULL AND run_after <= :at ORDER BY run_after, id"), {"at": now()}
        )  # fmt: skip
        return [str(row.id) for row in rows]


def ring(family: casework.Family) -> None:
    """What the relay does until nothing is due."""
    db.session.commit()
    while rows := due_now(family):
        for row in rows:
            outbox.perform(family.tenant.id, str(family.tenant.uid), row)


def handovers() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.purpose == "handover").order_by(Message.created_at)))


def test_a_change_of_hands_is_told_once_the_dust_has_settled() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        family = casework.a_family()
        ring(family)
        with tenant_scope(family.tenant):
            step(family, "救助专干", "分派")
            step(family)
            step(family)
        ring(family)
        assert handovers() == []
        clock.shift(601)
        ring(family)
        (message,) = handovers()
        assert message.address == casework.PHONE
        assert (
            message.text
            == f"您的事（{family.number}）现在由网格员03办理，下一步：上门核实，6月5日前。有疑问请打社区电话 029-88880000。"
        )
        with tenant_scope(family.tenant):
            assert len(list(db.session.scalars(select(HandoverNote)))) == 1


def test_what_is_over_or_waits_for_the_family_itself_is_not_told() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        family = casework.a_family()
        with tenant_scope(family.tenant):
            step(family, "居民家属", "确认结果", role="resident")
        clock.shift(601)
        ring(family)
        with tenant_scope(family.tenant):
            step(family, "救助专干", "回访")
            no_step(family.case_id)
        clock.shift(601)
        ring(family)
        assert handovers() == []


@pytest.mark.parametrize(
    ("channel", "told"), [("hotline", True), ("partner", False), ("department", False), ("neighbour", False)]
)
def test_who_pointed_at_a_family_does_not_follow_its_matter(channel: str, told: bool) -> None:
    """The family is told itself; whoever rang for it only while nobody of it has a telephone, and never another house."""
    family = casework.a_family()
    with tenant_scope(family.tenant):
        got = signals.receive(channel, "need", "楼上老人没人照顾", caller="物业小张", phone="13911112222")
        db.session.execute(update(Signal).where(Signal.id == got.id).values(case_id=family.case_id))
        assert jobs.phone_of(family.case_id) == casework.PHONE
        db.session.execute(update(Person).values(phone=None, phone_index=None))
        assert jobs.phone_of(family.case_id) == ("13911112222" if told else None)


def test_a_family_without_a_telephone_is_told_by_people() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        family = casework.a_family()
        with tenant_scope(family.tenant):
            db.session.execute(update(Person).values(phone=None, phone_index=None))
            step(family)
        clock.shift(601)
        ring(family)
        assert handovers() == []


def test_the_community_sets_its_own_quiet_hours() -> None:
    with time_machine.travel(NOON.replace(hour=19), tick=False) as clock:
        family = casework.a_family()
        with tenant_scope(family.tenant):
            row = db.session.scalars(select(Timer).where(Timer.slug == "quiet-hours")).one()
            row.content = {**row.content, "value": {"from": "18:00", "to": "09:00"}}
            db.session.flush()
            forget_timers()
            step(family)
        clock.shift(601)
        ring(family)
        (message,) = handovers()
        assert (message.state, message.due_at) == ("held", datetime(2026, 6, 4, 9, 0, tzinfo=ZONE))
        clock.move_to(datetime(2026, 6, 4, 9, 0, tzinfo=ZONE))
        ring(family)
        db.session.expire_all()
        assert handovers()[0].captured == 1


def test_no_message_of_a_whole_referral_holds_a_name_a_telephone_or_a_need() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        family = casework.a_family()
        helper = casework.a_helper(family)
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            secrets = [*db.session.scalars(select(Person.name)), *db.session.scalars(select(Need.words))]
            secrets += [casework.PHONE, "13800005678", "长期卧床", "7楼", "301房"]
            tasks = [row.id for row in service.offer(family.need, [helper.service], consent, family.old_man)]
        for _hour in range(4):
            clock.shift(3600)
            ring(family)
        with tenant_scope(family.tenant):
            answering.accept(tasks, helper.id, now() + timedelta(days=1))
        for _hour in range(4):
            clock.shift(3600)
            ring(family)
        with tenant_scope(family.tenant):
            consents.withdraw(consent, "")
        ring(family)
    texts = [row.text for row in db.session.scalars(select(Message))]
    assert {row.purpose for row in db.session.scalars(select(Message))} >= {
        "handover",
        "provider_task",
        "provider_stop",
    }
    assert [(word, said) for said in texts for word in secrets if word and word in said] == []
