"""What anyone may see: projections of providers and services, written by `publish()` alone."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.db import OPEN, Base, field


class Listing(Base):
    """What anyone may see of one service of an active provider: the projection that `publish()` alone writes."""

    __tablename__ = "listing"
    __table_args__ = (
        Index("ix_listing_words", "words", postgresql_using="gin"),
        Index("ix_listing_type", "service_type", "provider_slug"),
    )
    service_id: Mapped[UUID] = field(OPEN, ForeignKey("provider_service.id"), primary_key=True)
    provider_id: Mapped[UUID] = field(OPEN, ForeignKey("provider.id"), index=True)
    provider_slug: Mapped[str] = field(OPEN)
    provider_name: Mapped[str] = field(OPEN)
    group: Mapped[str] = field(OPEN)
    kind: Mapped[str] = field(OPEN)
    service_type: Mapped[str] = field(OPEN)
    title: Mapped[str] = field(OPEN)
    price_class: Mapped[str] = field(OPEN)
    price: Mapped[Decimal | None] = field(OPEN)
    delivery_mode: Mapped[str] = field(OPEN)
    places_a_month: Mapped[int] = field(OPEN)
    words: Mapped[list[str]] = field(OPEN, ARRAY(Text))
    """Bigrams of name and title for Chinese search."""
    demo: Mapped[bool] = field(OPEN)
    verified_at: Mapped[datetime | None] = field(OPEN)
    public_name: Mapped[str | None] = field(OPEN)
    """The name in public; None: not in public at all (an individual who did not agree)."""
    confirmed_on: Mapped[date | None] = field(OPEN)
    paused: Mapped[bool] = field(OPEN, default=False)
    fit_until: Mapped[date | None] = field(OPEN)
    """The last day on which anybody may be sent to it: a paper or the insurance ends then; None: no end is known."""
    fresh_until: Mapped[date | None] = field(OPEN)
    """The last day on which it counts as confirmed; None: nobody ever looked at it."""
    who: Mapped[dict[str, Any]] = field(OPEN, JSONB, default=dict, server_default=text("'{}'::jsonb"))
    """Who may have it and at which further prices (rules.whom): groups, minimum_age, maximum_age, costs."""


class OpenRecord(Base):
    """What anyone may read of a provider, ready to send: one row for each HSDS record. `publish()` alone writes it."""

    __tablename__ = "open_record"
    __table_args__ = (
        Index("ix_open_record_kind", "kind", "id"),
        Index("ix_open_record_slug", "slug"),
        Index("ix_open_record_words", "words", postgresql_using="gin"),
        Index("ix_open_record_terms", "terms", postgresql_using="gin"),
        CheckConstraint("kind IN ('organization', 'service', 'service_at_location')", name="kind"),
    )
    id: Mapped[UUID] = field(OPEN, primary_key=True)
    kind: Mapped[str] = field(OPEN)
    provider_id: Mapped[UUID] = field(OPEN, ForeignKey("provider.id"), index=True)
    slug: Mapped[str] = field(OPEN)
    words: Mapped[list[str]] = field(OPEN, ARRAY(Text))
    terms: Mapped[list[UUID]] = field(OPEN, ARRAY(Uuid))
    modified_at: Mapped[datetime] = field(OPEN)
    minimal: Mapped[str] = field(OPEN)
    brief: Mapped[str] = field(OPEN)
    whole: Mapped[str] = field(OPEN)
    page: Mapped[dict[str, Any]] = field(OPEN, JSONB, default=dict)
    """An organisation's page in the directory, in our own codes."""


class ListingArea(Base):
    """Where a listing is offered; the index by which a community finds it."""

    __tablename__ = "listing_area"
    __table_args__ = (Index("ix_listing_area_find", "street_id", "service_type"),)
    service_id: Mapped[UUID] = field(OPEN, ForeignKey("listing.service_id", ondelete="CASCADE"), primary_key=True)
    street_id: Mapped[UUID] = field(OPEN, ForeignKey("street.id"), primary_key=True)
    service_type: Mapped[str] = field(OPEN)
