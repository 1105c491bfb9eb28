"""Needs and wishes of a case, in the family's words, each with its own result."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field, within

RESULTS = ("", "solved", "partly", "not_solved", "unknown")


class Need(TenantRow, Base):
    """One need (w1, w2 …). A decline never closes it; `result` says what became of it, by whom it was said."""

    __tablename__ = "need"
    __table_args__ = (
        within("case_file", "case_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "case_id", "seq"),
        CheckConstraint(f"result IN {RESULTS}", name="result"),
    )
    case_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID | None] = field(KEY)
    seq: Mapped[int] = field(WORK)
    words: Mapped[str] = field(SENSITIVE, Sealed("need", "words"))
    is_wish: Mapped[bool] = field(WORK, default=False)
    item_slug: Mapped[str | None] = field(WORK)
    urgency: Mapped[str] = field(WORK, default="ordinary")
    result: Mapped[str] = field(WORK, default="")
    result_code: Mapped[str] = field(WORK, default="")
    """Why, such as answered_not_eligible."""
    result_by: Mapped[str] = field(WORK, default="")
    """resident | worker | audit."""
    result_at: Mapped[datetime | None] = field(WORK)
