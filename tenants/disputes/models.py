"""Dispute files (纠纷卷宗): that one exists is known to the desk; what stands in it is read by one named worker alone."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within

STATES = ("open", "settled", "unsettled", "passed_on")
KINDS = ("party", "matter", "talk", "paper", "agreement")


class DisputeFile(TenantRow, Base):
    """The cover: a number and who holds it. No party, no matter, no case: a cover that named them would tell it all."""

    __tablename__ = "dispute_file"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_dispute_file_holder", "tenant_id", "holder_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    number: Mapped[str] = field(WORK)
    holder_id: Mapped[UUID] = field(KEY)
    """The account of the worker of the parties."""
    provider_id: Mapped[UUID | None] = field(KEY)
    """The law firm that is asked, if any."""
    state: Mapped[str] = field(WORK)
    """open → settled | unsettled | passed_on (to a court or a department)."""
    opened_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime | None] = field(WORK)
    """By when its holder talks with the parties next."""
    closed_at: Mapped[datetime | None] = field(WORK)
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When what stood in it was removed because it had been over for so long (keep-dispute)."""
    demo: Mapped[bool] = field(OPEN, default=False)


class DisputeEntry(TenantRow, Base):
    """One thing in a file. The database shows it while the transaction names its holder, and to nobody else; the app
    may add entries and hand them on, never change one, and remove one only when it is older than a year (the shortest
    term that keep-dispute may have)."""

    __tablename__ = "dispute_entry"
    __table_args__ = (
        within("dispute_file", "dispute_id"),
        Index("ix_dispute_entry_file", "tenant_id", "dispute_id", "at"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
    )
    dispute_id: Mapped[UUID] = field(KEY)
    holder_id: Mapped[UUID] = field(KEY)
    kind: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)
    by_id: Mapped[UUID] = field(KEY)
    title: Mapped[str] = field(PERSONAL, Sealed("dispute_entry", "title"))
    """Who the party is, or what the paper is."""
    phone: Mapped[str | None] = field(PERSONAL, Sealed("dispute_entry", "phone"))
    words: Mapped[str | None] = field(SENSITIVE, Sealed("dispute_entry", "words"))
    file_id: Mapped[UUID | None] = field(KEY)


class DisputeHand(TenantRow, Base):
    """One change of hands: from whom, to whom, by whom, why. Append-only."""

    __tablename__ = "dispute_hand"
    __table_args__ = (within("dispute_file", "dispute_id"), Index("ix_dispute_hand_file", "tenant_id", "dispute_id"))
    dispute_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    from_id: Mapped[UUID] = field(KEY)
    to_id: Mapped[UUID] = field(KEY)
    by_id: Mapped[UUID | None] = field(KEY)
    reason: Mapped[str] = field(WORK)
    """absence | leaving | kinship | workload: a code, so that nobody writes what it is about."""
