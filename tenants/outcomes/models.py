"""What came of it: savings with their parts, follow-ups."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, WORK, Base, TenantRow, field, within


class SavingLine(TenantRow, Base):
    """One part of what the family saves a month, estimated, with where the figure comes from."""

    __tablename__ = "saving_line"
    __table_args__ = (within("case_file", "case_id"),)
    case_id: Mapped[UUID] = field(KEY)
    label: Mapped[str] = field(WORK)
    amount_month: Mapped[Decimal] = field(WORK)
    source: Mapped[str] = field(WORK)
    made_at: Mapped[datetime] = field(WORK)


class OutcomeNote(TenantRow, Base):
    """The result of a case beyond savings: a new income, without claiming a sum nobody stated."""

    __tablename__ = "outcome_note"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id"))
    case_id: Mapped[UUID] = field(KEY)
    new_income: Mapped[bool] = field(WORK, default=False)
    made_at: Mapped[datetime] = field(WORK)


class FollowUp(TenantRow, Base):
    """A later look at the family (回访)."""

    __tablename__ = "follow_up"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "seq"))
    case_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    due_on: Mapped[date] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)
