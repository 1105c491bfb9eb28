"""Dated slots: laid out week by week without holidays, booked with an offer, cancelled with everybody told."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from rongjiu.clock import ZONE, now, today
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, opendata, search, slot_plans, slots, vacancies
from rongjiu.marketplace import queries as market
from rongjiu.marketplace.models import Provider, Reservation, ServiceSlot
from rongjiu.outbox import Outbox
from tenants.accompaniment import bookings, work
from tenants.referrals import answering, jobs, receiving
from tenants.referrals import service as referrals
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask
from tests import casework

DETAILS = {"clinic_days": "每周三", "booking": "社区预约", "medical_licence": "PDY00000161010"}


def _helper(family: casework.Family, **words: Any) -> casework.Helper:
    helper = casework.a_helper(family, "home-checkup", **words)
    db.session.get_one(Provider, helper.id).details = DETAILS
    return helper


def _plan(helper: casework.Helper, **words: Any) -> slot_plans.Plan:
    given = {"first": today() + timedelta(days=3), "begins": time(9), "ends": time(11), "places": 1, "weeks": 1}
    return slot_plans.Plan(helper.service, **{**given, **words})


def _slot(helper: casework.Helper, **words: Any) -> UUID:
    slot_plans.lay_out(helper.id, _plan(helper, **words))
    rows, _total = slots.listed(helper.id)
    return UUID(str(rows[0].id))


def _offer(family: casework.Family, helper: casework.Helper, slot: UUID | None) -> ReferralTask:
    consent = casework.a_consent(family, helper)
    return referrals.offer(family.need, [helper.service], consent, family.old_man, slot_id=slot)[0]


def test_weeks_repeat_and_official_holidays_are_left_out(inside: None) -> None:
    helper = _helper(casework.a_family())
    with time_machine.travel(datetime(2026, 9, 20, 9, tzinfo=ZONE), tick=False):
        plan = _plan(helper, first=date(2026, 9, 24), weeks=3)
        assert slot_plans.lay_out(helper.id, plan) == slot_plans.Laid(2, (date(2026, 10, 1),), 0)
        assert slot_plans.lay_out(helper.id, plan) == slot_plans.Laid(0, (date(2026, 10, 1),), 2), (
            "laid out twice is once"
        )
        rows, total = slots.listed(helper.id)
        assert total == 2
        assert [row.starts_at.astimezone(ZONE).date() for row in rows] == [date(2026, 9, 24), date(2026, 10, 8)]
        assert {(row.maximum, row.reserved, row.used) for row in rows} == {(1, 0, 0)}


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"first": None}, "first"),
        ({"first": date(2020, 1, 1)}, "first"),
        ({"begins": None}, "begins"),
        ({"ends": time(9)}, "ends"),
        ({"places": 0}, "places"),
        ({"weeks": 27}, "weeks"),
    ],
)
def test_what_is_typed_wrongly_is_named(inside: None, words: dict[str, Any], field: str) -> None:
    helper = _helper(casework.a_family())
    with pytest.raises(Refused) as caught:
        slot_plans.lay_out(helper.id, _plan(helper, **words))
    assert caught.value.field == field


def test_a_clinic_without_its_licence_lays_out_nothing(inside: None) -> None:
    helper = casework.a_helper(casework.a_family(), "home-checkup")
    db.session.get_one(Provider, helper.id).details = {**DETAILS, "medical_licence": ""}
    with pytest.raises(Refused, match="执业许可证号"):
        slot_plans.lay_out(helper.id, _plan(helper))
    with pytest.raises(Absent):
        slot_plans.lay_out(casework.a_helper(casework.a_family()).id, _plan(helper))


def test_a_booked_slot_holds_its_place_and_no_place_of_the_month(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family)
    slot = _slot(helper)
    with tenant_scope(family.tenant):
        task = _offer(family, helper, slot)
        starts = slots.one(helper.id, slot).starts_at
        assert (task.slot_id, task.slot_at) == (slot, starts)
        assert vacancies.free_places([helper.service], today()) == {helper.service: 4}
        assert slots.one(helper.id, slot).reserved == 1
        assert slots.open_of([helper.service]) == []
        answering.accept([task.id], helper.id, None)
        assert task.slot_at == starts
        assert slots.one(helper.id, slot).reserved == 1, "accepting takes no second place"
        assert receiving.job(family.tenant, helper.id, [task.id]).items[0].booked
        with pytest.raises(Refused, match="由社区改约"):
            answering.reschedule([task.id], helper.id, now() + timedelta(days=1))
        work.arrive([task.id], helper.id)
        work.finish([task.id], helper.id, [task.id], last=True)
        row = slots.one(helper.id, slot)
        assert (row.reserved, row.used) == (0, 1)


def test_places_never_sink_below_what_is_promised(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family)
    slot = _slot(helper, places=3)
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        for need in (family.need, family.girl_need):
            referrals.offer(need, [helper.service], consent, family.old_man, slot_id=slot, again="两项各一次")
        with pytest.raises(Refused, match="已经约出 2 个") as caught:
            slots.resize(helper.id, slot, 1)
        assert caught.value.field == "places"
        slots.resize(helper.id, slot, 2)
        assert slots.one(helper.id, slot).maximum == 2
        capacity.resize(helper.service, 0)
        assert slots.one(helper.id, slot).maximum == 2, "the places a month are another line of the ledger"


def test_a_cancelled_slot_tells_those_booked_and_returns_them_to_matching(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family)
    slot = _slot(helper)
    with tenant_scope(family.tenant):
        task_id = _offer(family, helper, slot).id
    with scoped(Scope(provider_id=helper.id)):
        assert [row.community_name for row in slots.bookings(helper.id, slot)]
        with pytest.raises(Refused) as caught:
            bookings.cancel_slot(helper.id, slot, " ")
        assert caught.value.field == "reason"
        assert bookings.cancel_slot(helper.id, slot, "医生临时出诊") == 1
        assert bookings.cancel_slot(helper.id, slot, "医生临时出诊") == 0, "twice is once"
    with tenant_scope(family.tenant):
        task = db.session.scalars(select(ReferralTask).where(ReferralTask.id == task_id)).one()
        assert (task.state, task.reason_code) == ("cancelled", "slot-cancelled")
        request = db.session.scalars(select(ReferralRequest).where(ReferralRequest.id == task.request_id)).one()
        assert request.state in ("active", "on-hold"), "the need stays open"
        told = db.session.scalars(select(Outbox.kind).where(Outbox.kind == "referrals.slot_cancelled")).all()
        assert len(told) == 1
        assert casework.NAME not in jobs.SLOT_CANCELLED % {"phone": "1"}
        assert slots.one(helper.id, slot).left == 0
        with pytest.raises(Clash, match="已经取消"):
            slots.bookable(slot, [helper.service])
    assert db.session.scalars(select(Reservation.state).where(Reservation.slot_id == slot)).all() == ["released"]


def test_a_slot_that_began_is_neither_booked_nor_cancelled(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family)
    slot = _slot(helper)
    with time_machine.travel(now() + timedelta(days=4), tick=False):
        with pytest.raises(Clash, match="已经开始"):
            slots.mark_cancelled(helper.id, slot, "晚了")
        with pytest.raises(Clash, match="已经开始"):
            slots.bookable(slot, [helper.service])
        assert slots.listed(helper.id)[1] == 0
        assert slots.listed(helper.id, past=True)[1] == 1
    with pytest.raises(Refused) as caught:
        slots.bookable(slot, [family.need])
    assert caught.value.field == "slot"
    assert db.session.get_one(ServiceSlot, slot).state == "open"


def _line(family: casework.Family, helper: casework.Helper) -> dict[str, Any] | None:
    """How matching shows the helper's service now; None when it is left out for want of a place."""
    run = matching.match(family.need, ["home-checkup"])
    found = [line for row in run.candidates for line in row["services"] if line["service_id"] == str(helper.service)]
    left = [row["reason"] for row in run.excluded if row["service_id"] == str(helper.service)]
    assert bool(found) != (left == ["no_capacity"])
    return found[0] | {"reasons": run.candidates[0]["reasons"]} if found else None


