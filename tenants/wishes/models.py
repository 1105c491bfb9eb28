"""Wishes (心愿) of residents on the community's wall: what was wished in whose words is kept apart from the text that
everybody may read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, PlatformRow, TenantRow, field, within

CLAIMS = ("claimed", "delivered", "thanked", "expired", "returned", "withdrawn")
STATES = ("submitted", "published", "claimed", "delivered", "thanked", "need", "declined", "withdrawn")


class Wish(TenantRow, Base):
    """What a referral slip of kind wish has beside other slips; its id is the slip's. Its state is the business status of
    the slip: submitted → published (reviewed: its text is anonymous) → claimed → delivered → thanked; or need, declined,
    withdrawn. It is written in one step with the states of the slip and of the claim (moves.py), and kept here because
    everybody may read the wall, and nobody outside the slips."""

    __tablename__ = "wish"
    __table_args__ = (
        within("referral_request", "id"),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "signal_id"),
        Index("ix_wish_state", "tenant_id", "state", "submitted_at"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(state = 'claimed') <= (claimer_id IS NOT NULL)", name="claimer"),
    )
    number: Mapped[str] = field(WORK)
    signal_id: Mapped[UUID | None] = field(KEY)
    words: Mapped[str] = field(SENSITIVE, Sealed("wish", "words"))
    """As it came."""
    public_text: Mapped[str] = field(OPEN, default="")
    """As it hangs on the wall; it has passed the scanner."""
    state: Mapped[str] = field(OPEN, default="submitted")
    reason: Mapped[str] = field(WORK, default="")
    case_id: Mapped[UUID | None] = field(KEY)
    """The case that it became, when there was hardship in it."""
    claimer_kind: Mapped[str] = field(WORK, default="")
    """'' | provider | volunteer | staff."""
    claimer: Mapped[str] = field(WORK, default="")
    """Name of an organisation, or 志愿者 with the community's name: never a person's."""
    claimer_id: Mapped[UUID | None] = field(KEY)
    """Account of who claimed it."""
    claimer_scope: Mapped[UUID | None] = field(KEY)
    """Community or provider they claimed it for."""
    claims: Mapped[int] = field(WORK, default=0)
    """How often it was claimed; the rank of the last claim among the tasks of its slip."""
    submitted_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime | None] = field(WORK)
    """By when the present actor acts."""
    published_at: Mapped[datetime | None] = field(OPEN)
    claimed_at: Mapped[datetime | None] = field(WORK)
    delivered_at: Mapped[datetime | None] = field(OPEN)
    thanked_at: Mapped[datetime | None] = field(OPEN)
    thanks: Mapped[str] = field(OPEN, default="")
    """A word of thanks for the wall; it has passed the scanner."""
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When its words were removed because it had been over for so long (keep-live-contact)."""
    demo: Mapped[bool] = field(OPEN, default=False)


class WishEvent(TenantRow, Base):
    """One step of a wish; append-only."""

    __tablename__ = "wish_event"
    __table_args__ = (within("wish", "wish_id"), Index("ix_wish_event_wish", "tenant_id", "wish_id"))
    wish_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    actor: Mapped[str] = field(WORK)
    """desk | claimer | resident | system."""
    reason: Mapped[str] = field(WORK, default="")


class WishClaim(PlatformRow, Base):
    """What somebody has promised, in whichever community: a header without personal data of the task with the same id,
    written in that community's transaction, so that one page shows all of it and one number limits it."""

    __tablename__ = "wish_claim"
    __table_args__ = (
        Index("ix_wish_claim_account", "account_id", "state"),
        Index("uq_wish_claim_live", "wish_id", unique=True, postgresql_where=text("state = 'claimed'")),
        CheckConstraint(f"state IN {CLAIMS}", name="state"),
    )
    wish_id: Mapped[UUID] = field(KEY)
    account_id: Mapped[UUID] = field(KEY)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    number: Mapped[str] = field(WORK)
    public_text: Mapped[str] = field(OPEN)
    state: Mapped[str] = field(WORK)
    thanks: Mapped[str] = field(OPEN, default="")
    claimed_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
