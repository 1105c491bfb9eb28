"""Who helps: an organisation, shop, team or person, where it works, its papers, how it came in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.clock import now
from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, WORK, Base, PlatformRow, field

STATES = ("draft", "applied", "under_review", "approved", "active", "suspended", "expired", "denied", "withdrawn")


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
