"""急难: the alarm first, a case at once, clocks that run through nights and holidays, papers later."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import func, select

from rongjiu.actor import Actor, acting
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight import queries as oversight
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Community
from tenants.acceptance import answering
from tenants.acceptance.models import DeskFile, DeskPaper
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit
from tenants.cases.models import CaseFile
from tenants.express import clocks, queries, service
from tenants.express.models import EmergencyLook
from tenants.needs.models import Need
from tenants.referrals.models import ReferralTask
from tenants.signals import service as signals
from tenants.signals.models import Signal
from tests.desk_of import Desk
from tests.emergencies import SPRING, a_desk_that_can_be_rung, count, due, home, one, rung


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    """A community at work whose staff and street can be rung; entered as the clerk."""
    found = a_desk_that_can_be_rung()
    with tenant_scope(found.tenant), acting(found.as_clerk()):
        yield found


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


def test_two_unknown_families_are_two_alarms(here: Desk) -> None:
    assert service.flag("counter", "楼道里有人倒下") != service.flag("counter", "河边有人")
    assert len(queries.board()) == 2


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
