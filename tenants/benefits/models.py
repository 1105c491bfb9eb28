"""What a family receives now, from when until when, and on what ground: the community's own note, never a decision."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, TenantRow, field, within

SOURCES = ("desk", "acceptance", "sweep")


class ReceivedBenefit(TenantRow, Base):
    """One benefit a household, or one person of it, receives; each change of a field stands in register_change under
    the id of this row."""

    __tablename__ = "received_benefit"
    __table_args__ = (
        within("household", "household_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "source_id", "person_id"),
        Index("ix_received_benefit_household", "tenant_id", "household_id"),
        Index("ix_received_benefit_person", "tenant_id", "person_id"),
        CheckConstraint(f"source IN {SOURCES}", name="source"),
    )
    household_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID | None] = field(KEY)
    """Whose it is; empty when the household has it as a whole."""
    policy_slug: Mapped[str] = field(SENSITIVE)
    since: Mapped[date] = field(WORK)
    until: Mapped[date | None] = field(WORK)
    """The last day; empty when no end is known."""
    ground: Mapped[str | None] = field(SENSITIVE, Sealed("received_benefit", "ground"))
    """The document or other ground, in words."""
    source: Mapped[str] = field(WORK)
    """desk | acceptance | sweep: noted by a clerk, granted through the street's desk, or told at the door."""
    source_id: Mapped[UUID | None] = field(KEY)
    """The file at the street's desk that was granted."""
    version: Mapped[int] = field(WORK)
    noted_at: Mapped[datetime] = field(WORK)
    noted_by: Mapped[UUID | None] = field(KEY)
    noted_post: Mapped[str] = field(WORK)
    struck_at: Mapped[datetime | None] = field(WORK)
    """When it was struck out as entered in error."""
    struck_why: Mapped[str | None] = field(SENSITIVE, Sealed("received_benefit", "struck_why"))
    demo: Mapped[bool] = field(OPEN, default=False)
