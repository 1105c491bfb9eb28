"""Nobody can be reached: each try is written down, and only enough of them end a job so."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from tenants.accompaniment import work
from tenants.cases.models import CaseEvent
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Timer
from tenants.referrals import answering, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import tries
from tests import casework


def sent(family: casework.Family, helper: casework.Helper) -> UUID:
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    return task.id


def test_a_job_ends_so_only_after_enough_tries_on_enough_days(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        with pytest.raises(Refused) as refused:
            answering.decline([task], helper.id, "could-not-contact")
        assert refused.value.field == "reason", "before it is taken there is no telephone to call"
        answering.accept([task], helper.id, now() + timedelta(hours=3))
        begun = now()
        for noted, (hours, *wanting) in enumerate(((0, 2, 1), (1, 1, 1), (2, 0, 1), (26, 0, 0))):
            with pytest.raises(Refused) as refused:
                answering.fail([task], helper.id, "could-not-contact")
            assert (refused.value.field, refused.value.words) == ("reason", {"many": 3, "days": 2, "had": noted})
            with time_machine.travel(begun + timedelta(hours=hours), tick=False):
                tries.note([task], helper.id)
            stands = tries.standing([task])[task]
            assert (len(stands.tries), stands.wanting, stands.days_wanting) == (noted + 1, *wanting)
        answering.fail([task], helper.id, "could-not-contact")
        ended = db.session.execute(select(ReferralTask.state, ReferralTask.reason_code)).one()
        assert tuple(ended) == ("failed", "could-not-contact")
        with pytest.raises(Clash):
            tries.note([task], helper.id)


def test_a_second_tap_is_no_second_try_and_a_missed_visit_is_one(
    family: casework.Family, helper: casework.Helper
) -> None:
    with tenant_scope(family.tenant):
        task = sent(family, helper)
        with pytest.raises(Clash):
            tries.note([task], helper.id)
        answering.accept([task], helper.id, now() + timedelta(hours=3))
        tries.note([task], helper.id)
        with pytest.raises(Clash, match="半小时"):
            tries.note([task], helper.id)
        work.missed([task], helper.id)
        assert [way for way, _at in tries.standing([task])[task].tries] == ["phone", "door"]
        lines = db.session.execute(select(CaseEvent.detail, CaseEvent.actor_post).where(CaseEvent.kind == tries.TRIED))
        assert all(set(row.detail) == {"task_id", "way"} and row.actor_post.startswith("测试机构") for row in lines)


def test_how_many_tries_is_the_community_s_setting(family: casework.Family, helper: casework.Helper) -> None:
    with tenant_scope(family.tenant):
        for slug, value in (("no-contact-tries", 2), ("no-contact-days", 1)):
            row = db.session.scalars(select(Timer).where(Timer.slug == slug)).one()
            db.session.execute(update(Timer).where(Timer.id == row.id).values(content={**row.content, "value": value}))
        catalogue.forget_timers()
        task = sent(family, helper)
        answering.accept([task], helper.id, now() + timedelta(hours=3))
        tries.note([task], helper.id)
        with time_machine.travel(now() + timedelta(minutes=31), tick=False):
            tries.note([task], helper.id)
        answering.fail([task], helper.id, "could-not-contact")
        assert tries.standing([]) == {}
