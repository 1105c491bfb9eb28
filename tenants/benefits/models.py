"""What a family receives now, from when until when, and on what ground: the community's own note, never a decision."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, TenantRow, field, within

SOURCES = ("desk", "acceptance", "sweep")
HOW = ("paper", "department", "none")
UNCHECKED = text("source = 'sweep' AND checked_at IS NULL AND struck_at IS NULL")


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
        Index("ix_received_benefit_unchecked", "tenant_id", "noted_at", postgresql_where=UNCHECKED),
        CheckConstraint(f"source IN {SOURCES}", name="source"),
        CheckConstraint(f"checked_how IN {HOW}", name="checked_how"),
    )
    household_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID | None] = field(KEY)
    """Whose it is; empty when the household has it as a whole."""
    policy_slug: Mapped[str] = field(SENSITIVE)
    since: Mapped[date] = field(WORK)
    until: Mapped[date | None] = field(WORK)
    """The last day; empty when no end is known."""
    waiting: Mapped[bool] = field(WORK, default=False, server_default=text("false"))
    """It is not received yet: `since` is the day on which it was put in line."""
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
    checked_at: Mapped[datetime | None] = field(WORK)
    """When somebody checked what was told at the door; until then it counts, and is marked wherever it is used."""
    checked_by: Mapped[UUID | None] = field(KEY)
    checked_post: Mapped[str | None] = field(WORK)
    checked_how: Mapped[str | None] = field(WORK)
    """paper | department | none: a paper was seen, the department answered, or it is not received."""
    demo: Mapped[bool] = field(OPEN, default=False)
