"""急难: the alarm first, a case at once, clocks that run through nights and holidays, papers later."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, update

from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight import queries as oversight
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community
from tenants.acceptance import answering
from tenants.acceptance.models import DeskFile, DeskPaper
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.express import clocks, queries, service
from tenants.express.models import Emergency, EmergencyLook
from tenants.needs.models import Need
from tenants.referrals.models import ReferralTask
from tenants.residents import service as residents
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tests import factories
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

SPRING = datetime(2026, 2, 16, 22, 40, tzinfo=ZONE)
"""The eve of the Spring Festival, at night: the desk is closed for more than a week."""
SATURDAY = datetime(2026, 6, 6, 23, 50, tzinfo=ZONE)


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    """A community at work whose staff and street can be rung."""
    found = a_desk()
    for n, staff in enumerate((found.secretary, found.clerk, found.grid)):
        db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=f"1390000000{n}"))
    community = db.session.scalars(select(Community).where(Community.tenant_id == found.tenant.id)).one()
    assert community.street_id
    street = db.session.get_one(factories.Street, community.street_id)
    for n, (role, kind, place) in enumerate(
        (("street_overseer", "street", street.id), ("district_overseer", "district", street.district_id)), 7
    ):
        staff = factories.a_person_with_role(role, kind, place)
        db.session.execute(update(Account).where(Account.id == staff.account.id).values(phone=f"1390000000{n}"))
    with tenant_scope(found.tenant), acting(found.as_clerk()):
        yield found


def rung(text: str = "") -> set[int]:
    """Last digits of the telephones that were rung: 0 secretary, 1 clerk, 2 grid worker, 7 street, 8 district."""
    return {int(each.address[-1]) for each in told() if text in each.text}


def told() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.purpose == "emergency")))


def count(text: str) -> int:
    return sum(text in each.text for each in told())


def due(kind: str, what: str = "") -> list[Any]:
    """Bells that are set: (run_after, payload)."""
    rows = db.session.execute(select(Outbox.run_after, Outbox.payload).where(Outbox.kind == kind))
    return sorted((row.run_after.astimezone(ZONE), row.payload) for row in rows if row.payload.get("what", "") == what)


def one(emergency_id: UUID) -> Emergency:
    return db.session.scalars(
        select(Emergency).where(Emergency.id == emergency_id).execution_options(populate_existing=True)
    ).one()


def home(here: Desk) -> UUID:
    return residents.register(here.yard, DOOR, ZHOU).household_id


def test_a_flag_opens_case_visit_and_alarm_at_once_with_nothing_known(here: Desk) -> None:
    alarm = one(service.flag("counter"))
    case = db.session.get_one(CaseFile, (here.tenant.id, alarm.case_id))
    assert (case.urgency, case.household_id, case.courtyard_id) == ("critical", None, None)
    assert db.session.scalars(select(Signal.state)).one() == "triaged"
    assert db.session.scalars(select(Visit.kind)).one() == "first"
    step = db.session.scalars(select(Step).where(Step.id == alarm.id)).one()
    assert (step.urgency, step.due_at) == ("critical", alarm.owner_due)
    clocks.alarm(alarm.id)
    assert rung(clocks.ALARM) == {0, 1}


def test_the_grid_worker_of_the_courtyard_is_rung_and_no_message_says_who(here: Desk) -> None:
    alarm = service.flag("grid_report", "周某摔倒了", household_id=home(here))
    clocks.alarm(alarm)
    clocks.alarm(alarm)
    assert rung() == {0, 1, 2}
    assert count(clocks.ALARM) == 3
    assert not count("周某")
    assert not count("雁北")


def test_a_family_with_a_case_keeps_it_and_a_second_flag_rings_nothing_anew(here: Desk) -> None:
    household = home(here)
    first = service.flag("hotline", "摔倒", household_id=household)
    assert service.flag("hotline", "又来电话", household_id=household) == first
    assert service.flag_case(one(first).case_id) == first
    assert db.session.scalar(select(func.count()).select_from(CaseFile)) == 1
    assert len(due("emergency.alarm")) == 1


def test_whatever_is_critical_takes_the_same_lane(here: Desk) -> None:
    signals.receive("livestream_outdoor", "need", "有人晕倒", urgency="critical")
    later = signals.receive("counter", "need", "老人没饭吃", courtyard_id=here.yard)
    signals.open_case(later.id, ["老人没饭吃"], courtyard_id=here.yard, urgency="critical")
    assert len(queries.board()) == 2


def test_a_tips_words_never_become_the_familys(here: Desk) -> None:
    signals.receive("neighbour", "need", "我是楼上老王，听到喊救命", courtyard_id=here.yard, urgency="critical")
    assert not [words for words in db.session.scalars(select(Need.words)) if "老王" in words]


@pytest.mark.parametrize("start", [SPRING, SATURDAY])
def test_its_clocks_run_in_hours_through_night_weekend_and_holiday(here: Desk, start: datetime) -> None:
    with time_machine.travel(start, tick=False):
        alarm = one(service.flag("counter", courtyard_id=here.yard))
        assert [row[0] for row in due("emergency.ring")] == [start + timedelta(minutes=30)]
        assert due("emergency.late", "helper")[0][0] == start + timedelta(hours=12)
        assert due("emergency.late", "aid")[0][0] == start + timedelta(hours=24)
    with time_machine.travel(start + timedelta(minutes=30), tick=False):
        assert clocks.ring(alarm.id, 1)
        assert rung(clocks.UNOWNED) == {0, 7}
        assert due("emergency.ring")[1][0] == start + timedelta(hours=1)
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        assert clocks.ring(alarm.id, 2)
        assert count(clocks.UNOWNED) == 4
    with time_machine.travel(start + timedelta(hours=12), tick=False):
        assert clocks.late(alarm.id, "helper")
        assert rung(clocks.LATE["helper"]) == {0, 1, 7, 8}
        assert clocks.late(alarm.id, "aid")
        assert rung(clocks.LATE["aid"]) == {0, 1, 7, 8}


def test_a_bell_that_is_carried_out_twice_rings_once(here: Desk) -> None:
    alarm = service.flag("counter")
    assert clocks.ring(alarm, 1)
    assert not clocks.ring(alarm, 1)
    assert not clocks.ring(alarm, 3)
    assert (count(clocks.UNOWNED), one(alarm).rings, len(due("emergency.ring"))) == (2, 1, 2)
    clocks.late(alarm, "helper")
    clocks.late(alarm, "helper")
    assert count(clocks.LATE["helper"]) == 4


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_does_it_once(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm = service.flag("counter")
    row_id = db.session.scalars(select(Outbox.id).where(Outbox.kind == "emergency.ring")).one()
    db.session.commit()

    def killed(*_args: object, **_words: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(clocks.audit, "record", killed)
        with db.session.begin_nested() as nested:
            with pytest.raises(KeyboardInterrupt):
                clocks.ring(alarm, 1)
            nested.rollback()
    assert (one(alarm).rings, count(clocks.UNOWNED)) == (0, 0)
    for _again in range(2):
        outbox.perform(here.tenant.id, str(here.tenant.uid), str(row_id))
    with tenant_scope(here.tenant):
        assert (one(alarm).rings, count(clocks.UNOWNED)) == (1, 2)


def test_two_unknown_families_are_two_alarms(here: Desk) -> None:
    assert service.flag("counter", "楼道里有人倒下") != service.flag("counter", "河边有人")
    assert len(queries.board()) == 2


def test_the_times_may_be_set_and_a_change_leaves_a_running_clock(here: Desk) -> None:
    with time_machine.travel(SPRING, tick=False):
        first = one(service.flag("counter"))
        assert first.owner_due - SPRING == timedelta(minutes=30)
        before = db.session.scalars(select(Timer.content).where(Timer.slug == "critical-owner")).one()
        changed = update(Timer).where(Timer.slug == "critical-owner").values(content={**before, "value": 0.25})
        db.session.execute(changed)
        forget_timers()
        assert one(service.flag("counter")).owner_due - SPRING == timedelta(minutes=15)
        assert one(first.id).owner_due - SPRING == timedelta(minutes=30)


def test_whoever_takes_it_owns_it_and_the_bells_fall_silent(here: Desk) -> None:
    alarm = service.flag("counter", courtyard_id=here.yard)
    service.take(alarm)
    service.take(alarm)
    row = one(alarm)
    assert row.owner_id == here.clerk.account.id
    assert not clocks.ring(alarm, 1)
    assert db.session.get_one(CaseFile, (here.tenant.id, row.case_id)).worker_id == here.clerk.account.id
    with acting(Actor(here.secretary.account.id, "secretary", "社区书记")), pytest.raises(Clash):
        service.take(alarm)
    assert db.session.scalars(select(Step.verb).where(Step.id == alarm)).one() == "马上到场"


def test_a_first_helper_is_a_visit_or_a_named_person(here: Desk) -> None:
    alarm = service.flag("counter", courtyard_id=here.yard)
    with pytest.raises(Refused) as refused:
        service.helped(alarm, " ")
    assert refused.value.field == "helper"
    service.helped(alarm, "楼上王阿姨")
    with pytest.raises(Clash):
        service.helped(alarm, "楼上王阿姨")
    assert not clocks.late(alarm, "helper")
    other = one(service.flag("hotline", household_id=home(here)))
    visit = db.session.scalars(select(Visit.id).where(Visit.case_id == other.case_id)).one()
    with acting(Actor(here.grid.account.id, "grid_worker", "网格员03")):
        finish_visit(visit)
    assert (one(other.id).helper, one(other.id).owner_post) == ("网格员03", "网格员03")


def test_aid_asks_neither_hukou_nor_income_nor_papers_and_the_desk_decides_in_three_days(here: Desk) -> None:
    with time_machine.travel(SPRING, tick=False):
        alarm = service.flag("counter")
        with pytest.raises(Refused) as refused:
            service.ask_aid(alarm)
        assert refused.value.field == "name"
        service.place(alarm, here.yard)
        task = service.ask_aid(alarm, name="过路的李师傅")
        file = db.session.get_one(DeskFile, (here.tenant.id, task))
        assert (file.policy_slug, file.urgency) == ("temp-emergency", "critical")
        assert set(db.session.scalars(select(DeskPaper.state).where(DeskPaper.task_id == task))) == {"missing"}
        with pytest.raises(Clash):
            service.ask_aid(alarm)
        with pytest.raises(Refused):
            answering.ask_papers(task, today(), (), ["户口簿"])
        assert not clocks.late(alarm, "aid")
        answering.accept(task, today())
        until = datetime(2026, 2, 20, 0, 0, tzinfo=ZONE)
        assert db.session.get_one(ReferralTask, (here.tenant.id, task)).due_at == until
    with time_machine.travel(SPRING + timedelta(days=1), tick=False):
        answering.forward(task, today(), "mzj")
        assert db.session.get_one(ReferralTask, (here.tenant.id, task)).due_at == until
        answering.grant(task, today(), Decimal(1000), "once", today())


def test_papers_come_later_and_end_it(here: Desk) -> None:
    alarm = service.flag("counter", household_id=home(here))
    with pytest.raises(Refused):
        service.papers_done(alarm)
    with time_machine.travel(SPRING, tick=False):
        service.helped(alarm, "网格员03")
        assert one(alarm).papers_due is not None
        assert one(alarm).papers_due > SPRING + timedelta(days=14)  # working days: the holiday does not count
    service.ask_aid(alarm)
    assert clocks.late(alarm, "papers")
    service.papers_done(alarm)
    assert one(alarm).state == "ended"
    assert not clocks.late(alarm, "papers")
    assert db.session.scalar(select(Step.id).where(Step.id == alarm)) is None
    with pytest.raises(Clash):
        service.take(alarm)


def test_the_flag_comes_off_with_a_reason_only(here: Desk) -> None:
    alarm = service.flag("counter")
    with pytest.raises(Refused) as refused:
        service.unflag(alarm, "错")
    assert refused.value.field == "reason"
    service.unflag(alarm, "电话打错了，家里没事")
    assert one(alarm).state == "withdrawn"
    assert db.session.get_one(CaseFile, (here.tenant.id, one(alarm).case_id)).urgency == "urgent"
    assert not clocks.ring(alarm, 1)
    assert not clocks.late(alarm, "helper")
    with pytest.raises(Clash):
        service.unflag(alarm, "再撤一次看看")


def test_what_was_opened_as_an_emergency_is_looked_at_by_the_secretary(here: Desk) -> None:
    alarm = service.flag("counter", household_id=home(here))
    with time_machine.travel(SPRING, tick=False):
        service.look(alarm)
        due_at = db.session.scalars(select(EmergencyLook.due_at)).one().astimezone(ZONE)
        assert due_at.date() > SPRING.date()
    assert [row.post for row in queries.reviews()] == ["救助专干（示例）"]
    with acting(Actor(here.secretary.account.id, "secretary", "社区书记")):
        assert service.review(alarm) == 1
    assert queries.reviews() == []
    with pytest.raises(Absent):
        service.review(alarm)


def test_the_street_counts_what_nobody_has_taken_and_no_more(here: Desk) -> None:
    community = db.session.scalars(select(Community).where(Community.tenant_id == here.tenant.id)).one()
    alarm = service.flag("counter")
    assert community.street_id
    assert oversight.lines("street", community.street_id)[0].urgent == 1
    service.take(alarm)
    assert oversight.lines("street", community.street_id)[0].urgent == 0
    assert now() - one(alarm).raised_at < timedelta(minutes=1)
