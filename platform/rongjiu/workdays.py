"""Chinese working days with their make-up days, and the due times that timers.json defines over them."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Literal

from rongjiu.clock import ZONE

Unit = Literal["hours", "calendar_days", "working_days", "months", "years"]
_DAY = timedelta(days=1)


@cache
def _official(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and make-up working days of one year as the State Council announced them."""
    from holidays import country_holidays  # 0.2 s to import and fill; only due times need it

    found = country_holidays("CN", years=year)
    return (
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in found.weekend_workdays if day.year == year),
    )


@dataclass(frozen=True)
class Desk:
    """When one community works: desk hours (timers.json desk-day) and its corrections, day → works or not."""

    opens: time = time(9)
    closes: time = time(18)
    overrides: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """Whether this is a working day: the community's word, else the official calendar, else Monday to Friday."""
        if day in self.overrides:
            return self.overrides[day]
        off, made_up = _official(day.year)
        return day in made_up or (day.weekday() < 5 and day not in off)

    def close(self, day: date) -> datetime:
        """The end of that desk day."""
        return datetime.combine(day, self.closes, ZONE)

    def nth(self, day: date, count: int) -> date:
        """The count-th working day strictly after `day`."""
        while count > 0:
            day += _DAY
            count -= self.works(day)
        return day

    def on_or_after(self, day: date) -> date:
        """`day` if it is a working day, else the next one."""
        return day if self.works(day) else self.nth(day, 1)

    def desk_time(self, start: datetime, end: datetime) -> timedelta:
        """Desk hours between two moments."""
        total, day, last = timedelta(), start.astimezone(ZONE).date(), end.astimezone(ZONE).date()
        while day <= last:
            if self.works(day):
                opens, closes = datetime.combine(day, self.opens, ZONE), self.close(day)
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += _DAY
        return total

    def after_desk_time(self, start: datetime, wanted: timedelta) -> datetime:
        """The moment at which that much desk time has passed since `start`."""
        day = start.astimezone(ZONE).date()
        while True:
            day = self.on_or_after(day)
            begins = max(datetime.combine(day, self.opens, ZONE), start.astimezone(ZONE))
            room = max(self.close(day) - begins, timedelta())
            if wanted <= room:
                return begins + wanted
            wanted -= room
            day += _DAY


CHINA = Desk()


def holiday(day: date) -> bool:
    """Whether the State Council's calendar names this day as a day off (an ordinary weekend is none)."""
    return day in _official(day.year)[0]


def add_months(day: date, months: int) -> date:
    """The same day of the month that many months later, or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _midnight_after(day: date) -> datetime:
    return datetime.combine(day + _DAY, time(), ZONE)


def due(start: datetime, unit: Unit, value: float, desk: Desk = CHINA) -> datetime:
    """When a wait that starts now is over, in Shanghai time. Rules: timers.json `rules`.

    hours: wall clock · calendar_days, months, years: 24:00 of the day (00:00 of the next, see `due_day`) ·
    working_days: close of the n-th working day strictly after the start; 0 = close of this one, or of the next.
    """
    if start.tzinfo is None:
        raise ValueError("a due time needs a start with a time zone")
    local = start.astimezone(ZONE)
    if unit == "hours":
        return (start + timedelta(hours=value)).astimezone(ZONE)
    if value != int(value) or value < 0:
        raise ValueError(f"{value} {unit}: a whole number of days or months, not less than 0")
    count = int(value)
    if unit == "calendar_days":
        return _midnight_after(local.date() + count * _DAY)
    if unit in ("months", "years"):
        return _midnight_after(add_months(local.date(), count * (12 if unit == "years" else 1)))
    if unit != "working_days":
        raise ValueError(f"unknown unit {unit!r}")
    if count:
        return desk.close(desk.nth(local.date(), count))
    after_closing = local >= desk.close(local.date())
    return desk.close(desk.on_or_after(local.date() + _DAY * after_closing))


def due_day(moment: datetime) -> date:
    """The day a due time belongs to: one at midnight closes the day before it (8月18日 24:00)."""
    local = moment.astimezone(ZONE)
    return local.date() - _DAY if local.time() == time() else local.date()


def shortened(moment: datetime, start: datetime, within_hours: float | None) -> datetime:
    """The earlier of a due time and a provider's own promise in wall-clock hours (timers.json shortened_by)."""
    if within_hours is None:
        return moment
    return min(moment, due(start, "hours", within_hours))


def part_time(
    start: datetime, end: datetime, percent: float, unit: Unit = "working_days", desk: Desk = CHINA
) -> datetime:
    """When that share of a running timer has passed; on a timer in working days counted in desk hours."""
    if unit != "working_days":
        return (start + (end - start) * (percent / 100)).astimezone(ZONE)
    return desk.after_desk_time(start, desk.desk_time(start, end) * (percent / 100))


def half_time(start: datetime, end: datetime, unit: Unit = "working_days", desk: Desk = CHINA) -> datetime:
    """When half of a running timer has passed (the half-time reminder)."""
    return part_time(start, end, 50, unit, desk)


def working_days_left(now: datetime, end: datetime, desk: Desk = CHINA) -> int:
    """Working days after today up to the due day; 0 = due today; negative = working days since it passed."""
    today, last = now.astimezone(ZONE).date(), due_day(end)
    if last >= today:
        return sum(desk.works(today + _DAY * n) for n in range(1, (last - today).days + 1))
    return -sum(desk.works(last + _DAY * n) for n in range(1, (today - last).days + 1))


@dataclass(frozen=True)
class Timer:
    """One wait as it runs for one urgency."""

    id: str
    unit: Unit
    value: float

    def due(self, start: datetime, desk: Desk = CHINA) -> datetime:
        """When this wait is over if it starts now."""
        return due(start, self.unit, self.value, desk)


def _row(timers: list[dict[str, Any]], timer_id: str) -> dict[str, Any]:
    for row in timers:
        if row["id"] == timer_id:
            return row
    raise KeyError(f"no timer {timer_id!r}")


def timer(timers: list[dict[str, Any]], timer_id: str, urgency: str = "ordinary") -> Timer | None:
    """The wait of that id for that urgency; None when it does not run in that lane; KeyError for an unknown id or lane.

    A count of months or years is a wait too; other counts, percentages, lists and times of day are ValueErrors.
    """
    row = _row(timers, timer_id)
    lane = row["by_urgency"][urgency] if "by_urgency" in row else {"value": row["value"], "unit": row["unit"]}
    if lane is None:
        return None
    unit, value = lane["unit"], lane["value"]
    if unit == "count" and row.get("of") in ("months", "years"):
        unit = row["of"]
    if unit not in ("hours", "calendar_days", "working_days", "months", "years") or not isinstance(value, int | float):
        raise ValueError(f"timer {timer_id!r} is not a wait but {value!r} {unit}")
    return Timer(timer_id, unit, value)


def setting(timers: list[dict[str, Any]], timer_id: str) -> Any:
    """The bare value of a timer that is a count, a percentage, a list or a time of day."""
    return _row(timers, timer_id)["value"]


def desk_day(timers: list[dict[str, Any]], overrides: Mapping[date, bool] | None = None) -> Desk:
    """The desk hours that the timers name, with a community's own days."""
    hours = setting(timers, "desk-day")
    return Desk(time.fromisoformat(hours["from"]), time.fromisoformat(hours["to"]), overrides or {})
