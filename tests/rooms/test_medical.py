"""Medical providers: licensed staff, a log of care without a person in it, declared prices."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.kinds import care, licences, prices, reminders
from rongjiu.marketplace.kinds.models import CareStaff, CareVisit
from rongjiu.outbox import PlatformOutbox
from tests import casework

CATHETER = prices.Price("一次性导尿管", "根", Decimal("18.50"), today(), "西安价公示 2026-17 号")


def _nurse(provider_id: UUID, days: int | None, name: str = "刘护士") -> UUID:
    ends = None if days is None else today() + timedelta(days=max(days, 0))
    made = licences.save(provider_id, licences.Member(name, "nurse", "20261030001", ends))
    if days is not None and days < 0:
        with licences.own(provider_id):
            db.session.get_one(CareStaff, made).ends_on = today() + timedelta(days=days)
    return made


def test_nobody_with_an_ended_licence_is_sent(inside: None) -> None:
    helper = casework.a_helper(casework.a_family())
    assert licences.medical(helper.id)
    licences.check(helper.id, None, today())
    fresh, over = _nurse(helper.id, 90), _nurse(helper.id, -1, "王护士")
    licences.check(helper.id, fresh, today())
    for staff, day in ((None, today()), (over, today()), (fresh, today() + timedelta(days=91)), (uuid7(), today())):
        with pytest.raises(Refused) as refused:
            licences.check(helper.id, staff, day)
        assert refused.value.field == "staff"
    licences.leave(helper.id, fresh)
    with pytest.raises(Refused):
        licences.check(helper.id, fresh, today())


def test_another_provider_reads_neither_staff_nor_log(inside: None) -> None:
    family = casework.a_family()
    one, other = casework.a_helper(family), casework.a_helper(family)
    nurse = _nurse(one.id, 90)
    care.close(one.id, uuid7(), family.community_id, ["上门更换尿管"], staff_id=nurse, acts=["catheter"])
    assert licences.listed(other.id) == ([], 0) and care.log(other.id) == ([], 0)
    for act in (lambda: licences.one(other.id, nurse), lambda: licences.leave(other.id, nurse)):
        with pytest.raises(Absent):
            act()
    for table in (CareStaff, CareVisit):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    with licences.own(one.id):
        raw = db.session.execute(text("SELECT name, licence FROM care_staff")).one()
        assert "刘护士".encode() not in bytes(raw.name) and b"20261030001" not in bytes(raw.licence)


def test_the_log_holds_acts_of_care_and_missed_visits_and_no_person(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family)
    nurse, task = _nurse(helper.id, None), uuid7()
    care.plan(helper.id, task, family.community_id, ["上门更换尿管"], nurse, now())
    assert care.planned_staff(helper.id, task) == nurse
    assert care.log(helper.id) == ([], 0), "planned for a job that is not there (any more)"
    care.close(helper.id, task, family.community_id, ["上门更换尿管"], acts=["catheter", "vital_signs"])
    care.close(helper.id, uuid7(), family.community_id, ["上门体检"], missed=True)
    rows, total = care.log(helper.id)
    assert total == 2 and care.counts(helper.id) == {"done": 1, "missed": 1}
    done = next(row for row in rows if row.state == "done")
    assert (done.acts, done.staff) == (["vital_signs", "catheter"], "刘护士")
    columns = {column.name for column in CareVisit.__table__.columns}
    assert not columns & {"person_id", "household_id", "name", "note", "words", "tenant_id"}
    for acts in ((), ("家里很困难",)):
        with pytest.raises(Refused) as refused:
            care.close(helper.id, uuid7(), family.community_id, [], acts=acts)
        assert refused.value.field == "acts"


def test_a_declared_price_takes_the_place_of_the_one_before(inside: None) -> None:
    family = casework.a_family()
    helper, other = casework.a_helper(family), casework.a_helper(family)
    prices.declare(helper.id, CATHETER)
    fresh = prices.declare(
        helper.id, prices.Price("一次性导尿管", "根", Decimal("16"), today(), "西安价公示 2026-20 号")
    )
    assert [row.price for row in prices.listed(helper.id, valid=True)[0]] == [Decimal("16.00")]
    assert prices.listed(helper.id)[1] == 2
    with pytest.raises(Absent):
        prices.withdraw(other.id, fresh)
    prices.withdraw(helper.id, fresh)
    assert prices.listed(helper.id, valid=True) == ([], 0)


@pytest.mark.parametrize(
    ("price", "field"),
    [
        (prices.Price("", "根", Decimal(1), today(), "公示 17 号"), "item"),
        (prices.Price("导尿管", "", Decimal(1), today(), "公示 17 号"), "unit"),
        (prices.Price("导尿管", "根", Decimal(-1), today(), "公示 17 号"), "price"),
        (prices.Price("导尿管", "根", Decimal(1), today() + timedelta(days=2), "公示 17 号"), "declared_on"),
        (prices.Price("导尿管", "根", Decimal(1), today(), ""), "proof"),
    ],
)
def test_a_price_without_proof_or_day_is_refused(inside: None, price: prices.Price, field: str) -> None:
    helper = casework.a_helper(casework.a_family())
    with pytest.raises(Refused) as refused:
        prices.declare(helper.id, price)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("member", "field"),
    [
        (licences.Member("", "nurse", "1234", None), "name"), (licences.Member("刘某", "chef", "1234", None), "post"),
        (licences.Member("刘某", "nurse", "", None), "licence"),
        (licences.Member("刘某", "nurse", "1234", today() - timedelta(days=1)), "ends_on"),
    ],
)  # fmt: skip
def test_a_wrong_licence_is_refused_at_the_field(inside: None, member: licences.Member, field: str) -> None:
    helper = casework.a_helper(casework.a_family())
    with pytest.raises(Refused) as refused:
        licences.save(helper.id, member)
    assert refused.value.field == field


def test_the_night_reminds_of_each_step_once(inside: None) -> None:
    helper = casework.a_helper(casework.a_family())
    _nurse(helper.id, 29), _nurse(helper.id, 200), _nurse(helper.id, -1)
    for _night in range(2):
        reminders.nightly()
    told = [
        row.payload["what"] for row in db.session.query(PlatformOutbox).filter(PlatformOutbox.kind == "provider_told")
    ]
    assert sorted(told) == ["licence_over", "licence_soon"]
