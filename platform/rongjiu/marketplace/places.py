"""Places in coming slots as expressions, so that every page counts places as matching and the open data do: those of the
month and, beside them, those of the slots of that month that can still be booked."""

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from rongjiu.clock import ZONE, now
from rongjiu.marketplace import rules
from rongjiu.marketplace.models import Capacity, ServiceSlot


def still_open(moment: Any = None) -> tuple[ColumnElement[bool], ...]:
    """Conditions over slots: not cancelled, not begun at a moment (default: now)."""
    return ServiceSlot.state == "open", ServiceSlot.starts_at > (now() if moment is None else moment)


def slots_left(service_id: Any, month: date) -> ColumnElement[int]:
    """Expression: places left in the slots of a service that can still be booked in a month."""
    return _slots(service_id, month, Capacity.maximum - Capacity.reserved - Capacity.used)


def slots_most(service_id: Any, month: date) -> ColumnElement[int]:
    """Expression: places of those slots, taken ones among them."""
    return _slots(service_id, month, Capacity.maximum)


def _slots(service_id: Any, month: date, counted: Any) -> ColumnElement[int]:
    over = datetime.combine(rules.following(month), time(), ZONE)
    found = (
        select(func.sum(counted))
        .select_from(ServiceSlot)
        .join(Capacity, and_(Capacity.service_id == ServiceSlot.service_id, Capacity.slot_id == ServiceSlot.id))
        .where(ServiceSlot.service_id == service_id, *still_open(), ServiceSlot.starts_at < over)
        .correlate(service_id.table)
        .scalar_subquery()
    )
    return func.coalesce(found, 0)
