"""Merges that can be undone, changes that wait for a second person, questions to other communities."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field, within

REQUEST_STATES = ("open", "approved", "refused", "withdrawn")


class RegisterMerge(TenantRow, Base):
    """One row of the register taken into another; `before` is JSON of everything needed to undo it."""

    __tablename__ = "register_merge"
    __table_args__ = (
        Index("ix_register_merge_at", "tenant_id", "at"),
        CheckConstraint("kind IN ('person', 'household')", name="kind"),
    )
    kind: Mapped[str] = field(WORK)
    keep_id: Mapped[UUID] = field(KEY)
    drop_id: Mapped[UUID] = field(KEY)
    before: Mapped[str] = field(SENSITIVE, Sealed("register_merge", "before"))
    at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    actor: Mapped[str] = field(WORK)
    undone_at: Mapped[datetime | None] = field(WORK)
    undone_by: Mapped[str] = field(WORK, default="")


class ChangeRequest(TenantRow, Base):
    """A change of facts that need a second person; `proposed` is JSON of field → new value, `base` what was seen."""

    __tablename__ = "change_request"
    __table_args__ = (
        within("person", "person_id"),
        Index("ix_change_request_state", "tenant_id", "state"),
        Index("ix_change_request_person", "tenant_id", "person_id"),
        Index("ix_change_request_source", "tenant_id", "source_id"),
        CheckConstraint(f"state IN {REQUEST_STATES}", name="state"),
    )
    person_id: Mapped[UUID] = field(KEY)
    fields: Mapped[list[str]] = field(WORK, JSONB)
    proposed: Mapped[str | None] = field(SENSITIVE, Sealed("change_request", "proposed"))
    """Emptied when refused or withdrawn: what was approved stands in the history."""
    base: Mapped[dict[str, Any]] = field(WORK, JSONB)
    """Field → the newest change of it that the asker had seen."""
    reason: Mapped[str] = field(SENSITIVE, Sealed("change_request", "reason"))
    file_id: Mapped[UUID | None] = field(KEY)
    source_id: Mapped[UUID | None] = field(KEY)
    """The import or sweep that told it; None = somebody at the desk."""
    state: Mapped[str] = field(WORK)
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_post: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    decided_by: Mapped[UUID | None] = field(KEY)
    decided_post: Mapped[str] = field(WORK, default="")
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_why: Mapped[str | None] = field(SENSITIVE, Sealed("change_request", "decided_why"))
    self_approved: Mapped[bool] = field(WORK, default=False)
    """自批: there was no second secretary; such acts all enter the audit sample."""
    stale: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Fields left alone at approval, because somebody had changed them since."""


class KnownAsk(TenantRow, Base):
    """A clerk asked whether a person is known elsewhere: why, and yes or no."""

    __tablename__ = "known_ask"
    __table_args__ = (
        within("person", "person_id"),
        Index("ix_known_ask_person", "tenant_id", "person_id"),
        Index("ix_known_ask_day", "tenant_id", "asked_by", "asked_at"),
    )
    person_id: Mapped[UUID] = field(KEY)
    reason: Mapped[str] = field(SENSITIVE, Sealed("known_ask", "reason"))
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_post: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    known: Mapped[bool] = field(SENSITIVE)


class ReviewRun(TenantRow, Base):
    """One search of the whole register for duplicates, step by step, with what it found."""

    __tablename__ = "review_run"
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_at: Mapped[datetime] = field(WORK)
    done: Mapped[int] = field(WORK, default=0)
    total: Mapped[int] = field(WORK)
    found: Mapped[int] = field(WORK, default=0)
    ended_at: Mapped[datetime | None] = field(WORK)


class LedgerRequest(TenantRow, Base):
    """A 台账 of everybody that somebody asked for: approved by a secretary, taken once, within a day."""

    __tablename__ = "ledger_request"
    __table_args__ = (
        within("courtyard", "courtyard_id"),
        Index("ix_ledger_request_state", "tenant_id", "state", "asked_at"),
        CheckConstraint("state IN ('open', 'approved', 'refused', 'withdrawn', 'taken')", name="state"),
    )
    courtyard_id: Mapped[UUID | None] = field(KEY)
    """One courtyard; None = all."""
    purpose: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_post: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    decided_by: Mapped[UUID | None] = field(KEY)
    decided_post: Mapped[str] = field(WORK, default="")
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_why: Mapped[str] = field(WORK, default="")
    taken_at: Mapped[datetime | None] = field(WORK)
