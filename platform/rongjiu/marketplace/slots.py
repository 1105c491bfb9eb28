"""Dated slots of a service and their bookings: laid out by the provider, booked by communities with an offer, counted in
the one ledger (capacity), so that a place in a slot is promised once whoever asks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update

from rongjiu import audit
from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import Tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import restricted, rules
from rongjiu.marketplace.capacity import unit
from rongjiu.marketplace.models import (
    Capacity,
    ProviderInbox,
    ProviderService,
    Reservation,
    ServiceSlot,
)
from rongjiu.marketplace.places import still_open
from rongjiu.marketplace.queries import Line

MOST_PLACES = 9999
OFFERED = 20
"""Slots shown at most to the one who books."""
GONE = N_("这个时段已经取消或已经开始。请改选别的时段,或改约别家;填写的内容都在。")


_COLUMNS: tuple[Any, ...] = (
    ServiceSlot.id, ServiceSlot.service_id, ServiceSlot.starts_at, ServiceSlot.ends_at, ServiceSlot.state,
    ServiceSlot.reason, restricted.title_of(ProviderService.service_type, ProviderService.title).label("title"), Capacity.maximum, Capacity.reserved, Capacity.used,
    (Capacity.maximum - Capacity.reserved - Capacity.used).label("left"),
)  # fmt: skip


def _slots() -> Any:
    return (
        select(*_COLUMNS)
        .join(ProviderService, ProviderService.id == ServiceSlot.service_id)
        .join(Capacity, and_(Capacity.service_id == ServiceSlot.service_id, Capacity.slot_id == ServiceSlot.id))
    )


def listed(
    provider_id: UUID, *, service_id: UUID | None = None, state: str = "", past: bool = False, start: int = 0,
    most: int = 50,
) -> tuple[list[Line], int]:  # fmt: skip
    """Slots of a provider in order of time with maximum, reserved, used, left; and how many there are in all."""
    query = _slots().where(ProviderService.provider_id == provider_id)
    query = query.where(ServiceSlot.ends_at < now() if past else ServiceSlot.ends_at >= now())
    if service_id is not None:
        query = query.where(ServiceSlot.service_id == service_id)
    if state:
        query = query.where(ServiceSlot.state == state)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    order = ServiceSlot.starts_at.desc() if past else ServiceSlot.starts_at
    return list(db.session.execute(query.order_by(order, ServiceSlot.id).offset(start).limit(most))), total


def one(provider_id: UUID, slot_id: UUID) -> Line:
    """One slot of a provider; raises Absent for any other."""
    row = db.session.execute(
        _slots().where(ServiceSlot.id == slot_id, ProviderService.provider_id == provider_id)
    ).one_or_none()
    if row is None:
        raise Absent("没有这个时段。")
    return row


def open_of(service_ids: Collection[UUID], most: int = OFFERED) -> list[Line]:
    """Coming slots with a place left, of some services, the earliest first."""
    query = _slots().where(
        ServiceSlot.service_id.in_(service_ids), *still_open(), Capacity.reserved + Capacity.used < Capacity.maximum,
    )  # fmt: skip
    return list(db.session.execute(query.order_by(ServiceSlot.starts_at, ServiceSlot.id).limit(most)))


def month_start(month: date) -> datetime:
    """The moment at which a month begins."""
    return datetime.combine(month, time(), ZONE)


def month_end(month: date) -> datetime:
    """The moment at which a month is over."""
    return month_start(rules.following(month))


@dataclass(frozen=True, slots=True)
class Coming:
    """Places in the coming slots of one service: how many are left, how many there are, and when the first with a place
    begins."""

    left: int
    maximum: int
    first: datetime


def coming(
    service_ids: Collection[UUID], until: datetime | None = None, since: datetime | None = None
) -> dict[UUID, Coming]:
    """What can still be booked by slot of some services, between two moments where they are named; services without a place in a
    coming slot lack. It stands beside the places of the month: who books a slot takes none of those."""
    if not service_ids:
        return {}
    left = Capacity.maximum - Capacity.reserved - Capacity.used
    query = (
        select(
            ServiceSlot.service_id, func.sum(left).label("left"), func.sum(Capacity.maximum).label("most"),
            func.min(ServiceSlot.starts_at).filter(left > 0).label("first"),
        )
        .join(Capacity, and_(Capacity.service_id == ServiceSlot.service_id, Capacity.slot_id == ServiceSlot.id))
        .where(ServiceSlot.service_id.in_(service_ids), *still_open())
        .group_by(ServiceSlot.service_id)
        .having(func.sum(left) > 0)
    )  # fmt: skip
    if since is not None:
        query = query.where(ServiceSlot.starts_at >= since)
    rows = db.session.execute(query if until is None else query.where(ServiceSlot.starts_at < until))
    return {row.service_id: Coming(int(row.left), int(row.most), row.first) for row in rows}


def bookable(slot_id: UUID, service_ids: Collection[UUID]) -> Line:
    """The slot, if it is open and still ahead and one of these services gives it; raises Refused naming `slot`, Clash
    when it is gone. Whether a place is left says capacity.reserve alone."""
    row: Line | None = db.session.execute(_slots().where(ServiceSlot.id == slot_id)).one_or_none()
    if row is None or row.service_id not in service_ids:
        raise Refused("请从列出的时段里选。", field="slot")
    if row.state != "open" or row.starts_at <= now():
        raise Clash(GONE, field="slot")
    return row


def resize(provider_id: UUID, slot_id: UUID, places: int | None) -> None:
    """Another number of places in a slot, never fewer than are promised. Raises Refused naming `places`."""
    row = one(provider_id, slot_id)
    if places is None or not 1 <= places <= MOST_PLACES:
        raise Refused("名额写 1 到 9999 之间的整数。", field="places")
    if row.state != "open":
        raise Clash(GONE, field="places")
    done = db.session.scalar(
        update(Capacity)
        .where(
            *unit(row.service_id, row.starts_at.astimezone(ZONE).date(), slot_id),
            Capacity.reserved + Capacity.used <= places,
        )
        .values(maximum=places, updated_at=now())
        .returning(Capacity.maximum)
        .execution_options(synchronize_session=False)
    )
    if done is None:
        taken = row.reserved + row.used
        raise Refused(
            "已经约出 %(taken)s 个,名额不能比这少。要减少,先请社区改约。", field="places", taken=taken
        )  # fmt: skip
    audit.record("provider.slot.places", "service_slot", slot_id, places=places)


def bookings(provider_id: UUID, slot_id: UUID) -> list[Line]:
    """Who booked: task_id, community_name, title, state, places; no person. Runs under the provider's own scope."""
    one(provider_id, slot_id)
    i, r = ProviderInbox, Reservation
    return list(
        db.session.execute(
            select(
                i.task_id,
                i.community_name,
                restricted.title_of(ProviderService.service_type, i.title).label("title"),
                i.state,
                i.sent_at,
                r.places,
                r.state.label("held"),
            )
            .join(r, r.id == i.task_id)
            .join(ProviderService, ProviderService.id == i.service_id)
            .where(r.slot_id == slot_id, i.provider_id == provider_id)
            .order_by(i.sent_at)
        )
    )


