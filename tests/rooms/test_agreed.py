"""Days and courtyards on which a community agreed with a provider hold where an offer goes out and where a time is set."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import rules
from rongjiu.marketplace.models import Admission, ProviderService
from tenants.referrals import answering, queries, service
from tenants.referrals.offering import line, proposals
from tenants.residents.models import Household
from tests import casework


def _limit(helper: casework.Helper, **words: object) -> None:
    db.session.execute(update(Admission).where(Admission.provider_id == helper.id).values(**words))


def test_another_courtyard_is_refused_with_what_to_do(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        _limit(helper, courtyards=[str(uuid7())])
        with pytest.raises(Refused, match="别的院落.*书记") as refused:
            service.offer(family.need, [helper.service], consent, family.old_man)
        assert refused.value.field == "service"
        assert queries.slips(family.case_id) == []
        yard = db.session.scalar(select(Household.courtyard_id).where(Household.id == family.household_id))
        _limit(helper, courtyards=[str(yard)])
        service.offer(family.need, [helper.service], consent, family.old_man)


def test_days_that_never_meet_are_refused_and_named(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        _limit(helper, weekdays=["MO", "TU"])
        schedule = {"days": ["SA", "SU"], "part": "all_day"}
        db.session.execute(
            update(ProviderService).where(ProviderService.id == helper.service).values(schedule=schedule)
        )
        with pytest.raises(Refused) as refused:
            service.offer(family.need, [helper.service], consent, family.old_man)
        assert "周一、周二" in str(refused.value)
        assert "周六、周日" in str(refused.value)
        with pytest.raises(Refused):
            line.wait(family.need, [helper.service], consent, family.old_man)


def test_a_time_on_another_day_is_refused_but_may_be_proposed(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    good, bad = now() + timedelta(days=2), now() + timedelta(days=3)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        (task,) = service.offer(family.need, [helper.service], consent, family.old_man)
        task_id = task.id
        _limit(helper, weekdays=[rules.WEEKDAYS[good.astimezone(ZONE).weekday()]])
        with pytest.raises(Refused, match="只在周") as refused:
            answering.accept([task_id], helper.id, bad)
        assert refused.value.field == "slot"
        proposals.propose([task_id], helper.id, bad)
        answering.accept([task_id], helper.id, good)
        with pytest.raises(Refused, match="只在周"):
            answering.reschedule([task_id], helper.id, bad)
