"""What the level above may see: exact counts of work, and who must act next by when. Never a name of a resident."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from rongjiu.db import KEY, WORK, Base, OfTenant, TenantRow, field


class Indicator(OfTenant, Base):
    """One number of one community, kept exact in the transaction that changes it."""

    __tablename__ = "indicator"
    name: Mapped[str] = mapped_column(primary_key=True, sort_order=-9, info={"label": WORK})
    value: Mapped[int] = field(WORK)


class Step(TenantRow, Base):
    """The next step of one live object: who (a post or an organisation), what, by when. `id` is the object's id."""

    __tablename__ = "step"
    __table_args__ = (Index("ix_step_due", "tenant_id", "due_at"), Index("ix_step_case", "tenant_id", "case_id"))
    object_kind: Mapped[str] = field(WORK)
    number: Mapped[str] = field(WORK)
    case_id: Mapped[UUID | None] = field(KEY)
    actor_role: Mapped[str] = field(WORK)
    actor: Mapped[str] = field(WORK)
    verb: Mapped[str] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    since: Mapped[datetime] = field(WORK)
    urgency: Mapped[str] = field(WORK, server_default=text("'ordinary'"))
