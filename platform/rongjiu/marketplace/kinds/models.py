"""Tables of some kinds of providers; like all of the marketplace they have no tenant."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
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


class CareStaff(PlatformRow, Base):
    """Somebody of a medical provider who may be sent, with the licence to practise. The provider's own: the database
    shows it under `app.provider_id` alone."""

    __tablename__ = "care_staff"
    __table_args__ = (
        Index("ix_care_staff_provider", "provider_id"),
        CheckConstraint("state IN ('active', 'left')", name="state"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    name: Mapped[str] = field(PERSONAL, Sealed("care_staff", "name", platform=True))
    post: Mapped[str] = field(WORK)
    """licences.POSTS."""
    licence: Mapped[str] = field(PERSONAL, Sealed("care_staff", "licence", platform=True))
    ends_on: Mapped[date | None] = field(WORK)
    """The last day on which the licence holds; empty: it has no end."""
    state: Mapped[str] = field(WORK, default="active")
    modified_at: Mapped[datetime] = field(WORK)


class CareVisit(PlatformRow, Base):
    """One line of a medical provider's service log: which care acts were done when, by whom of its own. No person who was
    cared for, no word of their life: acts are codes. Shown under `app.provider_id` alone."""

    __tablename__ = "care_visit"
    __table_args__ = (
        Index("ix_care_visit_provider", "provider_id", "at"),
        Index(
            "uq_care_visit_planned", "task_id", unique=True, postgresql_where=text("state = 'planned'")
        ),
        CheckConstraint("state IN ('planned', 'done', 'missed')", name="state"),
    )  # fmt: skip
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    task_id: Mapped[UUID] = field(KEY)
    """The first offer of the sending; before there is one, the provider's wish to come."""
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    titles: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """The services, as they were offered."""
    staff_id: Mapped[UUID | None] = field(KEY, ForeignKey("care_staff.id"))
    at: Mapped[datetime] = field(WORK)
    """For when it is planned, then when it was done or missed."""
    state: Mapped[str] = field(WORK)
    acts: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """care.ACTS."""


class DeclaredPrice(PlatformRow, Base):
    """A price that a medical provider declares, with its day and what it stands on; the family hears it before it
    agrees."""

    __tablename__ = "declared_price"
    __table_args__ = (
        Index("ix_declared_price_provider", "provider_id", "state"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("state IN ('valid', 'withdrawn')", name="state"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    item: Mapped[str] = field(OPEN)
    unit: Mapped[str] = field(OPEN)
    price: Mapped[Decimal] = field(OPEN)
    declared_on: Mapped[date] = field(OPEN)
    proof: Mapped[str] = field(OPEN)
    """The price list, document or number on which it stands."""
    state: Mapped[str] = field(OPEN, default="valid")
