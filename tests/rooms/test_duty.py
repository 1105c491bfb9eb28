"""Who is on duty is rung first, on a holiday too; when nobody takes it, secretary and street follow."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import update

from rongjiu.clock import ZONE, now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity.models import Account
from tenants.catalogue import service as waits
from tenants.express import clocks, duty, rules, service
from tests.desk_of import Desk
from tests.rooms.test_express import here, rung  # noqa: F401  the fixture is used by its name

SPRING = date(2026, 2, 17)
"""The first day of the Spring Festival, a Tuesday."""


@pytest.mark.parametrize(("moment", "day", "shift"), [
    ("2026-02-17T08:00", SPRING, "day"), ("2026-02-17T19:59", SPRING, "day"), ("2026-02-17T20:00", SPRING, "night"),
    ("2026-02-18T07:59", SPRING, "night"), ("2026-02-17T00:00", SPRING - timedelta(days=1), "night"),
])  # fmt: skip
def test_a_moment_lies_in_one_shift(moment: str, day: date, shift: str) -> None:
    assert rules.shift_at(datetime.fromisoformat(moment).replace(tzinfo=ZONE)) == (day, shift)


def test_a_date_goes_before_the_week() -> None:
    one, other = UUID(int=1), UUID(int=2)
    moment = datetime(2026, 2, 17, 9, tzinfo=ZONE)
    assert rules.on_duty(moment, {(2, "day"): one}, {}) == one
    assert rules.on_duty(moment, {(2, "day"): one}, {(SPRING, "day"): other}) == other
    assert rules.on_duty(moment, {(2, "night"): one, (3, "day"): one}, {}) is None


def test_who_is_on_duty_is_rung_alone_and_then_secretary_and_street(here: Desk) -> None:  # noqa: F811
    with time_machine.travel(datetime(2026, 2, 17, 9, tzinfo=ZONE), tick=False):
        duty.set_week({(2, "day"): here.clerk.account.id, (2, "night"): here.secretary.account.id})
        alarm = service.flag("counter")
        clocks.alarm(alarm)
        assert rung() == {1}, "the clerk, on duty on the first day of the Spring Festival"
    with time_machine.travel(datetime(2026, 2, 17, 9, 30, tzinfo=ZONE), tick=False):
        assert clocks.ring(alarm, 1)
        assert rung("无人认领") == {0, 7}


def test_nobody_on_duty_or_somebody_who_left_rings_clerk_and_secretary(here: Desk) -> None:  # noqa: F811
    clocks.alarm(service.flag("counter"))
    assert rung() == {0, 1}
    everywhere = {(day, shift): here.clerk.account.id for day in rules.WEEKDAYS for shift in rules.SHIFTS}
    duty.set_week(everywhere)
    assert duty.on_duty() is not None
    db.session.execute(update(Account).where(Account.id == here.clerk.account.id).values(disabled_at=now()))
    assert duty.on_duty() is None


def test_a_wrong_shift_date_or_person_is_refused_at_its_place(here: Desk) -> None:  # noqa: F811
    clerk = here.clerk.account.id
    for chosen, field in (({(8, "day"): clerk}, "8-day"), ({(1, "noon"): clerk}, "1-noon"), ({(1, "day"): UUID(int=9)}, "1-day")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            duty.set_week(chosen)
        assert refused.value.field == field
    for given, field in (
        ((None, "day", clerk), "on_date"), ((today() - timedelta(days=1), "day", clerk), "on_date"),
        ((today(), "noon", clerk), "shift"), ((today(), "day", None), "account"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            duty.set_date(*given)
        assert refused.value.field == field
    with pytest.raises(Absent):
        duty.drop_date(UUID(int=1))


def test_a_date_is_replaced_and_dropped(here: Desk) -> None:  # noqa: F811
    day = today() + timedelta(days=3)
    duty.set_date(day, "day", here.clerk.account.id)
    duty.set_date(day, "day", here.secretary.account.id)
    (row,) = duty.dates()
    assert row.account_id == here.secretary.account.id
    with time_machine.travel(f"{day}T10:00:00+08:00", tick=False):
        named = duty.on_duty()
        assert named is not None and named.account_id == here.secretary.account.id
    duty.drop_date(row.id)
    assert duty.dates() == []


def test_the_minutes_until_it_rings_on_are_set_within_the_half_hour(here: Desk) -> None:  # noqa: F811
    waits.set_minutes("critical-owner", 10)
    start = now()
    assert waits.due("critical-owner", "critical", start) - start == timedelta(minutes=10)
    for wrong in (None, 4, 31):
        with pytest.raises(Refused) as refused:
            waits.set_minutes("critical-owner", wrong)
        assert refused.value.field == "minutes"
