"""What communities tell each other about shops and helpers: platform rows, never a resident, never a private person."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, SECRET, WORK, Base, PlatformRow, field


class StreetProspect(PlatformRow, Base):
    """A shop or unit of a street to which a community has spoken: its name, its code, a hash of its address."""

    __tablename__ = "street_prospect"
    __table_args__ = (
        UniqueConstraint("community_id", "prospect_id"),
        Index("ix_street_prospect_uscc", "street_id", "uscc"),
        Index("ix_street_prospect_place", "street_id", "place"),
        Index("ix_street_prospect_name", "street_id", "folded"),
    )
    street_id: Mapped[UUID] = field(KEY, ForeignKey("street.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    prospect_id: Mapped[UUID] = field(KEY)
    name: Mapped[str] = field(OPEN)
    folded: Mapped[str] = field(OPEN)
    """The name without blanks and signs, by which it is found."""
    uscc: Mapped[str] = field(OPEN, default="")
    place: Mapped[bytes | None] = field(SECRET, LargeBinary)
    """Keyed hash of the address; the address itself stays with its community."""
    state: Mapped[str] = field(WORK)
    spoken_on: Mapped[date | None] = field(WORK)


class ProviderNotice(PlatformRow, Base):
    """What one community learnt about a provider and tells the others' admins as a fact: kind, category, day."""

    __tablename__ = "provider_notice"
    __table_args__ = (
        UniqueConstraint("kind", "object_id"),
        CheckConstraint("kind IN ('complaint_upheld', 'stopped')", name="kind"),
        Index("ix_provider_notice_provider", "provider_id", "at"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    object_id: Mapped[UUID] = field(KEY)
    """The complaint, or the admission that was stopped: an id that opens nothing elsewhere."""
    kind: Mapped[str] = field(WORK)
    category: Mapped[str] = field(WORK, default="")
    at: Mapped[datetime] = field(WORK)
    withdrawn_at: Mapped[datetime | None] = field(WORK)
    """When a matter that was opened again no longer holds."""


class Hearing(PlatformRow, Base):
    """A matter about which a provider is heard: community, category, by when. No words, no complainant."""

    __tablename__ = "hearing"
    __table_args__ = (Index("ix_hearing_provider", "provider_id", "due_at"),)
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    category: Mapped[str] = field(WORK)
    happened_on: Mapped[date | None] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    outcome: Mapped[str] = field(WORK, default="")
    """upheld | not_upheld, once decided."""
