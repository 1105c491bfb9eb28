"""Districts, streets, communities, who works where, invitations, founding drafts, divisions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, WORK, Base, PlatformRow, field

ROLES = (
    "operator", "district_overseer", "street_overseer", "street_acceptance", "street_vetting", "secretary",
    "assistance_clerk", "community_worker", "grid_worker", "live_desk", "volunteer_lead", "volunteer",
    "provider_owner", "provider_staff",
)  # fmt: skip
"""Roles held by membership; resident, family carer and anyone act without one."""


class District(PlatformRow, Base):
    """A district (区): oversees all its streets."""

    __tablename__ = "district"
    __table_args__ = (UniqueConstraint("slug"),)
    slug: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    code: Mapped[str | None] = field(OPEN)
    demo: Mapped[bool] = field(OPEN, default=False)


class Street(PlatformRow, Base):
    """A street office (街道办): oversees its communities."""

    __tablename__ = "street"
    __table_args__ = (UniqueConstraint("slug"), UniqueConstraint("code"))
    district_id: Mapped[UUID] = field(KEY, ForeignKey("district.id"))
    slug: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    code: Mapped[str | None] = field(OPEN)
    demo: Mapped[bool] = field(OPEN, default=False)


class Community(PlatformRow, Base):
    """A community (社区) = one tenant. `tenant_id` is storage's own small integer and never leaves the house;
    `id` binds ciphers; the division code is an attribute. States: preparing → submitted → live → suspended."""

    __tablename__ = "community"
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        UniqueConstraint("slug"),
        UniqueConstraint("code"),
        CheckConstraint("state IN ('preparing', 'submitted', 'live', 'suspended')", name="state"),
    )
    tenant_id: Mapped[int] = field(KEY, Identity(start=1))
    slug: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    code: Mapped[str | None] = field(OPEN)
    street_id: Mapped[UUID | None] = field(KEY, ForeignKey("street.id"), index=True)
    state: Mapped[str] = field(OPEN)
    mark: Mapped[str] = field(OPEN, default="")
    """Two letters in front of human numbers, such as HY in HY-2026-000001."""
    title: Mapped[str] = field(OPEN, default="")
    """Its own name for the service, such as 端履门“融救联助”."""
    cloned_from: Mapped[str] = field(OPEN, default="")
    host: Mapped[str] = field(OPEN, default="")
    phone: Mapped[str] = field(OPEN, default="")
    address: Mapped[str] = field(OPEN, default="")
    desk_hours: Mapped[str] = field(OPEN, default="")
    icp: Mapped[str] = field(OPEN, default="")
    police_record: Mapped[str] = field(OPEN, default="")
    privacy_note: Mapped[str] = field(OPEN, default="")
    proof: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    """Proof of authority: kind (letter | credit_code), file id or code, call-back number and result."""
    demo: Mapped[bool] = field(OPEN, default=False)
    created_at: Mapped[datetime] = field(WORK)
    submitted_at: Mapped[datetime | None] = field(WORK)
    live_at: Mapped[datetime | None] = field(WORK)


class Membership(PlatformRow, Base):
    """One role of one account at one place, from a day to a day."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("scope_kind IN ('community', 'street', 'district', 'provider', 'platform')", name="scope"),
        Index(
            "uq_membership_standing", "account_id", "scope_kind", "scope_id", "role", unique=True,
            postgresql_where=text("ends_at IS NULL"), postgresql_nulls_not_distinct=True,
        ),
        Index("ix_membership_scope", "scope_kind", "scope_id"),
    )  # fmt: skip
    account_id: Mapped[UUID] = field(KEY, ForeignKey("account.id"))
    scope_kind: Mapped[str] = field(WORK)
    scope_id: Mapped[UUID | None] = field(KEY)
    role: Mapped[str] = field(WORK)
    post: Mapped[str] = field(WORK, default="")
    courtyards: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Ids of the courtyards of a grid worker; empty for everybody else."""
    starts_at: Mapped[datetime] = field(WORK)
    ends_at: Mapped[datetime | None] = field(WORK)


class Invitation(PlatformRow, Base):
    """A single-use, expiring link to become a member; the token is kept as a hash."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_invitation_scope", "scope_kind", "scope_id"))
    token_hash: Mapped[bytes] = field(SECRET, LargeBinary)
    scope_kind: Mapped[str] = field(WORK)
    scope_id: Mapped[UUID | None] = field(KEY)
    role: Mapped[str] = field(WORK)
    post: Mapped[str] = field(WORK, default="")
    courtyards: Mapped[list[str]] = field(WORK, JSONB, default=list)
    phone: Mapped[str | None] = field(PERSONAL, Sealed("invitation", "phone", platform=True))
    invited_by: Mapped[UUID | None] = field(WORK)
    created_at: Mapped[datetime] = field(WORK)
    expires_at: Mapped[datetime] = field(WORK)
    used_at: Mapped[datetime | None] = field(WORK)
    revoked_at: Mapped[datetime | None] = field(WORK)


class FoundingDraft(PlatformRow, Base):
    """A community being founded, kept for its founder: step by step, resumable, 30 days."""

    __tablename__ = "founding_draft"
    account_id: Mapped[UUID] = field(KEY, ForeignKey("account.id"), index=True)
    place_key: Mapped[str] = field(WORK, index=True)
    """Division code, or the cleaned name with its street when there is no code; empty until chosen."""
    step: Mapped[str] = field(WORK, default="place")
    data: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    community_id: Mapped[UUID | None] = field(KEY, ForeignKey("community.id"))
    created_at: Mapped[datetime] = field(WORK)
    expires_at: Mapped[datetime] = field(WORK)
    closed_at: Mapped[datetime | None] = field(WORK)


class Division(Base):
    """A community of the statistical division codes (frozen at 2023-06-30); found by code, name or pinyin."""

    __tablename__ = "division"
    code: Mapped[str] = field(OPEN, primary_key=True)
    name: Mapped[str] = field(OPEN)
    source_name: Mapped[str] = field(OPEN)
    street_code: Mapped[str] = field(OPEN, index=True)
    street_name: Mapped[str] = field(OPEN)
    pinyin: Mapped[str] = field(OPEN, index=True)
    initials: Mapped[str] = field(OPEN, index=True)


class KnownPerson(Base):
    """That a community has registered somebody with this identity number: a keyed hash, and nothing else of anybody.

    Read only by hash and community, in `tenancy/known.py`; no narrower database role may read it.
    """

    __tablename__ = "known_person"
    id_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, info={"label": SECRET})
    scope_id: Mapped[UUID] = mapped_column(primary_key=True, info={"label": SECRET})
    at: Mapped[datetime] = field(WORK)


class KnownQuestion(PlatformRow, Base):
    """One community asked whether a person is known elsewhere, and this other one may answer who it is.

    The reason stays with the asker: it may tell of the person.
    """

    __tablename__ = "known_question"
    __table_args__ = (
        Index("ix_known_question_ask", "ask_id"),
        Index("ix_known_question_other", "other_scope", "state"),
        CheckConstraint("state IN ('asked', 'agreed', 'declined')", name="state"),
    )
    ask_id: Mapped[UUID] = field(KEY)
    """The asker's own note of the question."""
    asker_scope: Mapped[UUID] = field(SECRET)
    other_scope: Mapped[UUID] = field(SECRET)
    id_hash: Mapped[bytes] = field(SECRET, LargeBinary)
    asker_post: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)
    state: Mapped[str] = field(WORK)
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_post: Mapped[str] = field(WORK, default="")
