"""What was flagged as 急难: who took it, who was at the door first, when aid was asked for, and who looked at what."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within

SHIFTS = ("day", "night")
STATES = ("open", "ended", "withdrawn")


class DutyShift(TenantRow, Base):
    """Who is on duty in a shift of every week, or of one date, which goes before the week. No holiday leaves it out."""

    __tablename__ = "duty_shift"
    __table_args__ = (
        UniqueConstraint("tenant_id", "weekday", "shift"),
        UniqueConstraint("tenant_id", "on_date", "shift"),
        CheckConstraint(f"shift IN {SHIFTS}", name="shift"),
        CheckConstraint("(weekday IS NULL) <> (on_date IS NULL)", name="when"),
    )
    weekday: Mapped[int | None] = field(WORK)
    """1 = Monday … 7 = Sunday."""
    on_date: Mapped[date | None] = field(WORK)
    shift: Mapped[str] = field(WORK)
    account_id: Mapped[UUID] = field(KEY)


class Emergency(TenantRow, Base):
    """One alarm about one case: open → ended (helped, aid asked for, papers there), or withdrawn with a reason.

    A case has one open alarm; a second flag rings nothing anew.
    """

    __tablename__ = "emergency"
    __table_args__ = (
        within("case_file", "case_id"),
        within("signal", "signal_id"),
        Index("ix_emergency_state", "tenant_id", "state", "raised_at"),
        Index(
            "uq_emergency_open", "tenant_id", "case_id", unique=True, postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )  # fmt: skip
    case_id: Mapped[UUID] = field(KEY)
    signal_id: Mapped[UUID | None] = field(KEY)
    state: Mapped[str] = field(WORK, default="open")
    raised_at: Mapped[datetime] = field(WORK)
    raised_post: Mapped[str] = field(WORK)
    owner_id: Mapped[UUID | None] = field(KEY)
    owner_post: Mapped[str] = field(WORK, default="")
    taken_at: Mapped[datetime | None] = field(WORK)
    """Empty: nobody has said 我来, and it rings again and again."""
    rings: Mapped[int] = field(WORK, default=0)
    """How often secretary and street were rung because nobody had taken it."""
    owner_due: Mapped[datetime] = field(WORK)
    helper_due: Mapped[datetime] = field(WORK)
    aid_due: Mapped[datetime] = field(WORK)
    """The three clocks as they were set when it was raised; a later change of a timer does not move them."""
    helper: Mapped[str | None] = field(PERSONAL, Sealed("emergency", "helper"))
    """Who was at the door first: a post, or the name of a neighbour."""
    helper_at: Mapped[datetime | None] = field(WORK)
    aid_at: Mapped[datetime | None] = field(WORK)
    task_id: Mapped[UUID | None] = field(KEY)
    """The file at the street's desk that asks for temporary aid."""
    papers_due: Mapped[datetime | None] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("emergency", "reason"))
    """Why it was taken out of the express lane."""


class EmergencyLook(TenantRow, Base):
    """Somebody opened a family's file in the express lane without typing a reason; the secretary looks at it."""

    __tablename__ = "emergency_look"
    __table_args__ = (
        within("emergency", "emergency_id"),
        Index("ix_emergency_look_open", "tenant_id", "reviewed_at", "due_at"),
        Index("ix_emergency_look_of", "tenant_id", "emergency_id"),
    )
    emergency_id: Mapped[UUID] = field(KEY)
    account_id: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK)
    role: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    """By when the secretary has looked at it (timer critical-review)."""
    reviewed_at: Mapped[datetime | None] = field(WORK)
    reviewed_by: Mapped[UUID | None] = field(KEY)
    reviewed_post: Mapped[str] = field(WORK, default="")
    remark: Mapped[str | None] = field(SENSITIVE, Sealed("emergency_look", "remark"))
    """What the secretary found wrong, if anything."""
