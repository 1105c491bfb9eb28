"""The founding checklist of a community, ten steps from clone to sweep; and lines from above that it has confirmed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, WORK, Base, TenantRow, field


class ChecklistItem(TenantRow, Base):
    """One step with its planned day and when it was done."""

    __tablename__ = "checklist_item"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    slug: Mapped[str] = field(OPEN)
    seq: Mapped[int] = field(OPEN)
    name_zh: Mapped[str] = field(OPEN)
    name_en: Mapped[str] = field(OPEN)
    required: Mapped[bool] = field(OPEN)
    planned_on: Mapped[date | None] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)


class LineConfirmation(TenantRow, Base):
    """The community has seen a line from above, with the number and date of its document; append-only."""

    __tablename__ = "line_confirmation"
    __table_args__ = (UniqueConstraint("tenant_id", "line_id"),)
    line_id: Mapped[UUID] = field(KEY)
    slug: Mapped[str] = field(OPEN)
    document_number: Mapped[str] = field(OPEN)
    document_date: Mapped[date] = field(OPEN)
    at: Mapped[datetime] = field(WORK)
    confirmed_by: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK)
