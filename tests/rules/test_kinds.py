"""Hours on call, drills: what counts when."""

from datetime import date, datetime, time, timedelta

import pytest

from rongjiu.clock import ZONE
from rongjiu.marketplace.kinds import rules


def at(day: int, hour: int) -> datetime:
    """A moment of August 2026; the 10th is a Monday."""
    return datetime(2026, 8, day, hour, 30, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("days", "since", "until", "moment", "said"),
    [
        (("MO",), time(8), time(18), at(10, 9), True),
        (("MO",), time(8), time(18), at(10, 18), False),
        (("TU",), time(8), time(18), at(10, 9), False),
        (("MO",), time(20), time(6), at(10, 23), True),
        (("MO",), time(20), time(6), at(11, 3), True),
        (("MO",), time(20), time(6), at(10, 3), False),
        (("SU",), time(20), time(6), at(10, 3), True),
        (("MO",), time(0), time(0), at(10, 0), True),
        (("MO",), time(0), time(0), at(11, 0), False),
    ],
)
def test_a_shift_may_go_on_into_the_morning(
    days: tuple[str, ...], since: time, until: time, moment: datetime, said: bool
) -> None:
    assert rules.on_call(days, since, until, moment) is said


def test_a_drill_counts_for_half_a_year() -> None:
    day = date(2026, 8, 10)
    assert not rules.drilled(None, day)
    assert rules.drilled(day - timedelta(days=rules.DRILL_DAYS), day)
    assert not rules.drilled(day - timedelta(days=rules.DRILL_DAYS + 1), day)
    assert not rules.drilled(day + timedelta(days=1), day)
