"""Due times by the community's own waits, and whether its lines have been confirmed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from rongjiu import audit, workdays
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from tenants.catalogue import calendar, queries
from tenants.catalogue.models import Parameter, Timer


def desk() -> workdays.Desk:
    """When this community works, by its timer `desk-day` and its own days."""
    return workdays.desk_day(queries.timers(), calendar.own_days())


def due(timer_id: str, urgency: str = "ordinary", start: datetime | None = None) -> datetime:
    """When a wait that starts now, or at `start`, is over, in Shanghai time.

    A wait that does not run in a lane runs there as in the next milder one. KeyError for an unknown wait.
    """
    rows = queries.timers()
    lanes = {"critical": ("critical", "urgent", "ordinary"), "urgent": ("urgent", "ordinary")}.get(urgency, (urgency,))
    for lane in lanes:
        wait = workdays.timer(rows, timer_id, lane)
        if wait is not None:
            return wait.due(start or now(), desk())
    raise KeyError(f"timer {timer_id!r} does not run for {urgency!r}")


def due_date(timer_id: str, urgency: str = "ordinary", start: datetime | None = None) -> date:
    """The day on which that wait is over."""
    return workdays.due_day(due(timer_id, urgency, start))


def half(start: datetime, due: datetime, unit: workdays.Unit = "working_days") -> datetime:
    """When half of a running wait has passed, in desk hours unless its unit is hours."""
    return workdays.half_time(start, due, unit, desk())


def reminder(start: datetime, due: datetime, unit: workdays.Unit = "working_days") -> datetime:
    """When whoever acts next is reminded of a running wait: so much of it has passed (timer half-time-reminder, percent)."""
    return workdays.part_time(start, due, setting("half-time-reminder"), unit, desk())


def setting(timer_id: str) -> Any:
    """The bare value of a timer that is a count, a percentage, a list or a time of day."""
    return workdays.setting(queries.timers(), timer_id)


def set_minutes(timer_id: str, minutes: int | None) -> None:
    """Change a wait of hours, in whole minutes; what runs already keeps its time.

    Raises Refused naming `minutes` when it is not 5 minutes to the longest the model allows (`max`, in hours).
    """
    row = db.session.scalars(select(Timer).where(Timer.slug == timer_id).with_for_update()).one()
    most = round(float(row.content.get("max", 24)) * 60)
    if minutes is None or not 5 <= minutes <= most:
        raise Refused("请填 5 到 %(n)s 分钟。", field="minutes", n=most)
    row.content = {**row.content, "value": minutes / 60}
    db.session.flush()
    queries.forget_timers()
    audit.record("timer.set", "timer", timer_id, minutes=minutes)


def set_kept(timer_id: str, value: int | None) -> None:
    """Change how long something is kept, in the days or years in which the model counts it, within its `min` and `max`;
    only what the secretary may set (`change`).

    Raises Refused naming the timer as field, Absent for a wait that is not the secretary's to change.
    """
    row = db.session.scalar(select(Timer).where(Timer.slug == timer_id).with_for_update()) or _newer(timer_id)
    if row is None or "secretary" not in row.content.get("change", ()) or row.content.get("group") != "retention":
        raise Absent("没有这一项期限。")
    least, most = queries.kept_span(row.content)
    if value is None or not least <= value <= most:
        words = N_("请填 %(a)s 到 %(b)s 年。") if row.content.get("of") == "years" else N_("请填 %(a)s 到 %(b)s 天。")
        raise Refused(words, field=timer_id, a=least, b=most)
    if row.content.get("value") == value:
        return
    row.content = {**row.content, "value": value}
    db.session.add(row)
    db.session.flush()
    queries.forget_timers()
    audit.record("timer.set", "timer", timer_id, value=value)


def _newer(timer_id: str) -> Timer | None:
    """A wait that the model has got since this community was founded, as a row to be kept with its first own value."""
    rows = enumerate(read_pack()["timers"]["timers"], start=1)
    place, item = next(((place, row) for place, row in rows if row["id"] == timer_id), (0, None))
    if item is None:
        return None
    names = {"name_zh": item["zh"], "name_en": item["en"]}
    return Timer(id=uuid7(), slug=timer_id, seq=place, content=dict(item), pack="", **names)


def days_left(end: datetime) -> int:
    """Whole working days from now to a due time; 0 = due today, negative = overdue by so many."""
    return workdays.working_days_left(now(), end, desk())


def screening_ready() -> list[Parameter]:
    """The parameters that the community has not confirmed yet; screening is on when the list is empty.

    Rule: founding, step 5: every parameter marked must_review is confirmed, as a value or as 本地未定.
    """
    missing = select(Parameter).where(Parameter.must_review, Parameter.confirmed_at.is_(None))
    return list(db.session.scalars(missing.order_by(Parameter.seq, Parameter.slug)))
