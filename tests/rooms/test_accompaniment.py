"""Work that was taken: visits, what repeats, places used, the family asked."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace.models import Capacity
from rongjiu.outbox import Outbox
from rongjiu.oversight.models import Step
from tenants.accompaniment import jobs, queries, rules, service, work
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseFile
from tenants.consents import service as consents
from tenants.referrals import answering, confirming
from tenants.referrals import queries as referrals
from tenants.referrals import service as referral_service
from tests import casework
from tests.casework import count

STORY = datetime(2022, 8, 10, 16, 0, tzinfo=ZONE)


def taken(family: casework.Family, helper: casework.Helper, need: UUID | None = None) -> list[UUID]:
    """Offers sent and accepted for in an hour; within the community's scope."""
    consent_id = casework.a_consent(family, helper)
    wanted = [helper.service, helper.second] if helper.second else [helper.service]
    tasks = referral_service.offer(need or family.need, [each for each in wanted if each], consent_id, family.old_man)
    ids = [task.id for task in tasks]
    answering.accept(ids, helper.id, now() + timedelta(hours=1))
    return ids


def test_a_repeating_service_goes_on_with_a_place_a_month_and_a_look_at_the_family(family: casework.Family) -> None:
    helper = casework.a_helper(family, "catheter-change", "home-checkup", places=3)
    with time_machine.travel(STORY), tenant_scope(family.tenant):
        ids = taken(family, helper)
        work.arrive(ids, helper.id)
        work.arrive(ids, helper.id)
        with pytest.raises(Refused) as refused:
            work.finish(ids, helper.id, [])
        assert refused.value.field == "ticked"
        following = work.finish(ids, helper.id, ids, price=Decimal(35))
        assert [(row.planned_at.astimezone(ZONE).date(), row.day_off) for row in following] == [
            (date(2022, 9, 10), True), (date(2022, 9, 10), True),
        ]  # fmt: skip
        assert following[0].moved_to == date(2022, 9, 13), "after the Mid-Autumn days off"
        kept = work.settle_day(following[0].visit_id, helper.id, move=False)
        assert kept.astimezone(ZONE).date() == date(2022, 9, 10)
        moved = work.settle_day(following[1].visit_id, helper.id, move=True)
        assert moved.astimezone(ZONE).date() == date(2022, 9, 13)
        months = db.session.execute(
            select(Capacity.period, Capacity.used, Capacity.reserved).where(Capacity.service_id == helper.service)
        ).all()
        assert {(row.period.month, row.used, row.reserved) for row in months} == {(8, 1, 0), (9, 0, 1)}
        assert casework.ring("accompaniment.accompany") == 1
        plans = db.session.execute(select(ServicePlan.kind, ServicePlan.rrule, ServicePlan.from_on)).all()
        assert sorted(tuple(row) for row in plans) == [
            ("service", "FREQ=MONTHLY", date(2022, 8, 10)), ("service", "FREQ=MONTHLY", date(2022, 8, 10)),
            ("visit", "FREQ=MONTHLY", date(2022, 8, 10)),
        ]  # fmt: skip
        assert count("visits_done") == 2
        assert db.session.scalar(select(CaseFile.state)) == "in_service"
        paid = db.session.scalars(select(Visit.price).where(Visit.state == "done")).all()
        assert paid == [None, None], "a free service has no price"
        due = {
            row.verb: row.due_at.astimezone(ZONE).date() for row in db.session.execute(select(Step.verb, Step.due_at))
        }
        assert due["下次上门"] in (date(2022, 9, 10), date(2022, 9, 13))
        assert due["每月看望"] == date(2022, 9, 10)
        assert [row.seq for row in referrals.to_confirm(family.case_id)] == [1]


