"""What each kind lays out, and what it must have said before: advice hours and law talks, beds, lectures, interviews."""

from datetime import time, timedelta
from typing import Any

import pytest

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace import requirements, signing, slot_plans
from rongjiu.marketplace.kinds import meeting
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.service import publish
from tenants.referrals import service as referrals
from tests import casework, factories


def _helper(kind: str, service: str, details: dict[str, Any]) -> tuple[casework.Family, casework.Helper]:
    family = casework.a_family()
    helper = casework.a_helper(family, service, mode="on_site")
    row = db.session.get_one(Provider, helper.id)
    row.kind, row.details = kind, details
    db.session.flush()
    return family, helper


def _plan(helper: casework.Helper, places: int, hour: int = 9) -> slot_plans.Plan:
    return slot_plans.Plan(helper.service, today() + timedelta(days=3), time(hour), time(hour + 2), places)


@pytest.mark.parametrize(
    ("kind", "service", "lacking", "details", "called"),
    [
        ("hospital", "free-clinic", "medical_licence", {"clinic_days": "每周三", "booking": "社区预约", "medical_licence": "PDY1"}, "义诊(门诊)日"),
        ("law_firm", "legal-advice", "sealed_files", {"advice_slots": "周三上午", "sealed_files": True}, "咨询时段"),
        ("nursing_hospital", "rehab-care", "beds", {"beds": 20, "care_level": "二级", "medical_licence": "PDY1"}, "床位"),
        ("training_institution", "family-lecture", "no_sales", {"seats": 40, "no_sales": True}, "讲座"),
        ("employer", "job-registration", "pay", {"jobs": "骑手", "pay": "计件", "distance": "1 公里"}, "面谈时段"),
    ],
)  # fmt: skip
def test_a_kind_lays_out_its_slots_once_it_has_said_what_it_must(
    inside: None, kind: str, service: str, lacking: str, details: dict[str, Any], called: str
) -> None:
    _family, helper = _helper(kind, service, {name: value for name, value in details.items() if name != lacking})
    with pytest.raises(Refused) as refused:
        slot_plans.lay_out(helper.id, _plan(helper, 1))
    assert refused.value.field == "service"
    db.session.get_one(Provider, helper.id).details = details
    db.session.flush()
    assert slot_plans.lay_out(helper.id, _plan(helper, 2)).made == 1
    assert requirements.SLOTS[requirements.need("social_org", kind).slot] == called


def test_a_law_firm_gives_hours_of_advice_and_talks_and_a_community_books_them(inside: None) -> None:
    family, helper = _helper("law_firm", "legal-advice", {"advice_slots": "周三上午", "sealed_files": True})
    slot_plans.lay_out(helper.id, _plan(helper, 1))
    slot_plans.lay_out(helper.id, _plan(helper, 40, 14))
    coming = meeting.coming([helper.id])
    assert [row.maximum for row in coming] == [1, 40]
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        referrals.offer(family.need, [helper.service], consent, family.old_man, slot_id=coming[0].id)
    assert [row.maximum for row in meeting.coming([helper.id])] == [40]
    assert [row.id for row in meeting.admitted(family.community_id, ["law_firm"])] == [helper.id]
    assert meeting.admitted(family.community_id, ["hospital"]) == []


def test_lectures_are_offered_only_after_the_promise_to_sell_nothing_is_signed(inside: None) -> None:
    _family, helper = _helper("academy", "arts-class", {"seats": 30, "no_sales": True})
    assert publish(helper.id) == 0
    account = factories.a_person_with_role("provider_owner", "provider", helper.id)
    assert account.token and signing.unsigned(helper.id, "social_org", "academy") == ("general", "no_sales")
    signing.sign(helper.id, ("no_sales",))
    assert publish(helper.id) == 1
