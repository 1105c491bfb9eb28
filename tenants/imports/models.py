"""A register brought in from a file: the batch, what was noticed row by row, and how headers are read in a street."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, WORK, Base, PlatformRow, TenantRow, field, within

STATES = (
    "uploaded", "mapping", "checking", "checked", "applying", "done", "undoing", "undone", "failed",
)  # fmt: skip
KINDS = ("error", "changed", "duplicate", "note", "new", "kept")


class ImportBatch(TenantRow, Base):
    """One file on its way into the register: uploaded → mapping → checking → checked → applying → done → undoing →
    undone; failed with words, and nothing written. The file stands encrypted beside the other files."""

    __tablename__ = "import_batch"
    __table_args__ = (
        within("tenant_file", "file_id"),
        Index("ix_import_batch_made", "tenant_id", "created_at"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    file_id: Mapped[UUID] = field(KEY)
    digest: Mapped[str] = field(WORK)
    """SHA-256 of the file: the same file again is known."""
    name: Mapped[str] = field(PERSONAL)
    state: Mapped[str] = field(WORK, default="uploaded")
    sheet: Mapped[str] = field(PERSONAL, default="")
    header: Mapped[int] = field(WORK, default=0)
    """Number of the (last) header row as Excel counts, from 1."""
    columns: Mapped[str | None] = field(PERSONAL, Sealed("import_batch", "columns"))
    """JSON: for each column its title, masked samples and what it was recognised as."""
    mapping: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """For each column what it is kept as; '' = left out."""
    options: Mapped[dict[str, bool]] = field(WORK, JSONB, default=dict)
    """yards: make unknown courtyards; changes: write changed fields; duplicates: write possible duplicates too."""
    counts: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    made: Mapped[bytes | None] = field(KEY, LargeBinary, deferred=True)
    """Row number (4 bytes) and id (16 bytes) of each person this batch entered, one behind another."""
    made_yards: Mapped[list[str]] = field(KEY, JSONB, default=list)
    done: Mapped[int] = field(WORK, default=0)
    total: Mapped[int] = field(WORK, default=0)
    turn: Mapped[int] = field(WORK, default=0)
    """How often it was sent to work; each turn is one effect."""
    problem: Mapped[str] = field(WORK, default="")
    """Why it failed, as a msgid."""
    created_at: Mapped[datetime] = field(WORK)
    created_by: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK, default="")
    finished_at: Mapped[datetime | None] = field(WORK)


class ImportIssue(TenantRow, Base):
    """What was noticed at one row of a file: an error, a change, a possible duplicate, a note, what could not be undone."""

    __tablename__ = "import_issue"
    __table_args__ = (
        within("import_batch", "batch_id"),
        Index("ix_import_issue_batch", "tenant_id", "batch_id", "kind", "row"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
    )
    batch_id: Mapped[UUID] = field(KEY)
    row: Mapped[int] = field(WORK)
    """Row of the sheet as Excel counts, from 1."""
    kind: Mapped[str] = field(WORK)
    column: Mapped[str] = field(WORK, default="")
    """The target it is about, by code; several with blanks between."""
    message: Mapped[str] = field(WORK)
    """A msgid."""
    words: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    preview: Mapped[str | None] = field(PERSONAL, Sealed("import_issue", "preview"))
    """The name as written in the row; shown masked."""
    household_id: Mapped[UUID | None] = field(KEY)
    """The household of the register it was compared with."""


class ImportMapping(PlatformRow, Base):
    """How a set of headers is read, so that nobody confirms it twice: a keyless hash of the headers and the targets
    by position. No word of the file, no person; communities of one street share it."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("fingerprint", "made_by"),)
    street_id: Mapped[UUID | None] = field(KEY, ForeignKey("street.id"), index=True)
    fingerprint: Mapped[str] = field(WORK)
    mapping: Mapped[list[str]] = field(WORK, JSONB)
    made_by: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    used: Mapped[int] = field(WORK, default=1, server_default=text("1"))
    updated_at: Mapped[datetime] = field(WORK)
