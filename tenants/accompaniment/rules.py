"""When a service or visit comes round again. Pure."""

from datetime import date, datetime, time, timedelta

from dateutil.rrule import MONTHLY, rrule, rrulestr

from rongjiu.clock import ZONE
from rongjiu.workdays import CHINA, Desk

HOUR = time(9, 0)
"""A visit without an agreed hour stands at nine."""
LAST_FIXED_DAY = 28


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


def at_hour(day: date, hour: time | None = None) -> datetime:
    """That day at the agreed hour, in Xi'an."""
    return datetime.combine(day, hour or HOUR, ZONE)