def test_a_service_that_does_not_repeat_is_claimed_and_the_family_asked(family: casework.Family) -> None:
    helper = casework.a_helper(family, "job-registration")
    with tenant_scope(family.tenant):
        ids = taken(family, helper)
        assert work.finish(ids, helper.id, ids) == []
        (row,) = referrals.slips(family.case_id)
        assert (row.request_state, row.task_state) == ("awaiting_confirmation", "completed")
        assert count("claimed_done") == 1
        step = db.session.execute(select(Step.actor, Step.verb).where(Step.id == row.request_id)).one()
        assert tuple(step) == ("居民家属", "确认结果")
        kinds = set(db.session.scalars(select(Outbox.kind)))
        assert {"referrals.ask_family", "referrals.silence"} <= kinds
        with pytest.raises(Clash):
            work.finish(ids, helper.id, ids)
        assert confirming.family_phone(family.case_id) == casework.PHONE


def test_the_end_of_a_job_ends_its_plan_and_frees_its_places(family: casework.Family) -> None:
    helper = casework.a_helper(family, "catheter-change")
    with tenant_scope(family.tenant):
        ids = taken(family, helper)
        work.finish(ids, helper.id, ids)
        consent_id = db.session.scalars(select(consents.Consent.id)).one()
        consents.withdraw(consent_id, "")
        ended = db.session.scalars(select(ServicePlan.ended_at).where(ServicePlan.task_id == ids[0])).one()
        assert ended is not None
        assert db.session.scalars(select(Visit.state).where(Visit.task_id == ids[0]).order_by(Visit.id)).all() == [
            "done", "cancelled",
        ]  # fmt: skip
        held = db.session.scalars(select(Capacity.reserved).where(Capacity.service_id == helper.service)).all()
        assert set(held) == {0}


def test_nobody_at_home_is_the_desks_business_within_a_day(family: casework.Family) -> None:
    helper = casework.a_helper(family, "catheter-change")
    with tenant_scope(family.tenant):
        ids = taken(family, helper)
        work.missed(ids, helper.id)
        verbs = set(db.session.scalars(select(Step.verb).where(Step.object_kind == "referral_request")))
        assert verbs == {"联系家属,另约时间"}
        assert [row.state for row in queries.of_case(family.case_id)] == ["missed", "planned"]


def test_a_visit_is_finished_once_and_a_retry_is_the_same_visit(family: casework.Family) -> None:
    key = uuid4()
    with tenant_scope(family.tenant):
        visit = service.plan_visit(family.case_id, "first", now())
        service.finish_visit(visit.id, client_key=key, note="家中有人")
        assert service.finish_visit(visit.id, client_key=key).id == visit.id
        assert count("visits_done") == 1
        with pytest.raises(Refused):
            service.finish_visit(visit.id)
        with pytest.raises(Absent):
            service.finish_visit(uuid4())


def test_a_reminder_before_the_next_visit_brings_a_fresh_link(family: casework.Family) -> None:
    helper = casework.a_helper(family, "catheter-change")
    with tenant_scope(family.tenant):
        ids = taken(family, helper)
        (following,) = work.finish(ids, helper.id, ids)
        jobs.remind({"visit": str(following.visit_id)})
        keys = db.session.scalars(select(Outbox.unique_key).where(Outbox.kind == "referrals.job_link")).all()
        assert f"visit-link-{following.visit_id}" in keys


def test_months_without_a_31st_are_not_skipped() -> None:
    assert rules.next_day("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 2, 1)) == date(2026, 2, 28)
    assert rules.next_day("FREQ=MONTHLY", date(2026, 1, 31), date(2026, 2, 28)) == date(2026, 3, 31)
    assert rules.next_day("FREQ=WEEKLY;INTERVAL=2", date(2026, 1, 1), date(2026, 1, 1)) == date(2026, 1, 15)
    assert rules.next_day("FREQ=DAILY;COUNT=1", date(2026, 1, 1), date(2026, 1, 1)) is None
    assert rules.first_day("FREQ=MONTHLY", date(2026, 1, 31)) == date(2026, 1, 31)