def held(provider_id: UUID, slot_id: UUID) -> dict[Tenant, list[UUID]]:
    """Offers that hold a place in a slot, by the community that booked. Runs under the provider's own scope."""
    i, r = ProviderInbox, Reservation
    rows = db.session.execute(
        select(i.task_id, i.tenant_id, i.community_id)
        .join(r, r.id == i.task_id)
        .where(r.slot_id == slot_id, r.state == "held", i.provider_id == provider_id)
        .order_by(i.task_id)
    )
    found: dict[Tenant, list[UUID]] = {}
    for row in rows:
        found.setdefault(Tenant(row.tenant_id, row.community_id), []).append(row.task_id)
    return found


def mark_cancelled(provider_id: UUID, slot_id: UUID, reason: str) -> bool:
    """Say that a slot does not take place; False when that was said before. Raises Refused naming `reason`, Clash once
    it has begun."""
    row = one(provider_id, slot_id)
    if not reason.strip():
        raise Refused("请写一句原因,约了的社区看得到。不写姓名。", field="reason")
    if row.state == "cancelled":
        return False
    if row.starts_at <= now():
        raise Clash("这个时段已经开始,不能再取消。没做成的请在派单里登记。", field="reason")
    db.session.execute(
        update(ServiceSlot)
        .where(ServiceSlot.id == slot_id)
        .values(state="cancelled", reason=reason.strip()[:200])
        .execution_options(synchronize_session=False)
    )
    audit.record("provider.slot.cancel", "service_slot", slot_id)
    return True


def shut(provider_id: UUID, slot_id: UUID) -> None:
    """Nothing is left in a slot: its maximum becomes what is promised. Last in the transaction, like every lock of the
    ledger."""
    row = one(provider_id, slot_id)
    db.session.execute(
        update(Capacity)
        .where(*unit(row.service_id, row.starts_at.astimezone(ZONE).date(), slot_id))
        .values(maximum=Capacity.reserved + Capacity.used, updated_at=now())
        .execution_options(synchronize_session=False)
    )
