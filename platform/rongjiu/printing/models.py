"""Papers to be printed, made by a worker: what was asked for, and the file when it is done."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, WORK, Base, TenantRow, field

STATES = ("waiting", "working", "done", "failed")


class Paper(TenantRow, Base):
    """One paper: its page is kept as a file until the PDF is made, then only the PDF is."""

    __tablename__ = "paper"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="state"),)
    kind: Mapped[str] = field(WORK)
    """slip | visit | card | consent | answer, and what else a door names."""
    subject: Mapped[str] = field(WORK)
    """Human number of what it is about, such as a case's."""
    state: Mapped[str] = field(WORK, default="waiting")
    reason: Mapped[str] = field(WORK, default="")
    """Why it could not be made: no_renderer | refused | broken."""
    html_id: Mapped[UUID] = field(KEY)
    file_id: Mapped[UUID | None] = field(KEY)
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
