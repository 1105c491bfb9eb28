"""What the level above may see: exact counts of work, who must act next by when, and what waits at the street's
一门受理 desk. Never a name of a resident."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
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
    level: Mapped[int] = field(WORK, default=0, server_default=text("0"))
    """Who has been told that it is late: 0 nobody, 1 the secretary, 2 the street, 3 the district."""


class DeskInbox(Base):
    """What waits at the 一门受理 desk of a street: one row a referral, without personal data, written in the
    transaction of the community that sends. The inbox belongs to the desk, not to a person."""

    __tablename__ = "desk_inbox"
    __table_args__ = (
        Index("ix_desk_inbox_open", "street_id", "state", "due_at"),
        Index("ix_desk_inbox_tenant", "tenant_id"),
    )
    task_id: Mapped[UUID] = mapped_column(primary_key=True, info={"label": KEY})
    street_id: Mapped[UUID] = field(KEY, ForeignKey("street.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    tenant_id: Mapped[int] = field(KEY)
    policy_slug: Mapped[str] = field(WORK)
    policy_zh: Mapped[str] = field(WORK)
    policy_en: Mapped[str] = field(WORK)
    department_slug: Mapped[str] = field(WORK)
    """Whose policy it is; after forwarding, where it lies."""
    urgency: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    """requested | accepted | in-progress | on-hold | completed | cancelled."""
    answer: Mapped[str] = field(WORK, default="")
    """'' | granted | refused."""
    sent_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime | None] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    chases: Mapped[int] = field(WORK, default=0)
    level: Mapped[int] = field(WORK, default=0)
    """Who has been told of the silence: 0 the desk, 1 the street, 2 the district."""


class TransferInbox(Base):
    """A case offered to another community: what both sides may know before it is accepted, nothing of a person.
    Written in the transaction of the community that gives it away."""

    __tablename__ = "transfer_inbox"
    __table_args__ = (Index("ix_transfer_inbox_to", "to_tenant", "state"), Index("ix_transfer_inbox_from", "tenant_id"))
    transfer_id: Mapped[UUID] = mapped_column(primary_key=True, info={"label": KEY})
    tenant_id: Mapped[int] = field(KEY)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    to_tenant: Mapped[int] = field(KEY)
    to_community: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    number: Mapped[str] = field(WORK)
    people: Mapped[int] = field(WORK)
    needs: Mapped[int] = field(WORK)
    urgency: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
