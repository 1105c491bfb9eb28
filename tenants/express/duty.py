"""The duty roster of the express lane: who is rung first, by day of the week and shift, or for one date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.staff import Worker, working
from tenants.express import rules
from tenants.express.models import DutyShift

ROLES = ("assistance_clerk", "secretary", "community_worker", "grid_worker")
FARTHEST = timedelta(days=366)
MOST_DATES = 200
Week = dict[tuple[int, str], UUID]


@dataclass(frozen=True, slots=True)
class Dated:
    """One shift of one date: who, and whether they still work here."""

    id: UUID
    on_date: date
    shift: str
    account_id: UUID


def staff() -> list[Worker]:
    """Who may be on duty, each account once."""
    found = {each.account_id: each for each in working(current_tenant().uid, ROLES)}
    return list(found.values())


def week() -> Week:
    """(day of the week, shift) → account."""
    d = DutyShift
    rows = db.session.execute(select(d.weekday, d.shift, d.account_id).where(d.weekday.is_not(None)))
    return {(row.weekday, row.shift): row.account_id for row in rows}


def dates() -> list[Dated]:
    """The shifts of single dates from yesterday on (a night may still run), the nearest first."""
    d = DutyShift
    query = select(d.id, d.on_date, d.shift, d.account_id).where(d.on_date >= today() - timedelta(days=1))
    rows: Iterable[Any] = db.session.execute(query.order_by(d.on_date, d.shift))
    return [Dated(*row) for row in rows]


def on_duty(moment: datetime | None = None) -> Worker | None:
    """Who is on duty now; None when nobody is named, or who was named works here no more."""
    named = rules.on_duty(moment or now(), week(), {(row.on_date, row.shift): row.account_id for row in dates()})
    return next((each for each in staff() if each.account_id == named), None)


def set_week(chosen: Mapping[tuple[int, str], UUID | None]) -> None:
    """Name who is on duty in each shift of the week; None = nobody. Raises Refused naming the shift (`1-day`)."""
    known = {each.account_id for each in staff()}
    for (weekday, shift), account_id in chosen.items():
        if weekday not in rules.WEEKDAYS or shift not in rules.SHIFTS or (account_id and account_id not in known):
            raise Refused("请从列出的人里选。", field=f"{weekday}-{shift}")
    db.session.execute(delete(DutyShift).where(DutyShift.weekday.is_not(None)))
    db.session.add_all(
        DutyShift(id=uuid7(), weekday=weekday, on_date=None, shift=shift, account_id=account_id)
        for (weekday, shift), account_id in chosen.items()
        if account_id
    )
    db.session.flush()
    audit.record("duty.week", "duty_shift", current_tenant().uid, shifts=sum(1 for each in chosen.values() if each))


def set_date(day: date | None, shift: str, account_id: UUID | None) -> None:
    """Name who is on duty in a shift of one date, instead of whoever the week names.

    Raises Refused naming `on_date`, `shift` or `account`.
    """
    if day is None or not today() <= day <= today() + FARTHEST:
        raise Refused("请选今天起一年以内的一天。", field="on_date")
    if shift not in rules.SHIFTS:
        raise Refused("请选一项", field="shift")
    if account_id not in {each.account_id for each in staff()}:
        raise Refused("请从列出的人里选。", field="account")
    if len(dates()) >= MOST_DATES:
        raise Refused("单独排的日期最多 %(n)s 条，请先删掉不用的。", field="on_date", n=MOST_DATES)
    d = DutyShift
    db.session.execute(delete(d).where(d.on_date == day, d.shift == shift))
    db.session.add(d(id=uuid7(), weekday=None, on_date=day, shift=shift, account_id=account_id))
    db.session.flush()
    audit.record("duty.date", "duty_shift", current_tenant().uid, day=day.isoformat(), shift=shift)


def drop_date(row_id: UUID) -> None:
    """The week holds again for that shift. Raises Absent."""
    row = db.session.scalar(select(DutyShift).where(DutyShift.id == row_id, DutyShift.on_date.is_not(None)))
    if row is None:
        raise Absent("没有这条排班。")
    audit.record("duty.drop", "duty_shift", row_id)
    db.session.delete(row)
    db.session.flush()
