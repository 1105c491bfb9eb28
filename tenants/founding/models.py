"""The founding checklist of a community: ten steps from clone to sweep."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import OPEN, WORK, Base, TenantRow, field


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
