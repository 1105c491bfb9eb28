"""Signals (线索): what reached the community, by which channel, and what became of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
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
