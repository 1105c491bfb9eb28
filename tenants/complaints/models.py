"""Complaints (投诉): about a provider, a volunteer or a worker; who complained is sealed and never shown to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within

ABOUT = ("provider", "volunteer", "worker", "unknown")
CHANNELS = ("phone", "paper", "link", "page")
STATES = ("received", "hearing", "decided", "answered")


class Complaint(TenantRow, Base):
    """received → hearing (those complained about are heard) → decided → answered; may be opened again."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_complaint_state", "tenant_id", "state", "due_at"),
        Index("ix_complaint_staff", "tenant_id", "staff_id"),
        CheckConstraint(f"about IN {ABOUT}", name="about"),
        CheckConstraint(f"channel IN {CHANNELS}", name="channel"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("receiver_id IS NULL OR staff_id IS NULL OR receiver_id <> staff_id", name="receiver"),
    )
    number: Mapped[str] = field(WORK)
    about: Mapped[str] = field(WORK)
    provider_id: Mapped[UUID | None] = field(KEY)
    staff_id: Mapped[UUID | None] = field(KEY)
    """The account of the worker or volunteer complained about."""
    category: Mapped[str] = field(WORK)
    channel: Mapped[str] = field(WORK)
    complainant: Mapped[str | None] = field(PERSONAL, Sealed("complaint", "complainant"))
    phone: Mapped[str | None] = field(PERSONAL, Sealed("complaint", "phone"))
    words: Mapped[str] = field(SENSITIVE, Sealed("complaint", "words"))
    happened_on: Mapped[date | None] = field(WORK)
    state: Mapped[str] = field(WORK)
    receiver_id: Mapped[UUID | None] = field(KEY)
    """Who looks into it: never the one complained about."""
    receiver_post: Mapped[str] = field(WORK)
    received_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    question: Mapped[str | None] = field(SENSITIVE, Sealed("complaint", "question"))
    """What those complained about are asked, in the receiver's words, without the complainant."""
    hearing_due_at: Mapped[datetime | None] = field(WORK)
    reply: Mapped[str | None] = field(SENSITIVE, Sealed("complaint", "reply"))
    replied_at: Mapped[datetime | None] = field(WORK)
    upheld: Mapped[bool | None] = field(WORK)
    finding: Mapped[str | None] = field(SENSITIVE, Sealed("complaint", "finding"))
    decided_at: Mapped[datetime | None] = field(WORK)
    answer: Mapped[str | None] = field(SENSITIVE, Sealed("complaint", "answer"))
    answered_how: Mapped[str] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    reopened: Mapped[int] = field(WORK)
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When its words were removed because it had been answered for so long (keep-case)."""
    demo: Mapped[bool] = field(OPEN, default=False)


class ComplaintEvent(TenantRow, Base):
    """One step of a complaint: verb, from where to where, by which post. No words. Append-only."""

    __tablename__ = "complaint_event"
    __table_args__ = (
        within("complaint", "complaint_id"),
        Index("ix_complaint_event_complaint", "tenant_id", "complaint_id", "at"),
    )
    complaint_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    verb: Mapped[str] = field(WORK)
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK)
