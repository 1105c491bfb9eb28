"""Tables of some kinds of providers; like all of the marketplace they have no tenant."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, WORK, Base, PlatformRow, field


class OnCall(Base):
    """When a provider can be called out, and by which number."""

    __tablename__ = "on_call"
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"), primary_key=True)
    phone: Mapped[str] = field(PERSONAL, Sealed("on_call", "phone", platform=True))
    days: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """MO … SU."""
    since: Mapped[time] = field(WORK)
    until: Mapped[time] = field(WORK)
    """The same as `since`: round the clock; earlier: until the next morning."""
    modified_at: Mapped[datetime] = field(WORK)


class SafetyDrill(PlatformRow, Base):
    """One drill that a provider held. Append-only."""

    __tablename__ = "safety_drill"
    __table_args__ = (
        Index("ix_safety_drill_provider", "provider_id", "held_on"),
        CheckConstraint("people BETWEEN 1 AND 9999 AND minutes BETWEEN 1 AND 999", name="size"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    held_on: Mapped[date] = field(WORK)
    kind: Mapped[str] = field(WORK)
    """What was drilled (oncall.DRILLS)."""
    people: Mapped[int] = field(WORK)
    minutes: Mapped[int] = field(WORK)
    """How long until everybody was out or helped."""
    learnt: Mapped[str] = field(WORK)
    by_id: Mapped[UUID | None] = field(KEY)
    at: Mapped[datetime] = field(WORK)


class JobOpening(PlatformRow, Base):
    """Work that an employer offers: how many hours and when, how far, for how much, and whether it leaves time to care
    for somebody at home."""

    __tablename__ = "job_opening"
    __table_args__ = (
        Index("ix_job_opening_provider", "provider_id", "state"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
        CheckConstraint("pay_per IN ('hour', 'day', 'month')", name="pay_per"),
        CheckConstraint("pay_low > 0 AND pay_high >= pay_low", name="pay"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    title: Mapped[str] = field(OPEN)
    hours_a_week: Mapped[int] = field(OPEN)
    days: Mapped[list[str]] = field(OPEN, JSONB, default=list)
    """MO … SU; empty: agreed with whoever takes it."""
    since: Mapped[time | None] = field(OPEN)
    until: Mapped[time | None] = field(OPEN)
    """Both empty: agreed with whoever takes it."""
    metres: Mapped[int | None] = field(OPEN)
    """How far it is from the street in which the employer stands; empty: at home or on the road."""
    pay_low: Mapped[Decimal] = field(OPEN)
    pay_high: Mapped[Decimal] = field(OPEN)
    pay_per: Mapped[str] = field(OPEN)
    """hour | day | month, in yuan."""
    fits_care: Mapped[bool] = field(OPEN, default=False)
    """The employer says: whoever cares for somebody may leave when called, and shifts can be moved."""
    places: Mapped[int] = field(OPEN, default=1)
    ends_on: Mapped[date | None] = field(OPEN)
    state: Mapped[str] = field(OPEN, default="open")
    modified_at: Mapped[datetime] = field(OPEN)
