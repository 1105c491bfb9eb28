"""What came of it: savings with their parts, follow-ups."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field, within


class SavingLine(TenantRow, Base):
    """One part of what the family saves a month, estimated, with where the figure comes from."""

    __tablename__ = "saving_line"
    __table_args__ = (within("case_file", "case_id"),)
    case_id: Mapped[UUID] = field(KEY)
    label: Mapped[str] = field(WORK)
    amount_month: Mapped[Decimal] = field(WORK)
    """The lower end of the range, which sums are made of."""
    amount_high: Mapped[Decimal | None] = field(WORK)
    """The upper end, when the market knows a range."""
    source: Mapped[str] = field(WORK)
    made_at: Mapped[datetime] = field(WORK)


class OutcomeNote(TenantRow, Base):
    """The result of a case beyond savings: a new income, without claiming a sum nobody stated."""

    __tablename__ = "outcome_note"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id"))
    case_id: Mapped[UUID] = field(KEY)
    new_income: Mapped[bool] = field(WORK, default=False)
    income_month: Mapped[Decimal | None] = field(WORK)
    """CNY a month, only when somebody stated it."""
    unpriced: Mapped[list[str]] = field(WORK, JSONB, default=list, server_default=text("'[]'"))
    """Help without a market price: counted, no sum invented."""
    made_at: Mapped[datetime] = field(WORK)


class FollowUp(TenantRow, Base):
    """A later look at the family (回访)."""

    __tablename__ = "follow_up"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "seq"))
    case_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    due_on: Mapped[date] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)


class NeedOutcome(TenantRow, Base):
    """What somebody says came of one need; append-only, the latest of each voice counts."""

    __tablename__ = "need_outcome"
    __table_args__ = (
        within("case_file", "case_id"),
        within("need", "need_id"),
        Index("ix_need_outcome_need", "tenant_id", "need_id", "at"),
        CheckConstraint("result IN ('solved', 'partly', 'not_solved', 'unknown')", name="result"),
        CheckConstraint("by IN ('resident', 'worker', 'audit')", name="by"),
    )
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    result: Mapped[str] = field(WORK)
    by: Mapped[str] = field(WORK)
    """resident | worker | audit."""
    source: Mapped[str] = field(WORK)
    """call_back | follow_up | visit | desk | audit."""
    stars: Mapped[int | None] = field(WORK)
    """Satisfaction, 1 to 5."""
    words: Mapped[str | None] = field(SENSITIVE, Sealed("need_outcome", "words"))
    at: Mapped[datetime] = field(WORK)
    by_id: Mapped[UUID | None] = field(KEY)
    by_post: Mapped[str] = field(WORK, default="")


class AuditCheck(TenantRow, Base):
    """A closed case that was drawn to be looked at again by somebody who did not work on it."""

    __tablename__ = "audit_check"
    __table_args__ = (
        within("case_file", "case_id"),
        UniqueConstraint("tenant_id", "month", "case_id", name="uq_audit_check_case"),
        Index("ix_audit_check_state", "tenant_id", "state", "due_at"),
        CheckConstraint("state IN ('open', 'agrees', 'differs')", name="state"),
    )
    case_id: Mapped[UUID] = field(KEY)
    month: Mapped[date] = field(WORK)
    """First day of the month in which the case was closed."""
    seed: Mapped[str] = field(WORK)
    """With seed, percentage and the month's closed cases anybody draws the same sample again."""
    rank: Mapped[int] = field(WORK)
    percent: Mapped[int] = field(WORK)
    alone: Mapped[bool] = field(WORK, default=False, server_default=text("false"))
    """Whoever asked for the closing approved it, because there is nobody else (自批): such a case is always drawn."""
    state: Mapped[str] = field(WORK, default="open")
    drawn_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)
    done_by: Mapped[UUID | None] = field(KEY)
    done_post: Mapped[str] = field(WORK, default="")
    words: Mapped[str | None] = field(SENSITIVE, Sealed("audit_check", "words"))
