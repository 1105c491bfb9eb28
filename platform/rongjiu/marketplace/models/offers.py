"""What a provider offers and where, which communities let it in, and what waits for its answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.clock import now
from rongjiu.db import KEY, OPEN, WORK, Base, PlatformRow, field
from rongjiu.marketplace.admissions import rules as admissions


class ProviderService(PlatformRow, Base):
    """One thing a provider offers (HSDS service), with price, schedule and places a month."""

    __tablename__ = "provider_service"
    __table_args__ = (UniqueConstraint("provider_id", "service_type"),)
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    service_type: Mapped[str] = field(OPEN)
    """One of the 33 types of the pack, or a new one of the provider's own."""
    title: Mapped[str] = field(OPEN)
    price_class: Mapped[str] = field(OPEN)
    """free | cost_price | discount | market."""
    price: Mapped[Decimal | None] = field(OPEN)
    usual_price: Mapped[Decimal | None] = field(OPEN)
    delivery_mode: Mapped[str] = field(OPEN)
    """at_home | on_site | online (delivery modes of the pack)."""
    schedule: Mapped[dict[str, Any]] = field(OPEN, JSONB, default=dict)
    places_a_month: Mapped[int] = field(OPEN)
    state: Mapped[str] = field(OPEN, default="active")
    terms: Mapped[dict[str, Any]] = field(OPEN, JSONB, default=dict)
    """description, groups, minimum_age, maximum_age, documents, proof, proof_on, rest_by, costs (rules.Terms)."""
    location_id: Mapped[UUID | None] = field(KEY, ForeignKey("provider_location.id"))
    modified_at: Mapped[datetime] = field(OPEN, default=now)


class ServiceArea(PlatformRow, Base):
    """A street in which a service is offered."""

    __tablename__ = "service_area"
    __table_args__ = (UniqueConstraint("service_id", "street_id"),)
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    street_id: Mapped[UUID] = field(KEY, ForeignKey("street.id"))


class Admission(PlatformRow, Base):
    """One community lets one provider in, on its own terms (准入)."""

    __tablename__ = "admission"
    __table_args__ = (
        UniqueConstraint("provider_id", "community_id"),
        Index("ix_admission_community", "community_id"),
        CheckConstraint(f"state IN {admissions.STATES}", name="state"),
        CheckConstraint(f"(due_at IS NOT NULL) = (state IN {admissions.LIVE})", name="due"),
        CheckConstraint("state <> 'approved' OR starts_on IS NOT NULL", name="begins"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    state: Mapped[str] = field(WORK)
    """One of admissions.rules.STATES."""
    due_at: Mapped[datetime | None] = field(WORK)
    """By when whoever it waits for acts (admissions.rules.WAITS)."""
    holder: Mapped[str] = field(WORK, default="", server_default="")
    """The post that has taken a request up; nobody's name."""
    starts_on: Mapped[date | None] = field(WORK)
    """The day on which an approved one begins."""
    ends_on: Mapped[date | None] = field(WORK)
    """The last day; None: no end."""
    monthly_limit: Mapped[int | None] = field(WORK)
    weekdays: Mapped[list[str]] = field(WORK, JSONB, default=list, server_default=text("'[]'::jsonb"))
    """Days on which it may come (MO … SU); empty = any day."""
    courtyards: Mapped[list[str]] = field(WORK, JSONB, default=list, server_default=text("'[]'::jsonb"))
    """Ids of the courtyards to which it may be sent; empty = all."""
    reason: Mapped[str] = field(WORK, default="")
    """Why it was refused or suspended; its provider reads it."""
    actor_id: Mapped[UUID | None] = field(WORK)
    changed_at: Mapped[datetime] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


class ProviderInbox(Base):
    """What waits for a provider, without personal data; written in the sender's transaction, read under
    `app.provider_id`."""

    __tablename__ = "provider_inbox"
    __table_args__ = (Index("ix_provider_inbox_open", "provider_id", "state"),)
    task_id: Mapped[UUID] = field(KEY, primary_key=True)
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    tenant_id: Mapped[int] = field(KEY)
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    title: Mapped[str] = field(WORK)
    community_name: Mapped[str] = field(OPEN)
    area: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    sent_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime | None] = field(WORK)
