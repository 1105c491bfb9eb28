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


HOURS = rules.Hours(20, ("MO", "TU", "WE"), time(9), time(15))


@pytest.mark.parametrize(
    ("work", "care", "metres", "fits", "reasons", "against"),
    [
        (rules.Hours(18, ("MO", "WE"), time(9), time(13)), True, 800, True, ("fits_care", "hours_fit", "days_fit", "times_fit", "close"), ()),
        (rules.Hours(40, ("MO",), time(9), time(13)), True, None, False, ("fits_care", "days_fit", "times_fit"), ("hours_clash",)),
        (rules.Hours(10, ("SA",), time(9), time(13)), False, None, False, ("hours_fit", "times_fit"), ("days_clash",)),
        (rules.Hours(10, (), time(14), time(18)), False, 5000, False, ("hours_fit", "days_fit"), ("times_clash",)),
        (rules.Hours(20), False, 5000, True, ("hours_fit", "days_fit", "times_fit"), ()),
    ],
)  # fmt: skip
def test_work_fits_the_hours_of_a_carer(
    work: rules.Hours, care: bool, metres: int | None, fits: bool, reasons: tuple[str, ...], against: tuple[str, ...]
) -> None:
    assert rules.job_fits(work, HOURS, fits_care=care, metres=metres) == rules.Fit(fits, reasons, against)


def test_where_no_hours_are_known_only_what_the_employer_says_counts() -> None:
    work = rules.Hours(40, ("MO",), time(9), time(18))
    assert rules.job_fits(work, rules.Hours(), fits_care=True, metres=None) == rules.Fit(True, ("fits_care",), ())
    assert not rules.job_fits(work, rules.Hours(), fits_care=False, metres=9000).fits
