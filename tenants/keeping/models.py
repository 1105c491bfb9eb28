"""What each night removed because its time was over: the report of the deletion job, in numbers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from rongjiu.db import WORK, Base, TenantRow, field

KINDS = ("lead", "wish", "contact", "case", "complaint", "place", "screening", "dispute", "consent")


class KeepingRun(TenantRow, Base):
    """So many things of one kind lost their words in one night; a night with nothing to remove writes nothing."""

    __tablename__ = "keeping_run"
    __table_args__ = (
        Index("ix_keeping_run_at", "tenant_id", "at"),
        CheckConstraint(f"what IN {KINDS}", name="what"),
        CheckConstraint("things > 0", name="things"),
    )
    at: Mapped[datetime] = field(WORK)
    what: Mapped[str] = field(WORK)
    things: Mapped[int] = field(WORK)
