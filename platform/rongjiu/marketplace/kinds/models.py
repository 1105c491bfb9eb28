"""Tables of some kinds of providers; like all of the marketplace they have no tenant."""

from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, WORK, Base, PlatformRow, field


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
