"""Providers, what they offer, who lets them in, and the one ledger of their capacity. Providers have no tenant."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.clock import now
from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, WORK, Base, PlatformRow, field
from rongjiu.marketplace.admissions import rules as admissions

STATES = ("draft", "applied", "under_review", "approved", "active", "suspended", "expired", "denied", "withdrawn")


WHOLE_MONTH = UUID(int=0)
"""In place of a slot: the places a month."""


class Provider(PlatformRow, Base):
    """An organisation, shop, team or person that helps (HSDS organization)."""

    __tablename__ = "provider"
    __table_args__ = (
        UniqueConstraint("slug"),
        Index("uq_provider_uscc", "uscc", unique=True, postgresql_where=text("uscc IS NOT NULL AND state <> 'denied'")),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    slug: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    name_en: Mapped[str] = field(OPEN, default="")
    group: Mapped[str] = field(OPEN)
    """Role in the system: social_org | company | volunteer_team | individual."""
    legal_form: Mapped[str] = field(OPEN, default="")
    """What it is in law (rules.LEGAL_FORMS); only the registered ones are called 社会组织 in official tables."""
    kind: Mapped[str] = field(OPEN)
    """Kind of body: hospital, law_firm, barber …"""
    uscc: Mapped[str | None] = field(OPEN)
    """统一社会信用代码, GB 32100; none for individuals and volunteer teams."""
    phone: Mapped[str | None] = field(PERSONAL, Sealed("provider", "phone", platform=True))
    phone_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    contact: Mapped[str] = field(PERSONAL, default="")
    address: Mapped[str] = field(OPEN, default="")
    intro: Mapped[str] = field(OPEN, default="")
    street_id: Mapped[UUID | None] = field(KEY, ForeignKey("street.id"), index=True)
    """The street that vets it."""
    state: Mapped[str] = field(OPEN)
    state_reason: Mapped[str] = field(WORK, default="")
    due_at: Mapped[datetime | None] = field(WORK)
    """By when whoever holds the application answers."""
    invited_by: Mapped[str] = field(WORK, default="")
    demo: Mapped[bool] = field(OPEN, default=False)
    created_at: Mapped[datetime] = field(WORK)
    verified_at: Mapped[datetime | None] = field(OPEN)
    public_name: Mapped[str] = field(OPEN, default="")
    """The name that an individual chose to be known by in public."""
    public_consent_at: Mapped[datetime | None] = field(WORK)
    """When an individual agreed to appear in public; None: it never does."""
    paused_at: Mapped[datetime | None] = field(OPEN)
    """Since when it takes nothing new without having left."""
    paused_until: Mapped[date | None] = field(OPEN)
    confirmed_on: Mapped[date | None] = field(OPEN)
    """When it last said that everything listed is still right."""
    insurance_note: Mapped[str] = field(WORK, default="")
    """Which insurance covers the members of a volunteer team."""
    insured_until: Mapped[date | None] = field(WORK)
    details: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    """What its kind needs beyond papers (requirements.FIELDS): code → value."""
    quiet: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict, server_default=text("'{}'::jsonb"))
    """When the shop is quiet and its people could go out: days, from, to (rules.Quiet)."""
    languages: Mapped[list[str]] = field(OPEN, JSONB, default=list, server_default=text("'[]'::jsonb"))
    """What its people speak beside Mandarin (rules.LANGUAGES)."""
    modified_at: Mapped[datetime] = field(OPEN, default=now)


class ProviderLocation(PlatformRow, Base):
    """A place where a provider works (HSDS location)."""

    __tablename__ = "provider_location"
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"), index=True)
    name: Mapped[str] = field(OPEN)
    address: Mapped[str] = field(OPEN)
    city: Mapped[str] = field(OPEN)
    province: Mapped[str] = field(OPEN)
    postal_code: Mapped[str] = field(OPEN, default="")
    accessibility: Mapped[list[str]] = field(OPEN, JSONB, default=list)
    """What is there for people who walk, see or hear badly (rules.ACCESS)."""
    note: Mapped[str] = field(OPEN, default="")
    state: Mapped[str] = field(OPEN, default="active")


class ProviderPaper(PlatformRow, Base):
    """A licence or certificate with its end date; the file stands in `platform_file`."""

    __tablename__ = "provider_paper"
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"), index=True)
    __table_args__ = (CheckConstraint("state IN ('waiting', 'accepted', 'refused')", name="state"),)
    kind: Mapped[str] = field(WORK)
    ends_on: Mapped[date | None] = field(WORK)
    file_id: Mapped[UUID] = field(KEY, ForeignKey("platform_file.id"))
    state: Mapped[str] = field(WORK, default="accepted")
    """waiting | accepted | refused: a paper counts from the moment at which a person has looked at it."""
    reason: Mapped[str] = field(WORK, default="")
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_by: Mapped[UUID | None] = field(WORK)


class Signature(PlatformRow, Base):
    """Somebody of a provider agreed to one set of terms (requirements.TERMS) for it. Append-only."""

    __tablename__ = "provider_signature"
    __table_args__ = (UniqueConstraint("provider_id", "terms"),)
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    terms: Mapped[str] = field(WORK)
    """Code and version, such as no_sales-1."""
    account_id: Mapped[UUID | None] = field(KEY)
    signed_at: Mapped[datetime] = field(WORK)


class VettingEvent(PlatformRow, Base):
    """One step of a provider's standing: from, to, who, why. Append-only."""

    __tablename__ = "vetting_event"
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"), index=True)
    at: Mapped[datetime] = field(WORK)
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    actor_id: Mapped[UUID | None] = field(WORK)
    actor_role: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK, default="")


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


