"""Nobody whose licence has ended is sent, whichever way a job is taken: by the desk's word on a proposed time, near the
shop, moved to another day, or taken straight away."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace import keeping, rules
from rongjiu.marketplace.kinds import care, licences
from rongjiu.marketplace.kinds.models import CareStaff
from rongjiu.marketplace.models import Provider
from tenants.nearby import queries as nearby
from tenants.nearby import service as near
from tenants.nearby.models import Willing
from tenants.referrals import answering, service
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import proposals
from tests import casework


@pytest.fixture
def family(inside: None) -> Iterator[casework.Family]:
    made = casework.a_family()
    with tenant_scope(made.tenant):
        yield made


def _nurse(provider_id: UUID, days: int) -> UUID:
    return licences.save(provider_id, licences.Member("刘护士", "nurse", "20261030001", today() + timedelta(days=days)))


def _ended(provider_id: UUID, staff_id: UUID) -> None:
    with licences.own(provider_id):
        db.session.get_one(CareStaff, staff_id).ends_on = today() - timedelta(days=1)
        db.session.flush()


def _noon(days: int) -> datetime:
    return datetime.combine(today() + timedelta(days=days), time(12), ZONE)


def _offered(family: casework.Family, helper: casework.Helper) -> UUID:
    given = casework.a_consent(family, helper)
    return service.offer(family.need, [helper.service], given, family.old_man)[0].id


def _state(task_id: UUID) -> str:
    return str(db.session.scalar(select(ReferralTask.state).where(ReferralTask.id == task_id)))


def test_the_desk_does_not_agree_to_a_time_with_an_ended_licence(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    nurse, task, slot = _nurse(helper.id, 3), _offered(family, helper), _noon(2)
    care.plan(helper.id, task, family.community_id, ["上门更换尿管"], nurse, slot)
    proposals.propose([task], helper.id, slot)
    _ended(helper.id, nurse)
    with pytest.raises(Refused) as refused:
        proposals.settle(task, agree=True)
    assert refused.value.field == "staff"
    assert "刘" not in refused.value.message, "whose licence it is stays the provider's"
    assert _state(task) == "requested"
    proposals.settle(task, agree=False)
    fresh = licences.save(helper.id, licences.Member("王护士", "nurse", "20261030002", None))
    care.plan(helper.id, task, family.community_id, ["上门更换尿管"], fresh, slot)
    proposals.propose([task], helper.id, slot)
    proposals.settle(task, agree=True)
    assert _state(task) == "accepted"
    assert [(row.staff, row.state) for row in care.log(helper.id)[0]] == [("王护士", "planned")]


def test_a_job_is_not_taken_for_nobody(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    task = _offered(family, helper)
    _nurse(helper.id, 90)
    with pytest.raises(Refused) as refused:
        answering.accept([task], helper.id, _noon(1))
    assert refused.value.field == "staff"
    assert _state(task) == "requested"


def test_who_is_no_hospital_names_nobody(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    _nurse(helper.id, 90)
    db.session.execute(update(Provider).where(Provider.id == helper.id).values(group="company", kind="shop"))
    task = _offered(family, helper)
    answering.accept([task], helper.id, _noon(1))
    assert _state(task) == "accepted"


def test_a_job_is_not_moved_beyond_the_end_of_a_licence(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    nurse, task = _nurse(helper.id, 2), _offered(family, helper)
    care.plan(helper.id, task, family.community_id, ["上门更换尿管"], nurse, _noon(1))
    answering.accept([task], helper.id, _noon(1))
    with pytest.raises(Refused) as refused:
        answering.reschedule([task], helper.id, _noon(3))
    assert refused.value.field == "staff"
    answering.reschedule([task], helper.id, _noon(2))
    assert [row.at for row in care.log(helper.id)[0]] == [_noon(2)]


def test_what_is_taken_near_the_shop_names_who_goes(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    keeping.quiet(helper.id, rules.WEEKDAYS, time(0, 0), time(23, 59), [])
    nurse = _nurse(helper.id, 90)
    over = _nurse(helper.id, 1)
    _ended(helper.id, over)
    (one,) = nearby.around(helper.id)
    slot = one.slots[0]
    for named in (None, over):
        with pytest.raises(Refused) as refused:
            near.take(helper.id, one.need_id, one.service_id, slot, named)
        assert refused.value.field == "staff"
    assert db.session.scalar(select(Willing.id)) is None
    assert near.take(helper.id, one.need_id, one.service_id, slot, nurse) is False
    assert care.log(helper.id) == ([], 0), "a wish is no visit yet"
    wish = db.session.scalars(select(Willing.id)).one()
    casework.a_consent(family, helper)
    _ended(helper.id, nurse)
    with pytest.raises(Refused) as refused:
        near.confirm(wish)
    assert refused.value.field == "staff"


def test_what_is_taken_near_the_shop_on_a_consent_is_planned_at_once(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    keeping.quiet(helper.id, rules.WEEKDAYS, time(0, 0), time(23, 59), [])
    nurse = _nurse(helper.id, 90)
    casework.a_consent(family, helper)
    (one,) = nearby.around(helper.id)
    assert near.take(helper.id, one.need_id, one.service_id, one.slots[0], nurse) is True
    task = db.session.scalars(select(ReferralTask).where(ReferralTask.provider_id == helper.id)).one()
    assert task.state == "accepted"
    assert care.planned_staff(helper.id, task.id) == nurse
    assert [row.at for row in care.log(helper.id)[0]] == [one.slots[0]], "planned once, for the offer"
    assert now() < one.slots[0]
