"""Lines and amounts that a level above the community sets, with their document; official desks that a street has found."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
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


class DeskAddress:
    """Where a department, or one policy of it, is really applied for, and how one may object there."""

    department_slug: Mapped[str] = field(WORK)
    policy_slug: Mapped[str] = field(WORK, default="")
    """Empty: for the department as a whole."""
    phone: Mapped[str] = field(WORK, default="")
    contact: Mapped[str] = field(WORK, default="")
    """A post or window, never a person's name."""
    url: Mapped[str] = field(WORK, default="")
    appeal_to: Mapped[str] = field(WORK, default="", server_default=text("''"))
    """Where one may object to an answer of this department, within `appeal_days` of it, by which document."""
    appeal_days: Mapped[int | None] = field(WORK)
    appeal_source: Mapped[str] = field(WORK, default="", server_default=text("''"))
    set_at: Mapped[datetime] = field(WORK)
    set_post: Mapped[str] = field(WORK, default="")


class StreetDesk(DeskAddress, PlatformRow, Base):
    """What a street has written down for all its communities."""

    __tablename__ = "street_desk"
    __table_args__ = (UniqueConstraint("street_id", "department_slug", "policy_slug"),)
    street_id: Mapped[UUID] = field(KEY, ForeignKey("street.id"))
