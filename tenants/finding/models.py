"""Families found in hardship, until somebody has been at their door."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within

VISIT_SOURCES = ("survey", "sweep", "round")
VISIT_STATES = ("waiting", "planned", "done", "dropped")


class HomeVisit(TenantRow, Base):
    """A family in hardship to be visited at home, found by a survey or a sweep, or due by the rounds
    of special groups: waiting → planned → done, or dropped
    with a reason. One live row for a household."""

    __tablename__ = "home_visit"
    __table_args__ = (
        within("household", "household_id"),
        within("courtyard", "courtyard_id"),
        within("case_file", "case_id"),
        within("visit", "visit_id"),
        Index("ix_home_visit_state", "tenant_id", "state", "courtyard_id"),
        Index("ix_home_visit_visit", "tenant_id", "visit_id"),
        Index(
            "uq_home_visit_live", "tenant_id", "household_id", unique=True,
            postgresql_where=text("state IN ('waiting', 'planned')"),
        ),
        CheckConstraint(f"source IN {VISIT_SOURCES}", name="source"),
        CheckConstraint(f"state IN {VISIT_STATES}", name="state"),
    )  # fmt: skip
    household_id: Mapped[UUID | None] = field(KEY)
    """Empty when the door is not in the register yet."""
    courtyard_id: Mapped[UUID] = field(KEY)
    door: Mapped[str | None] = field(PERSONAL, Sealed("home_visit", "door"))
    """The door as it was told, when it is not in the register."""
    reasons: Mapped[list[str]] = field(SENSITIVE, JSONB)
    """Codes: what was seen; a special group as group:<slug>."""
    points: Mapped[int] = field(WORK, default=0)
    """Rank of hardship on the list; higher comes first."""
    source: Mapped[str] = field(WORK)
    source_id: Mapped[UUID] = field(KEY)
    state: Mapped[str] = field(WORK, default="waiting")
    dropped_as: Mapped[str] = field(WORK, default="")
    """Why no visit is made."""
    listed_at: Mapped[datetime] = field(WORK)
    case_id: Mapped[UUID | None] = field(KEY)
    visit_id: Mapped[UUID | None] = field(KEY)
    ended_at: Mapped[datetime | None] = field(WORK)
