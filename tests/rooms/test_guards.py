"""What a guard of the tables names is looked at in every state and by every way: silence of the desk is not the receiver's,
what was delivered is no error, and a home with children is met by those vetted for them."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from rongjiu import nightly
from rongjiu.actor import SYSTEM, Actor, set_actor
from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace.models import Capacity
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.accompaniment import rounds, work
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.catalogue.models import Timer
from tenants.catalogue.queries import forget_timers
from tenants.consents import service as consents
from tenants.referrals import answering, ending, jobs, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import proposals
from tenants.referrals.returning import expiry, silence
from tenants.residents.models import Person
from tenants.volunteers import joining, rules, shifts, visiting
from tenants.volunteers.models import VisitSeat
from tests import casework
from tests.volunteering import a_round, a_team

DAY = datetime(2026, 9, 1, 8, 0, tzinfo=ZONE)


def sent(family: casework.Family, helper: casework.Helper) -> ReferralTask:
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    return task


def test_a_time_that_the_desk_has_not_answered_is_no_silence_of_the_receiver(
    family: casework.Family, helper: casework.Helper
) -> None:
    """Its clock rings late, with many others at once: one by one and by the set the offer stays with the desk."""
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        proposals.propose([task.id], helper.id, now() + timedelta(days=9))
        with time_machine.travel(now() + timedelta(days=30), tick=False):
            assert not silence.expire(task.id)
            assert expiry.expire([task.id]) == 0
        assert task.state == "requested"


@pytest.mark.parametrize("then", ["held", "failed", "cancelled"])
def test_what_was_delivered_once_was_no_error_whatever_came_after(
    then: str, family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        answering.accept([task.id], helper.id, now() + timedelta(hours=1))
        assert work.finish([task.id], helper.id, [task.id]), "it comes round again"
        if then == "held":
            answering.hold([task.id], helper.id, "waitlist", now() + timedelta(days=3))
        elif then == "failed":
            answering.fail([task.id], helper.id, "other", "人手走了")
        else:
            answering.cancel(task.id, "no-longer-needed")
        before = task.state
        with pytest.raises(Clash):
            answering.correct(task.id)
        with pytest.raises(Clash):
            ending.mistaken(task.request_id)
        assert task.state == before


def test_who_came_to_the_door_in_error_may_be_struck_out(family: casework.Family, helper: casework.Helper) -> None:
    """Nothing was delivered yet: the table lets the supervisor strike out what was begun by mistake."""
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        answering.accept([task.id], helper.id, now() + timedelta(hours=1))
        work.arrive([task.id], helper.id)
        answering.correct(task.id)
        assert task.state == "entered-in-error"


def test_a_consent_given_until_a_day_ends_what_stands_on_it(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        consent = consents.give(
            family.case_id, family.old_man, family.old_man, "share_with_provider", provider_id=helper.id, fields=["name"],
            how="paper", ends_at=now() + timedelta(days=4),
        ).id  # fmt: skip
        (task,) = service.offer(family.need, [helper.service], consent, family.old_man)
        answering.accept([task.id], helper.id, now() + timedelta(days=5))
        jobs.consents_over()
        assert task.state == "accepted", "its day has not come"
        with time_machine.travel(now() + timedelta(days=5), tick=False):
            with pytest.raises(Absent):
                work.arrive([task.id], helper.id)
            jobs.consents_over()
            jobs.consents_over()
        db.session.refresh(task)
        assert (task.state, task.reason_code) == ("cancelled", "consent-over")
        assert db.session.scalar(select(Capacity.reserved).where(Capacity.service_id == helper.service)) == 0
        assert [row.verb for row in db.session.scalars(select(Step).where(Step.id == task.request_id))] == [
            "和家属确认是否还需要"
        ]
        stops = select(func.count()).select_from(Outbox).where(Outbox.kind == "referrals.tell_stop")
        assert db.session.scalar(stops) == 1, "told to stop, once"
        assert "referrals.consents" in nightly.names()


def seats() -> list[VisitSeat]:
    query = select(VisitSeat).join(Visit, Visit.id == VisitSeat.visit_id).order_by(Visit.planned_at, VisitSeat.seq)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_a_child_that_came_to_live_there_is_met_only_by_those_vetted_for_children(family: casework.Family) -> None:
    with time_machine.travel(DAY, tick=False) as clock:
        team = a_team(family)
        with tenant_scope(family.tenant):
            db.session.execute(update(Person).where(Person.id == family.girl).values(birth_date=date(1990, 1, 1)))
            set_actor(Actor(team.secretary.account.id, "secretary", "社区书记"))
            joining.vet(team.one, rules.CHECKS)
            plan = a_round(family, team.id)
            first, second = seats()[:2]
            shifts.take(first.id, team.one)
            shifts.take(second.id, team.two)
            db.session.execute(update(Person).where(Person.id == family.girl).values(birth_date=date(2018, 3, 1)))
            rounds.fill_all()
            assert db.session.scalars(select(ServicePlan.children).where(ServicePlan.id == plan)).one() is True
            clock.move_to(DAY + timedelta(days=1, hours=2))
            with pytest.raises(Refused, match="14 岁以下"):
                visiting.arrive(first.id, team.one)
            shifts.release_unvetted()
            assert [(each.state, each.volunteer_id) for each in seats()[:2]] == [("open", None), ("taken", team.two)]
            joining.vet(team.two, rules.CHECKS)
            assert seats()[1].state == "open", "vetting for children was taken back"
    set_actor(SYSTEM)


def test_how_long_a_pause_may_be_is_the_community_s_setting(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        answering.accept([task.id], helper.id, now() + timedelta(hours=1))
        row = db.session.scalars(select(Timer).where(Timer.slug == "hold-longest")).one()
        row.content = {**row.content, "value": 10}
        db.session.flush()
        forget_timers()
        with pytest.raises(Refused) as refused:
            answering.hold([task.id], helper.id, "waitlist", now() + timedelta(days=12))
        assert (refused.value.field, refused.value.words["days"]) == ("resume_on", 10)
        answering.hold([task.id], helper.id, "waitlist", now() + timedelta(days=9))
        with pytest.raises(Refused):
            ending.check_in([task.id], helper.id, now() + timedelta(days=12))
