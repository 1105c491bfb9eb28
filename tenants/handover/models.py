"""What a family was told of who holds their matter."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, WORK, Base, TenantRow, field, within


class HandoverNote(TenantRow, Base):
    """One message of a change of hands: the same holder with the same step is told once a day. Append-only."""

    __tablename__ = "handover_note"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "mark", "day"))
    case_id: Mapped[UUID] = field(KEY)
    mark: Mapped[str] = field(WORK)
    """Short hash of holder and step."""
    day: Mapped[date] = field(WORK)
    actor: Mapped[str] = field(WORK)
    verb: Mapped[str] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    told_at: Mapped[datetime] = field(WORK)
