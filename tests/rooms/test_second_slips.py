"""The same help twice: warned before a second slip is drafted, and an ending points to the other record."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from tenants.needs import service as needs
from tenants.referrals import answering, queries, service
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.offering import asked
from tests import casework


@pytest.fixture
def family(inside: None) -> Iterator[casework.Family]:
    found = casework.a_family()
    with tenant_scope(found.tenant):
        yield found


def test_a_second_slip_of_the_same_kind_needs_a_reason_that_is_kept(family: casework.Family) -> None:
    first, second = casework.a_helper(family), casework.a_helper(family)
    one, two = (casework.a_consent(family, each) for each in (first, second))
    (task,) = service.offer(family.need, [first.service], one, family.old_man)
    with pytest.raises(Refused) as refused:
        service.offer(family.girl_need, [second.service], two, family.old_man)
    assert (refused.value.field, refused.value.message) == ("again", service.TWIN)
    with pytest.raises(Refused):
        service.offer(family.girl_need, [second.service], two, family.old_man, again=" ")
    assert db.session.scalars(select(ReferralRequest.id)).all() == [task.request_id], "nothing was drafted"
    (again,) = service.offer(family.girl_need, [second.service], two, family.old_man, again="两次不同的病")
    kept = db.session.get_one(ReferralRequest, (family.tenant.id, again.request_id))
    assert (kept.again, kept.like_id) == ("两次不同的病", task.request_id)
    answering.cancel(again.id, "no-longer-needed")
    service.offer(family.girl_need, [second.service], two, family.old_man)  # its own slip: asked about before


def test_another_person_or_an_ended_slip_is_no_double(family: casework.Family) -> None:
    helper, other = casework.a_helper(family), casework.a_helper(family)
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    theirs = casework.a_consent(family, other, person=family.son)
    service.offer(family.girl_need, [other.service], theirs, family.son)
    assert asked.twin(family.old_man, family.girl_need, task.service_type) is None, "that need has its slip"
    found = asked.twin(family.old_man, uuid7(), task.service_type)
    assert found == asked.Twin(task.request_id, family.number, 1, same_kind=True)


def test_another_service_for_the_same_category_of_need_is_warned_of_too(family: casework.Family) -> None:
    helper, other = (casework.a_helper(family, kind) for kind in ("catheter-change", "home-bathing"))
    care = needs.add(family.case_id, "助浴", item_slug="assisted-bathing", person_id=family.old_man).id
    learning = needs.add(family.case_id, "学习", item_slug="child-learning", person_id=family.old_man).id
    (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
    consent = casework.a_consent(family, other)
    with pytest.raises(Refused) as refused:
        service.offer(care, [other.service], consent, family.old_man)
    assert (refused.value.field, refused.value.message) == ("again", service.AKIN)
    assert str(refused.value.words["number"]) == family.number
    assert refused.value.words["seq"] == 1
    assert asked.twin(family.old_man, learning, "home-bathing") is None, "another category"
    assert asked.twin(family.son, care, "home-bathing") is None, "another person"
    (again,) = service.offer(care, [other.service], consent, family.old_man, again="看病和助浴是两件事")
    assert db.session.get_one(ReferralRequest, (family.tenant.id, again.request_id)).like_id == task.request_id


@pytest.mark.parametrize("reason", ["duplicate", "already-helped"])
def test_such_an_ending_names_the_other_record(family: casework.Family, reason: str) -> None:
    first, second = casework.a_helper(family), casework.a_helper(family)
    (one,) = service.offer(family.need, [first.service], casework.a_consent(family, first), family.old_man)
    (two,) = service.offer(
        family.girl_need, [second.service], casework.a_consent(family, second), family.old_man, again="再派一张"
    )
    for wrong in (None, one.request_id, uuid7()):
        with pytest.raises(Refused) as refused:
            answering.cancel(one.id, reason, other_id=wrong)
        assert refused.value.field == "other"
    answering.cancel(one.id, reason, other_id=two.request_id)
    answering.cancel(two.id, reason, other_words="区医院已上门")
    rows = {row.task_id: row for row in queries.slips(family.case_id)}
    assert rows[one.id].other_id == two.request_id
    assert rows[two.id].other_words == "区医院已上门"
    assert set(db.session.scalars(select(ReferralTask.state))) == {"cancelled"}