def test_a_full_month_with_a_free_slot_has_places_and_without_one_has_none(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family, places=1)
    with tenant_scope(family.tenant):
        assert (_line(family, helper) or {})["free"] == 1
        capacity.reserve(uuid7(), helper.service, today(), family.community_id)
        assert _line(family, helper) is None, "the month is full and no slot is laid out"
    slot = _slot(helper, places=2)
    with tenant_scope(family.tenant):
        line = _line(family, helper) or {}
        assert (line["free"], line["slots"]) == (0, 2)
        assert line["slot_at"] == slots.one(helper.id, slot).starts_at.isoformat()
        assert "has_slots" in line["reasons"]
        with pytest.raises(capacity.Full):
            _offer(family, helper, None)
        assert _offer(family, helper, slot).state == "requested"
        capacity.reserve(
            uuid7(), helper.service, slots.one(helper.id, slot).starts_at.date(), family.community_id, slot_id=slot
        )
        assert _line(family, helper) is None, "both are full"


def test_a_free_month_with_full_slots_has_places(inside: None) -> None:
    family = casework.a_family()
    helper = _helper(family, places=3)
    slot = _slot(helper, places=1)
    with tenant_scope(family.tenant):
        _offer(family, helper, slot)
        line = _line(family, helper) or {}
        assert (line["free"], line["slots"], line["slot_at"]) == (3, 0, None)


def test_every_page_counts_the_same_places(inside: None) -> None:
    family = casework.a_family()
    with time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=ZONE), tick=False):
        helper = _helper(family, places=3)
        slot_plans.lay_out(helper.id, _plan(helper, first=date(2026, 11, 12), places=2))
        slot_plans.lay_out(helper.id, _plan(helper, first=date(2026, 12, 3), places=5))
        slot_plans.lay_out(helper.id, _plan(helper, first=date(2026, 11, 19), places=4))
        (gone,) = [row.id for row in slots.listed(helper.id)[0] if row.maximum == 4]
        slots.mark_cancelled(helper.id, gone, "医生进修")
        with tenant_scope(family.tenant):
            _offer(family, helper, UUID(str(slots.listed(helper.id)[0][0].id)))
        (own,) = market.services(helper.id)
        assert (own.maximum, own.reserved, own.slots_left, own.slots_most) == (3, 0, 1, 2)
        shown = search.places_left(helper.id)[str(helper.service)]
        assert (shown.maximum, shown.slots_left, shown.slots_most) == (3, 1, 2)
        street = db.session.get_one(Provider, helper.id).street_id
        (row,) = [one for one in search.for_community(family.community_id, street) if one.id == helper.id]
        open_data = opendata.places([helper.service])[helper.service]["available"]
        assert row.free == search.resources(family.community_id)["free"] == open_data == 4


def test_open_data_counts_the_slots_of_the_month_too(inside: None) -> None:
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=ZONE), tick=False):
        helper = _helper(casework.a_family(), places=3)
        _slot(helper, places=2, first=date(2026, 12, 2))
        found = opendata.places([helper.service])[helper.service]
        assert (found["available"], found["maximum"]) == (3, 3), "a slot of another month is no place of this one"
        _slot(helper, places=2, first=date(2026, 11, 30))
        found = opendata.places([helper.service])[helper.service]
        assert (found["available"], found["maximum"]) == (5, 5)
