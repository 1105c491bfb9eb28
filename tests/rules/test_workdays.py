"""Every due time of the walk-through, and the rules of timers.json beside it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongjiu.clock import ZONE
from rongjiu.library.packfiles import read_pack
from rongjiu.workdays import (
    CHINA,
    Desk,
    add_months,
    desk_day,
    due,
    due_day,
    half_time,
    part_time,
    setting,
    shortened,
    timer,
    working_days_left,
)

TIMERS = read_pack()["timers"]["timers"]


def at(text: str) -> datetime:
    """A moment of 2022 on the wall clock, 'MM-DD HH:MM'."""
    return datetime.strptime(f"2022-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "timer_id", "end"),
    [
        ("08-03 16:10", "signal-triage", "08-04 18:00"),
        ("08-03 16:40", "first-visit", "08-08 18:00"),
        ("08-04 09:30", "assessment", "08-11 18:00"),
        ("08-10 10:10", "plan", "08-15 18:00"),
        ("08-10 10:40", "response", "08-12 18:00"),
        ("08-10 11:05", "start", "08-17 18:00"),
        ("08-10 16:30", "response", "08-12 18:00"),
        ("08-11 09:20", "dept-accept", "08-15 18:00"),
        ("08-15 10:00", "dept-decision", "09-27 18:00"),
        ("08-18 16:00", "founding-approval", "08-23 18:00"),
    ],
)
def test_the_due_times_of_the_walk_through(start: str, timer_id: str, end: str) -> None:
    wait = timer(TIMERS, timer_id)
    assert wait is not None and wait.due(at(start)) == at(end)


def test_the_half_time_reminder_counts_desk_hours() -> None:
    assert half_time(at("08-10 10:40"), at("08-12 18:00")) == at("08-11 14:20")
    assert half_time(at("08-10 20:00"), at("08-12 20:00"), "hours") == at("08-11 20:00")
    assert part_time(at("08-12 17:00"), at("08-16 18:00"), 100) == at("08-16 18:00")
    assert half_time(at("08-12 20:00"), at("08-15 18:00")) == at("08-15 13:30")


def test_confirmation_by_silence_ends_at_midnight_and_belongs_to_the_day_before() -> None:
    wait = timer(TIMERS, "confirm")
    assert wait is not None
    end = wait.due(at("08-13 18:20"))
    assert (end, due_day(end)) == (at("08-19 00:00"), date(2022, 8, 18))


def test_months_are_the_same_day_or_the_last() -> None:
    look, follow = timer(TIMERS, "near-miss-look"), timer(TIMERS, "follow-up-2")
    assert look is not None and follow is not None
    assert due_day(look.due(at("08-10 10:10"))) == date(2023, 2, 10)
    assert due_day(follow.due(at("08-10 15:00"))) == date(2022, 11, 10)
    assert [add_months(date(2024, 1, 31), n) for n in (1, 13, -2)] == [
        date(2024, 2, 29),
        date(2025, 2, 28),
        date(2023, 11, 30),
    ]


def test_the_shorter_promise_of_a_provider_counts() -> None:
    start, end = at("08-10 17:00"), at("08-12 18:00")
    assert shortened(end, start, 72) == end
    assert shortened(end, start, 24) == at("08-11 17:00")
    assert shortened(end, start, None) == end


def test_urgencies_have_their_own_unit_and_some_do_not_run() -> None:
    critical = timer(TIMERS, "signal-triage", "critical")
    assert critical is not None and critical.due(at("08-06 23:50")) == at("08-07 00:20")
    assert timer(TIMERS, "assessment", "critical") is None
    with pytest.raises(KeyError):
        timer(TIMERS, "response", "soon")
    with pytest.raises(KeyError):
        timer(TIMERS, "no-such-timer")
    with pytest.raises(ValueError, match="not a wait"):
        timer(TIMERS, "papers-expiry")
    with pytest.raises(ValueError, match="not a wait"):
        timer(TIMERS, "small-cell")
    assert setting(TIMERS, "papers-expiry") == [60, 30, 7]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("08-10 10:00", "08-10 18:00"), ("08-10 18:00", "08-11 18:00"), ("08-10 17:59", "08-10 18:00"),
        ("08-13 10:00", "08-15 18:00"), ("08-12 19:00", "08-15 18:00"), ("09-10 09:00", "09-13 18:00"),
    ],
)  # fmt: skip
def test_nought_working_days_is_the_close_of_this_desk_day_or_the_next(start: str, end: str) -> None:
    assert due(at(start), "working_days", 0) == at(end)


def test_made_up_days_work_and_a_community_may_correct_the_calendar() -> None:
    assert due(at("09-30 10:00"), "working_days", 1) == at("10-08 18:00")  # Saturday, made up
    assert due(at("09-30 10:00"), "working_days", 3) == at("10-10 18:00")
    closed = Desk(overrides={date(2022, 10, 8): False, date(2022, 10, 1): True}, closes=time(17, 30))
    assert due(at("09-30 10:00"), "working_days", 1, closed) == at("10-01 17:30")
    assert due(at("09-30 10:00"), "working_days", 2, closed) == at("10-09 17:30")
    assert desk_day(TIMERS) == CHINA


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("08-10 17:00", 2),
        ("08-11 09:00", 1),
        ("08-12 09:00", 0),
        ("08-12 23:00", 0),
        ("08-15 09:00", -1),
        ("08-14 09:00", 0),
    ],
)
def test_working_days_left(now: str, left: int) -> None:
    assert working_days_left(at(now), at("08-12 18:00")) == left


def test_a_start_in_utc_is_read_on_the_wall_in_shanghai() -> None:
    assert due(datetime(2022, 8, 10, 17, 0, tzinfo=UTC), "working_days", 1) == at("08-12 18:00")  # 01:00 on the 11th
    with pytest.raises(ValueError, match="time zone"):
        due(datetime(2022, 8, 10, 17, 0), "hours", 1)  # noqa: DTZ001
    with pytest.raises(ValueError, match="whole number"):
        due(at("08-10 10:00"), "working_days", 0.5)


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2026, 12, 1)).map(lambda when: when.replace(tzinfo=ZONE))  # noqa: DTZ001


@settings(max_examples=60, deadline=None)
@given(MOMENTS, st.integers(0, 40), st.integers(0, 40))
def test_working_days_only_grow_end_on_a_working_day_and_half_time_lies_between(
    start: datetime, one: int, two: int
) -> None:
    end, later = due(start, "working_days", one), due(start, "working_days", one + two)
    assert start <= end <= later or (one == 0 and end <= later)
    assert CHINA.works(due_day(end)) and end.time() == time(18)
    assert working_days_left(start, later) >= 0
    middle = half_time(start, later)
    assert start <= middle <= later
    assert abs(CHINA.desk_time(start, middle) * 2 - CHINA.desk_time(start, later)) <= timedelta(seconds=1)