class ServiceSlot(PlatformRow, Base):
    """A dated part of a service that is booked as such: a clinic day, an hour of advice, a lecture, a bed, a shift. Its
    places stand in `capacity`."""

    __tablename__ = "service_slot"
    __table_args__ = (
        Index("uq_service_slot_open", "service_id", "starts_at", unique=True, postgresql_where=text("state = 'open'")),
        CheckConstraint("state IN ('open', 'cancelled')", name="state"),
        CheckConstraint("ends_at > starts_at", name="length"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    starts_at: Mapped[datetime] = field(OPEN)
    ends_at: Mapped[datetime] = field(OPEN)
    state: Mapped[str] = field(OPEN, default="open")
    reason: Mapped[str] = field(WORK, default="")
    """Why it was cancelled, in the provider's words to the communities; no person in it."""


class Capacity(Base):
    """Places of one service in one month, or in one slot, counted across all communities."""

    __tablename__ = "capacity"
    __table_args__ = (
        CheckConstraint("reserved >= 0 AND used >= 0 AND reserved + used <= maximum", name="places"),
        CheckConstraint(f"(slot_id = '{WHOLE_MONTH}'::uuid) = (extract(day FROM period) = 1)", name="unit"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"), primary_key=True)
    period: Mapped[date] = field(OPEN, primary_key=True)
    """First day of the month; of a slot the last day of its month, so that no reader of months takes it for one."""
    slot_id: Mapped[UUID] = field(KEY, primary_key=True, default=WHOLE_MONTH)
    """The slot that is counted; WHOLE_MONTH for the places a month."""
    maximum: Mapped[int] = field(OPEN)
    reserved: Mapped[int] = field(OPEN, default=0)
    used: Mapped[int] = field(OPEN, default=0)


class Reservation(PlatformRow, Base):
    """Places held for one task; `id` is the id of the task or visit that holds them. held → used | released."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'used', 'released')", name="state"),
        Index("ix_reservation_limit", "community_id", "period"),
    )
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    period: Mapped[date] = field(WORK)
    """First day of the month, also of a slot: a community's own limit counts both."""
    slot_id: Mapped[UUID | None] = field(KEY, ForeignKey("service_slot.id"), index=True)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    places: Mapped[int] = field(WORK, default=1)
    state: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)


class PlaceWait(PlatformRow, Base):
    """A task that waits for a place of a service in a month; `id` is the id of the task. No person, no need."""

    __tablename__ = "place_wait"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'left')", name="state"),
        Index(
            "ix_place_wait_line", "service_id", "period", text("priority DESC"), "asked_at",
            postgresql_where=text("state = 'waiting'"),
        ),
    )  # fmt: skip
    service_id: Mapped[UUID] = field(KEY, ForeignKey("provider_service.id"))
    period: Mapped[date] = field(WORK)
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    priority: Mapped[int] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    at: Mapped[datetime] = field(WORK)


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


class ProviderClaim(PlatformRow, Base):
    """Somebody says that a listing made by a community is theirs; a person decides."""

    __tablename__ = "provider_claim"
    __table_args__ = (
        UniqueConstraint("provider_id", "account_id"),
        Index("uq_provider_claim_granted", "provider_id", unique=True, postgresql_where=text("state = 'granted'")),
        CheckConstraint("state IN ('asked', 'granted', 'refused')", name="state"),
    )
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    account_id: Mapped[UUID] = field(KEY, ForeignKey("account.id"))
    proof: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_by: Mapped[UUID | None] = field(WORK)
    reason: Mapped[str] = field(WORK, default="")


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
