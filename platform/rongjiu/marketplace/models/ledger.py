"""The one ledger of places: of a month or of a dated slot, held for tasks, and the line for them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, WORK, Base, PlatformRow, field

WHOLE_MONTH = UUID(int=0)
"""In place of a slot: the places a month."""


class ServiceSlot(PlatformRow, Base):
    """A dated part of a service that is booked as such: a clinic day, an hour of advice, a lecture, a bed, a shift. Its
    places stand in `capacity`."""

    __tablename__ = "service_slot"
    __table_args__ = (
        Index("uq_service_slot_open", "service_id", "starts_at", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("state IN ('open', 'cancelled')", name="state"),
        CheckConstraint("ends_at > starts_at", name="length"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    starts_at: Mapped[datetime] = field(OPEN)
    ends_at: Mapped[datetime] = field(OPEN)
    state: Mapped[str] = field(OPEN, default="open")
    reason: Mapped[str] = field(WORK, default="")
    """Why it was cancelled, in the provider's words to the communities; no person in it."""


class Capacity(Base):
    """Places of one service in one month, or in one slot, counted across all communities."""

    __tablename__ = "capacity"
    __table_args__ = (
        CheckConstraint("reserved >= 0 AND used >= 0 AND reserved + used <= maximum", name="places"),
        CheckConstraint(f"(slot_id = '{WHOLE_MONTH}'::uuid) = (extract(day FROM period) = 1)", name="unit"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"), primary_key=True)
    period: Mapped[date] = field(OPEN, primary_key=True)
    """First day of the month; of a slot the last day of its month, so that no reader of months takes it for one."""
    slot_id: Mapped[UUID] = field(KEY, primary_key=True, default=WHOLE_MONTH)
    """The slot that is counted; WHOLE_MONTH for the places a month."""
    maximum: Mapped[int] = field(OPEN)
    reserved: Mapped[int] = field(OPEN, default=0)
    used: Mapped[int] = field(OPEN, default=0)
    updated_at: Mapped[datetime] = field(OPEN, server_default=text("now()"))
    """When one of these figures last changed; said by the statement that changes it."""


class Reservation(PlatformRow, Base):
    """Places held for one task; `id` is the id of the task or visit that holds them. held → used | released."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'used', 'released')", name="state"),
        Index("ix_reservation_limit", "community_id", "period"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    period: Mapped[date] = field(WORK)
    """First day of the month, also of a slot: a community's own limit counts both."""
    slot_id: Mapped[UUID | None] = field(KEY, ForeignKey("service_slot.id"), index=True)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    places: Mapped[int] = field(WORK, default=1)
    state: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)


class PlaceWait(PlatformRow, Base):
    """A task that waits for a place of a service in a month; `id` is the id of the task. No person, no need."""

    __tablename__ = "place_wait"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'left')", name="state"),
        Index(
            "ix_place_wait_line", "service_id", "period", text("priority DESC"), "asked_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    period: Mapped[date] = field(WORK)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    priority: Mapped[int] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    at: Mapped[datetime] = field(WORK)
