"""When a service or visit comes round again. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from dateutil.rrule import MONTHLY, rrule, rrulestr

from rongjiu.clock import ZONE
from rongjiu.marketplace.rules import agreed_day
from rongjiu.workdays import CHINA, Desk

HOUR = time(9, 0)
"""A visit without an agreed hour stands at nine."""
LAST_FIXED_DAY = 28
Holidays = Literal["keep", "move", "skip"]
RHYTHMS = {
    "weekly": "FREQ=WEEKLY", "fortnightly": "FREQ=WEEKLY;INTERVAL=2", "monthly": "FREQ=MONTHLY",
    "quarterly": "FREQ=MONTHLY;INTERVAL=3",
}  # fmt: skip
"""How often somebody is looked in on, as RFC 5545 recurrences."""
TASKS = ("chat", "health", "medicine", "shopping", "tidy", "walk", "phone", "papers", "study")
"""What a visit does, to be ticked."""
MOODS = ("good", "plain", "low", "bad")


@dataclass(frozen=True, slots=True)
class Over:
    """More was charged at a visit than had been declared."""

    declared: Decimal | None
    """Yuan, by the declared prices of what was done; None: nothing was declared at all."""
    why: str
    """In the provider's words, without a name."""


OPENS = timedelta(hours=2)
"""So long before a visit the flags of the home are shown to who goes there."""


def next_day(rule: str, from_on: date, after: date) -> date | None:
    """The first day of the recurrence that is later than `after`; None when the rule has ended.

    A monthly rule from the 29th to 31st falls on the last day of a shorter month instead of skipping it.
    """
    start = datetime.combine(from_on, time())
    found = rrulestr(rule, dtstart=start)
    if rule.strip().upper() == "FREQ=MONTHLY" and from_on.day > LAST_FIXED_DAY:
        found = rrule(MONTHLY, dtstart=start, bymonthday=range(LAST_FIXED_DAY, from_on.day + 1), bysetpos=-1)
    follows = found.after(datetime.combine(after, time()), inc=False)
    return follows.date() if follows else None


def first_day(rule: str, from_on: date) -> date:
    """The first day of the recurrence, `from_on` itself when it fits."""
    return next_day(rule, from_on, from_on - timedelta(days=1)) or from_on


def day_off(day: date, desk: Desk = CHINA) -> bool:
    """Is the day a weekend or holiday, so that the family and the provider choose: keep or move?"""
    return not desk.works(day)


def moved(day: date, desk: Desk = CHINA) -> date:
    """The working day on or after a day off."""
    return desk.on_or_after(day)


def agreed(day: date, weekdays: Collection[str], desk: Desk = CHINA, *, working: bool = False) -> date:
    """The first day on or after one on which the community lets the provider come (MO … SU; none = any), and that is a
    working day too when asked for; a day off when within four weeks no day is both."""
    found = agreed_day(day, weekdays)
    for _turn in range(28):
        if not working or desk.works(found):
            return found
        found = agreed_day(found + timedelta(days=1), weekdays)
    return agreed_day(day, weekdays)


def at_hour(day: date, hour: time | None = None) -> datetime:
    """That day at the agreed hour, in Xi'an."""
    return datetime.combine(day, hour or HOUR, ZONE)


def slots(rule: str, from_on: date, after: date, until: date) -> list[date]:
    """The days of a recurrence later than `after` and not later than `until`."""
    found: list[date] = []
    day = next_day(rule, from_on, after)
    while day is not None and day <= until:
        found.append(day)
        day = next_day(rule, from_on, day)
    return found


def stands(day: date, holidays: Holidays, desk: Desk = CHINA) -> date | None:
    """The day on which a visit of that slot is made: itself, the working day after, or none at all."""
    if holidays == "keep" or not day_off(day, desk):
        return day
    return moved(day, desk) if holidays == "move" else None


def visit_time(planned_at: datetime, state: str, arrived_at: datetime | None, moment: datetime) -> bool:
    """Is it the time of a visit: from two hours before until the day is over, or while somebody is there?

    Only then are two-person rule, dignity and safety flags of the home shown to a volunteer.
    """
    if state != "planned":
        return False
    if arrived_at is not None:
        return moment < arrived_at + timedelta(hours=12)
    same_day = moment.astimezone(ZONE).date() == planned_at.astimezone(ZONE).date()
    return planned_at - OPENS <= moment and (same_day or moment < planned_at)


def in_a_row(states: list[str]) -> int:
    """How many of the latest visits, newest first, met nobody."""
    count = 0
    for state in states:
        if state not in ("missed", "refused"):
            break
        count += 1
    return count


def door_order(building: str, unit: str, room: str) -> tuple[tuple[int, str], ...]:
    """Sort key of a door as one walks: 2号楼 before 10号楼."""
    return tuple((int("".join(filter(str.isdigit, part)) or 0), part) for part in (building, unit, room))
