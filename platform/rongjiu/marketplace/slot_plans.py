"""How a provider lays dated slots out: the same hours on some weeks in a row, none on a holiday."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, workdays
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import requirements, rules
from rongjiu.marketplace.models import (
    Capacity,
    Provider,
    ProviderService,
    ServiceSlot,
)
from rongjiu.marketplace.slots import MOST_PLACES

MOST_WEEKS = 26
AHEAD = 366
"""Days ahead in which a first slot may lie."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Slots as typed: the first day, hours, places in each, and on how many weeks in a row."""

    service_id: UUID
    first: date | None
    begins: time | None
    ends: time | None
    places: int | None
    weeks: int = 1


@dataclass(frozen=True, slots=True)
class Laid:
    """How many slots were made, which days were left out as holidays, how many stood already."""

    made: int
    skipped: tuple[date, ...]
    known: int


def lay_out(provider_id: UUID, plan: Plan) -> Laid:
    """Make one slot on the same weekday of each week, none on an official holiday (rongjiu.workdays); a slot that
    stands already stays as it is. Raises Refused at the field, Absent for another provider's service."""
    first, begins, ends, places = _checked(plan)
    _may_lay_out(provider_id, plan.service_id)
    days = rules.weekly(first, plan.weeks)
    skipped = tuple(day for day in days if workdays.holiday(day))
    made = 0
    for day in days:
        if day in skipped:
            continue
        made += _make(plan.service_id, datetime.combine(day, begins, ZONE), datetime.combine(day, ends, ZONE), places)
    audit.record("provider.slots", "provider_service", plan.service_id, made=made)
    return Laid(made, skipped, len(days) - len(skipped) - made)


def _checked(plan: Plan) -> tuple[date, time, time, int]:
    if plan.first is None or not 0 <= (plan.first - today()).days <= AHEAD:
        raise Refused("请选今天以后、一年以内的日子。", field="first")
    if plan.begins is None:
        raise Refused("请写几点开始。", field="begins")
    if plan.ends is None or plan.ends <= plan.begins:
        raise Refused("结束要晚于开始。请核对两个时间。", field="ends")
    if datetime.combine(plan.first, plan.begins, ZONE) <= now():
        raise Refused("这个时间已经过去,请另选一个。", field="begins")
    if plan.places is None or not 1 <= plan.places <= MOST_PLACES:
        raise Refused("名额写 1 到 9999 之间的整数。", field="places")
    if not 1 <= plan.weeks <= MOST_WEEKS:
        raise Refused("重复几周写 1 到 26 之间的整数。", field="weeks")
    return plan.first, plan.begins, plan.ends, plan.places


def _may_lay_out(provider_id: UUID, service_id: UUID) -> None:
    row = db.session.execute(
        select(Provider.state, Provider.group, Provider.kind, Provider.details, ProviderService.state.label("offered"))
        .join(ProviderService, ProviderService.provider_id == Provider.id)
        .where(ProviderService.id == service_id, Provider.id == provider_id)
    ).one_or_none()
    if row is None:
        raise Absent("没有这项服务。")
    if row.state != "active" or row.offered != "active":
        raise Refused("审核通过、服务上线后才能排时段。", field="service")
    if lacks := requirements.lacking_fields(row.group, row.kind, row.details):
        raise Refused(requirements.SLOT_NEEDS.get(lacks[0], requirements.SLOT_NEEDS[""]), field="service")


def _make(service_id: UUID, starts: datetime, ends: datetime, places: int) -> int:
    made = db.session.scalar(
        insert(ServiceSlot)
        .values(id=uuid7(), service_id=service_id, starts_at=starts, ends_at=ends, state="open", reason="")
        .on_conflict_do_nothing()
        .returning(ServiceSlot.id)
    )
    if made is None:
        return 0
    day = rules.last_of_month(starts.astimezone(ZONE).date())
    line = {"service_id": service_id, "period": day, "slot_id": made, "maximum": places, "reserved": 0, "used": 0}
    db.session.execute(insert(Capacity).values(**line, updated_at=now()))
    return 1
