"""Needs near a shop in its quiet hours: what it sees, what one tap does with and without consent."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.marketplace import keeping, queries, rules
from rongjiu.marketplace.models import Admission, ProviderService
from tenants.nearby import queries as nearby
from tenants.nearby import service
from tenants.nearby.models import Willing
from tenants.needs.models import Need
from tenants.referrals import queries as referrals
from tenants.referrals.matching import service as matching
from tests import casework


def _quiet(helper: casework.Helper) -> None:
    begin, end = time(0, 0), time(23, 59)
    keeping.quiet(helper.id, rules.WEEKDAYS, begin, end, ["sign"])


def _only(helper: casework.Helper) -> nearby.Near:
    (one,) = nearby.around(helper.id)
    return one


def test_quiet_slots_are_in_the_hours_on_agreed_days_and_ahead() -> None:
    monday = datetime(2026, 11, 23, 14, 30, tzinfo=ZONE)
    quiet: dict[str, Any] = {"days": ["MO", "WE"], "from": "14:00", "to": "16:00"}
    slots = rules.quiet_slots(quiet, monday)
    assert [slot.strftime("%a %H:%M") for slot in slots] == ["Mon 15:00", "Wed 14:00"]
    assert [slot.strftime("%a") for slot in rules.quiet_slots(quiet, monday, ["WE", "FR"])] == ["Wed"]
    late = monday.replace(hour=15, minute=30)
    assert [slot.strftime("%a") for slot in rules.quiet_slots(quiet, late)] == ["Wed"]
    assert rules.quiet_slots({}, monday) == []


def test_a_shop_sees_what_it_offers_and_nobody(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    assert nearby.around(helper.id) == [], "without quiet hours it is not asked"
    _quiet(helper)
    one = _only(helper)
    assert (one.need_id, one.service_id, one.title) == (family.need, helper.service, "服务 catheter-change")
    assert all(slot > now() for slot in one.slots)
    assert not {"雁北新村", casework.NAME, "对接医疗资源"} & set(map(str, (one.title, one.community, one.urgency)))


def test_it_sees_nobody_who_may_not_have_its_service(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    _quiet(helper)
    for given, seen in (({"groups": ["children-in-hardship"]}, 0), ({"groups": ["severely-disabled"]}, 1)):
        kept = update(ProviderService).where(ProviderService.id == helper.service).values(terms=given)
        db.session.execute(kept)
        assert len(nearby.around(helper.id)) == seen


@pytest.mark.parametrize(
    "words", [{"ends_on": date(2020, 1, 1)}, {"courtyards": ["01890000-0000-7000-8000-000000000000"]}]
)
def test_the_terms_of_the_community_hold(family: casework.Family, words: dict[str, Any]) -> None:
    helper = casework.a_helper(family)
    _quiet(helper)
    db.session.execute(update(Admission).where(Admission.provider_id == helper.id).values(**words))
    assert nearby.around(helper.id) == []


def test_with_a_consent_one_tap_is_a_job(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    _quiet(helper)
    one = _only(helper)
    with tenant_scope(family.tenant):
        casework.a_consent(family, helper)
        assert service.take(helper.id, family.need, helper.service, one.slots[0])
        (slip,) = referrals.slips(family.case_id)
        assert (slip.task_state, slip.slot_at) == ("accepted", one.slots[0])
        with pytest.raises(Clash):
            service.take(helper.id, family.need, helper.service, one.slots[0])
    assert nearby.around(helper.id) == []


def test_without_a_consent_the_desk_confirms_once_there_is_one(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    _quiet(helper)
    slot = now() + timedelta(days=1)
    with tenant_scope(family.tenant):
        assert not service.take(helper.id, family.need, helper.service, slot)
        assert referrals.slips(family.case_id) == [], "nothing went out"
        (row,) = nearby.of_need(family.need)
        with pytest.raises(Refused, match="授权"):
            service.confirm(row.id)
        casework.a_consent(family, helper)
        service.confirm(row.id)
        (slip,) = referrals.slips(family.case_id)
        assert (slip.task_state, slip.slot_at) == ("accepted", slot)
        assert nearby.of_need(family.need) == []
        with pytest.raises(Clash):
            service.confirm(row.id)


def test_thanked_is_over_and_a_need_without_a_person_is_not_sent(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    _quiet(helper)
    slot = now() + timedelta(days=1)
    with tenant_scope(family.tenant):
        db.session.execute(update(Need).where(Need.id == family.need).values(person_id=None))
        casework.a_consent(family, helper)
        assert not service.take(helper.id, family.need, helper.service, slot)
        (row,) = nearby.of_need(family.need)
        with pytest.raises(Refused, match="哪位家人"):
            service.confirm(row.id)
        service.thank(row.id)
        service.thank(row.id)
        assert db.session.scalars(select(Willing.state)).all() == ["thanked"]


def test_quiet_hours_are_checked_and_languages_become_a_reason(family: casework.Family) -> None:
    helper = casework.a_helper(family)
    nine, ten = time(9), time(10)
    with pytest.raises(Refused) as refused:
        keeping.quiet(helper.id, ["MO"], ten, nine, [])
    assert refused.value.field == "until"
    with pytest.raises(Refused):
        keeping.quiet(helper.id, ["MO"], None, nine, [])
    keeping.quiet(helper.id, [], None, None, ["sign", "shaanxi"])
    row = queries.find(helper.id)
    assert row is not None
    assert (row.quiet, row.languages) == ({}, ["shaanxi", "sign"])
    with tenant_scope(family.tenant):
        run = matching.match(family.need)
    assert {"speaks_sign", "speaks_shaanxi"} <= set(run.candidates[0]["reasons"])
