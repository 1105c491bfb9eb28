"""Signals (线索): what reached the community, by which channel, and what became of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, SENSITIVE, WORK, Base, TenantRow, field, within
from rongjiu.file_lists import FileList

CHANNELS = (
    "livestream_outdoor", "livestream", "sweep", "survey", "grid_report", "home_visit", "counter", "hotline", "self",
    "neighbour", "department", "partner",
)  # fmt: skip
STATES = ("new", "triaged", "answered")
HOW = ("", "call", "sms", "in_person", "on_air", "board", "none")
"""How the asker was told; none = there is no way, with a reason."""
BECAME = ("", "need", "wish", "question", "duplicate", "no_action")


class Signal(TenantRow, Base):
    """new → triaged (need | wish | question | duplicate | no_action) → answered."""

    __tablename__ = "signal"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("courtyard", "courtyard_id"),
        Index("ix_signal_state", "tenant_id", "state", "received_at"),
        Index("ix_signal_household", "tenant_id", "household_id"),
        Index("ix_signal_list", "tenant_id", "list_id"),
        Index("uq_signal_track", "tenant_id", "track_index", unique=True),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"became IN {BECAME}", name="became"),
        CheckConstraint(f"answered_how IN {HOW}", name="answered_how"),
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
    household_id: Mapped[UUID | None] = field(KEY)
    """The family of the register that it speaks of, when that is known."""
    building: Mapped[str] = field(PERSONAL, default="", server_default=text("''"))
    """The building, when a code on its door was scanned."""
    visitor_words: Mapped[str | None] = field(SENSITIVE, Sealed("signal", "visitor_words"))
    """What the visitor may read instead of the words that came."""
    call_back: Mapped[bool | None] = field(WORK)
    """May the caller be rung or written to? Unknown where nobody was asked."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("signal", "reason"))
    """Why nothing was done, or why there was no way to tell."""
    answer: Mapped[str | None] = field(SENSITIVE, Sealed("signal", "answer"))
    """What the community wrote to the asker."""
    answer_due_at: Mapped[datetime | None] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    answered_how: Mapped[str] = field(WORK, default="", server_default=text("''"))
    duplicate_of: Mapped[UUID | None] = field(KEY)
    """The signal it repeats, when that has no case yet."""
    list_id: Mapped[UUID | None] = field(KEY)
    """The list of a department that named the family."""
    track_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    """Keyed hash of the code by which the asker sees what becomes of it."""
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When words and caller were removed because nothing came of it (keep-lead)."""
    demo: Mapped[bool] = field(OPEN, default=False)


class DoorCode(TenantRow, Base):
    """A printed code on a courtyard's or building's door: it opens the public form with that place chosen."""

    __tablename__ = "door_code"
    __table_args__ = (within("courtyard", "courtyard_id"), UniqueConstraint("tenant_id", "token"))
    courtyard_id: Mapped[UUID] = field(KEY)
    building: Mapped[str] = field(OPEN, default="")
    """'' = the whole courtyard."""
    token: Mapped[str] = field(OPEN)
    """It hangs on a wall: whoever has it may write, and learns nothing."""
    made_by: Mapped[UUID | None] = field(KEY)
    made_at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(OPEN)


class PublicUse(TenantRow, Base):
    """One use of a public form, for a day: whose network address, or which small question was spent, as keyed hash."""

    __tablename__ = "public_use"
    __table_args__ = (Index("ix_public_use_who", "tenant_id", "kind", "who", "at"),)
    kind: Mapped[str] = field(WORK)
    """form | question | track."""
    who: Mapped[bytes] = field(SECRET, LargeBinary)
    at: Mapped[datetime] = field(WORK)


class DepartmentList(FileList, Base):
    """A list of people that a department watches over (监测名单), read and matched to the register."""

    __tablename__ = "department_list"
    __table_args__ = (
        UniqueConstraint("tenant_id", "department", "digest"),
        CheckConstraint("state IN ('draft', 'working', 'done', 'undone')", name="state"),
    )
    department: Mapped[str] = field(WORK)
    """Slug of the department."""
    dated: Mapped[date] = field(WORK)
    found: Mapped[str | None] = field(SENSITIVE, Sealed("department_list", "found"))
    """The lines and what they were matched with, until the list is done; numbers of identity are not kept."""
    by: Mapped[UUID | None] = field(KEY, "made_by")
    at: Mapped[datetime] = field(WORK, "made_at")
