"""Signals (线索): what reached the community, by which channel, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, SENSITIVE, WORK, Base, TenantRow, field, within

CHANNELS = (
    "livestream_outdoor", "livestream", "sweep", "survey", "grid_report", "home_visit", "counter", "hotline", "self",
    "neighbour", "department", "partner",
)  # fmt: skip
STATES = ("new", "triaged", "answered")
BECAME = ("", "need", "wish", "question", "duplicate", "no_action")


class Signal(TenantRow, Base):
    """new → triaged (need | wish | question | duplicate | no_action) → answered."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("courtyard", "courtyard_id"),
        Index("ix_signal_state", "tenant_id", "state", "received_at"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"became IN {BECAME}", name="became"),
    )
    number: Mapped[str] = field(WORK)
    channel: Mapped[str] = field(WORK)
    kind: Mapped[str] = field(WORK)
    """need | wish | question, as the receiver took it."""
    words: Mapped[str] = field(SENSITIVE, Sealed("signal", "words"))
    caller: Mapped[str | None] = field(PERSONAL, Sealed("signal", "caller"))
    phone: Mapped[str | None] = field(PERSONAL, Sealed("signal", "phone"))
    phone_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    courtyard_id: Mapped[UUID | None] = field(KEY)
    session_id: Mapped[UUID | None] = field(KEY)
    urgency: Mapped[str] = field(WORK, default="ordinary")
    """ordinary | urgent | critical (急难)."""
    state: Mapped[str] = field(WORK, default="new")
    became: Mapped[str] = field(WORK, default="")
    case_id: Mapped[UUID | None] = field(KEY)
    received_at: Mapped[datetime] = field(WORK)
    triaged_at: Mapped[datetime | None] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


VISIT_SOURCES = ("survey", "sweep")
VISIT_STATES = ("waiting", "planned", "done", "dropped")


class HomeVisit(TenantRow, Base):
    """A family in hardship to be visited at home, found by a survey or a sweep: waiting → planned → done, or dropped
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
