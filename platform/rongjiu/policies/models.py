"""Lines and amounts that a level above the community sets: what, how much, from when, by which document."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, WORK, Base, PlatformRow, field
from rongjiu.policies.rules import LEVELS, PLACES


class ParameterLine(PlatformRow, Base):
    """One line as its owner published it; never changed, only withdrawn. Communities below confirm it and cannot
    change it."""

    __tablename__ = "parameter_line"
    __table_args__ = (
        Index("ix_parameter_line_place", "place_kind", "place_id"),
        CheckConstraint(f"level IN {LEVELS}", name="level"),
        CheckConstraint(f"place_kind IN {PLACES}", name="place_kind"),
    )
    level: Mapped[str] = field(OPEN)
    """Who owns it."""
    place_kind: Mapped[str] = field(KEY)
    place_id: Mapped[UUID] = field(KEY)
    """The office that speaks for that level: communities below it are bound."""
    slug: Mapped[str] = field(OPEN)
    value: Mapped[Decimal] = field(OPEN, Numeric(14, 4))
    since: Mapped[date] = field(OPEN)
    document: Mapped[str] = field(OPEN)
    document_number: Mapped[str] = field(OPEN)
    document_date: Mapped[date] = field(OPEN)
    published_by: Mapped[UUID | None] = field(KEY)
    published_post: Mapped[str] = field(WORK, default="")
    published_at: Mapped[datetime] = field(WORK)
    withdrawn_at: Mapped[datetime | None] = field(WORK)
    withdrawn_post: Mapped[str] = field(WORK, default="")
