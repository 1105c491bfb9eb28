"""The community's own working days: where it works otherwise than the official calendar says. A change touches only
waits that start after it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from tenants.catalogue.models import CalendarDay

_KEPT = "catalogue.calendar"


def own_days() -> Mapping[date, bool]:
    """Day → works or not, as the community set it; read once a session."""
    number = current_tenant().id
    kept: dict[int, dict[date, bool]] = db.session().info.setdefault(_KEPT, {})
    if number not in kept:
        rows = db.session.execute(select(CalendarDay.day, CalendarDay.works))
        kept[number] = {row.day: row.works for row in rows}
    return kept[number]


def set_day(day: date | None, works: bool, reason: str) -> None:
    """Say that this community works on a day, or does not; a later word replaces the earlier one. Raises Refused naming
    `day` or `reason`."""
    words = reason.strip()
    if day is None or day < today() or day.year > today().year + 2:
        raise Refused("请选今天以后、两年以内的日子。", field="day")
    if not 2 <= len(words) <= 60:
        raise Refused("请写为什么,2 到 60 个字。", field="reason")
    values = {"works": works, "reason": words, "set_at": now(), "set_post": current_actor().name}
    row = insert(CalendarDay).values(tenant_id=current_tenant().id, id=uuid7(), day=day, **values)
    db.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "day"], set_=values))
    audit.record("calendar.set", "calendar_day", str(day), works=works)
    _forget()


def clear_day(day: date) -> None:
    """The official calendar holds again for a day."""
    if db.session.scalar(delete(CalendarDay).where(CalendarDay.day == day).returning(CalendarDay.id)) is not None:
        audit.record("calendar.clear", "calendar_day", str(day))
    _forget()


def days() -> list[Row[Any]]:
    """The community's own days from today on: day, works, reason, set_post."""
    columns = (CalendarDay.day, CalendarDay.works, CalendarDay.reason, CalendarDay.set_post)
    return list(db.session.execute(select(*columns).where(CalendarDay.day >= today()).order_by(CalendarDay.day)))


def _forget() -> None:
    db.session().info.pop(_KEPT, None)
