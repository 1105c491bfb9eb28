"""What phones have sent in: one row for each item, so that nothing is taken twice and what needs a person waits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field

STATES = ("applied", "conflict", "held", "settled")


class FieldItem(TenantRow, Base):
    """One item from a phone: applied, or conflict | held for a person at the desk, who settles it."""

    __tablename__ = "field_item"
    __table_args__ = (
        UniqueConstraint("tenant_id", "client_id"),
        Index("ix_field_item_state", "tenant_id", "state", "received_at"),
        Index("ix_field_item_object", "tenant_id", "object_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    client_id: Mapped[UUID] = field(KEY)
    """Made on the phone: the same item sent twice is one."""
    account_id: Mapped[UUID] = field(KEY)
    post: Mapped[str] = field(WORK)
    """Who sent it, as the post is called."""
    device_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    """Its place in the order of this phone, whatever its clock says."""
    kind: Mapped[str] = field(WORK)
    told_at: Mapped[datetime] = field(WORK)
    """When it was entered: the phone's clock, set right by what it was off when it sent."""
    received_at: Mapped[datetime] = field(WORK)
    skew: Mapped[int] = field(WORK)
    """Seconds by which the phone's clock was behind ours."""
    state: Mapped[str] = field(WORK)
    problem: Mapped[str] = field(WORK, default="")
    """Why a person must look, as a msgid."""
    payload: Mapped[str | None] = field(SENSITIVE, Sealed("field_item", "payload"))
    """What was sent, as JSON; kept only while a person must look."""
    courtyard_id: Mapped[UUID | None] = field(KEY)
    object_kind: Mapped[str] = field(WORK, default="")
    object_id: Mapped[UUID | None] = field(KEY)
    """What it became or changed; photographs of the item belong to it."""
    settled_at: Mapped[datetime | None] = field(WORK)
    settled_why: Mapped[str | None] = field(SENSITIVE, Sealed("field_item", "settled_why"), default=None)
    """Why what was sent is not entered, in the words of whoever decided."""
