"""What repeats keeps to the days, courtyards and quota on which a community lets a provider in."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from rongjiu.audit import Audit
from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import rules, terms
from rongjiu.marketplace.models import Admission
from rongjiu.oversight.models import Step
from tenants.accompaniment import queries, work
from tenants.accompaniment.models import Visit
from tenants.referrals import answering
from tenants.referrals import service as referrals
from tenants.referrals.models import ReferralTask
from tests import casework

BEGAN = datetime(2022, 8, 10, 9, 0, tzinfo=ZONE)
"""A Wednesday; a month later is Saturday 10 September, the first of the Mid-Autumn days off (to Monday the 12th)."""


def _taken(family: casework.Family, helper: casework.Helper) -> UUID:
    task = referrals.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)[0].id
    answering.accept([task], helper.id, now() + timedelta(hours=1))
    return task


def _next_day(family: casework.Family, helper: casework.Helper, task: UUID) -> date:
    (following,) = work.finish([task], helper.id, [task])
    planned = db.session.scalars(select(Visit.planned_at).where(Visit.id == following.visit_id)).one()
    assert planned == following.planned_at == db.session.get_one(ReferralTask, (family.tenant.id, task)).slot_at
    return planned.astimezone(ZONE).date()


@pytest.mark.parametrize(
    ("weekdays", "day"),
    [
        ([], date(2022, 9, 10)), (["WE"], date(2022, 9, 14)), (["MO", "WE"], date(2022, 9, 12)),
        (["WE", "SA"], date(2022, 9, 10)),
    ],
)  # fmt: skip
def test_the_next_visit_falls_on_an_agreed_day(family: casework.Family, weekdays: list[str], day: date) -> None:
    helper = casework.a_helper(family, "home-checkup", places=9)
    with time_machine.travel(BEGAN, tick=False), tenant_scope(family.tenant):
        task = _taken(family, helper)
        terms.limit(helper.id, family.community_id, weekdays, [])
        assert _next_day(family, helper, task) == day


def test_a_day_off_moves_to_a_working_day_that_is_agreed(family: casework.Family) -> None:
    helper = casework.a_helper(family, "home-checkup", places=9)
    with time_machine.travel(BEGAN, tick=False), tenant_scope(family.tenant):
        task = _taken(family, helper)
        terms.limit(helper.id, family.community_id, ["MO", "SA"], [])
        (following,) = work.finish([task], helper.id, [task])
        assert (following.planned_at.astimezone(ZONE).date(), following.day_off) == (date(2022, 9, 10), True)
        assert following.moved_to == date(2022, 9, 19), "Monday the 12th is a day off too, Saturday the 17th is one"
        assert queries.upcoming([task])[0].moved_to == following.moved_to
        moved = work.settle_day(following.visit_id, helper.id, move=True)
        assert moved.astimezone(ZONE).date() == date(2022, 9, 19), "what was shown is what is done"


def test_other_courtyards_only_ends_what_repeats_and_asks_the_desk(family: casework.Family) -> None:
    helper = casework.a_helper(family, "home-checkup", places=9)
    with time_machine.travel(BEGAN, tick=False), tenant_scope(family.tenant):
        task = _taken(family, helper)
        terms.limit(helper.id, family.community_id, [], [uuid7()])
        assert work.finish([task], helper.id, [task]) == []
        assert db.session.get_one(ReferralTask, (family.tenant.id, task)).state == "completed"
        assert "约定不到这个院落了，下次另约一家" in set(db.session.scalars(select(Step.verb)))
        assert "plan.outside_terms" in set(db.session.scalars(select(Audit.verb)))


def test_a_quota_used_up_keeps_the_promise_and_tells_the_desk(family: casework.Family) -> None:
    helper = casework.a_helper(family, "home-checkup", places=9)
    with time_machine.travel(BEGAN, tick=False), tenant_scope(family.tenant):
        task = _taken(family, helper)
        row = db.session.scalars(select(Admission).where(Admission.provider_id == helper.id)).one()
        row.monthly_limit = 0
        assert _next_day(family, helper, task) == date(2022, 9, 10)
        assert "下次上门没有名额，请看要不要调" in set(db.session.scalars(select(Step.verb)))


def test_a_stopped_provider_does_what_it_took_to_the_end(family: casework.Family) -> None:
    helper = casework.a_helper(family, "home-checkup", places=9)
    with time_machine.travel(BEGAN, tick=False), tenant_scope(family.tenant):
        task = _taken(family, helper)
        terms.limit(helper.id, family.community_id, ["WE"], [uuid7()])
        db.session.scalars(select(Admission).where(Admission.provider_id == helper.id)).one().state = "withdrawn"
        assert _next_day(family, helper, task) == date(2022, 9, 10)


def test_an_agreed_day_is_on_or_after_and_within_the_week() -> None:
    for n in range(14):
        day = date(2026, 11, 1) + timedelta(days=n)
        for code in rules.WEEKDAYS:
            found = rules.agreed_day(day, [code])
            assert 0 <= (found - day).days < 7
            assert rules.WEEKDAYS[found.weekday()] == code
        assert rules.agreed_day(day, []) == day
