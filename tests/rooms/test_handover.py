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
from tenants.accompaniment import work
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.casework import closing
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.consents import service as consents
from tenants.handover import jobs
from tenants.handover.models import HandoverNote
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.referrals import answering, confirming, ending, service
from tenants.residents.models import Person
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tests import casework, factories

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


def said() -> list[tuple[str, str]]:
    """Who holds it and what comes next, as the family was told, in order."""
    query = select(HandoverNote.actor, HandoverNote.verb).order_by(HandoverNote.told_at, HandoverNote.id)
    return [tuple(row) for row in db.session.execute(query)]


def test_every_step_of_a_referral_tells_the_family_who_holds_it_and_what_is_next() -> None:
    """Offer, acceptance, start, done (the family itself is asked), not solved, re-offer, taken back, closed."""
    with time_machine.travel(NOON, tick=False) as clock:
        family = casework.a_family()
        first, second = casework.a_helper(family, name="雁晴"), casework.a_helper(family, name="雁康")
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id, post="救助专干")
        with tenant_scope(family.tenant):
            cases.assign(family.case_id, clerk.account.id)
            needs.set_result(family.girl_need, "solved")

        def passes(hours: int = 1) -> None:
            clock.shift(hours * 3600)
            ring(family)

        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, first)
            (task,) = [row.id for row in service.offer(family.need, [first.service], consent, family.old_man)]
        passes()
        with tenant_scope(family.tenant):
            answering.accept([task], first.id, now() + timedelta(hours=2))
        passes()
        with tenant_scope(family.tenant):
            work.arrive([task], first.id)
        passes()
        with tenant_scope(family.tenant):
            work.finish([task], first.id, [task], last=True)
        passes()
        assert db.session.scalars(select(Message).where(Message.purpose == "resident_confirm")).one()
        with tenant_scope(family.tenant):
            confirming.confirm(family.case_id, {family.need: confirming.Answer("not_solved")})
        passes()
        with tenant_scope(family.tenant):
            again = casework.a_consent(family, second)
            (other,) = service.offer(family.need, [second.service], again, family.old_man)
            request = other.request_id
        passes()
        with tenant_scope(family.tenant):
            assert said() == [
                ("雁晴", "答复派单"), ("雁晴", "上门服务"), ("雁晴", "完成服务"), ("网格员", "每月看望"),
                ("救助专干", "和家属核对,给出答复"), ("雁康", "答复派单"),
            ]  # fmt: skip
            ending.revoke(request, "declined-by-resident", actor="resident")
        passes()
        with tenant_scope(family.tenant):
            assert said()[-1] == ("救助专干", "和家属确认是否还需要")
            closing.finish(db.session.get_one(CaseFile, (family.tenant.id, family.case_id)), "given_up")
        passes()
        texts = [row.text for row in handovers()]
        assert any("有一项不再往下办" in each for each in texts)
        assert "已办结" in texts[-1]
        assert all(family.number in each and "029-88880000" in each for each in texts)


def test_a_case_opened_again_at_once_or_taken_over_is_told_as_it_is() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        family, gone = casework.a_family(), casework.a_family()
        for each, reason in ((family, "done"), (gone, "transferred")):
            with tenant_scope(each.tenant):
                closing.finish(db.session.get_one(CaseFile, (each.tenant.id, each.case_id)), reason)
        with tenant_scope(family.tenant):
            closing.reopen(family.case_id)
        clock.shift(601)
        ring(family)
        ring(gone)
        texts = [row.text for row in handovers()]
        assert [each for each in texts if "已办结" in each] == []
        assert [each for each in texts if "别的社区接手" in each] == [
            f"您的事（{gone.number}）已由别的社区接手，对方会联系您。有疑问请打社区电话 029-88880000。"
        ]
