"""Policies under work: the draft, its named example households, its dry run on the register."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, TenantRow, field, within

KINDS = ("reached", "amount", "near", "lost", "unknown")


class PolicyDraft(TenantRow, Base):
    """What a policy shall say next; one for each policy, published by a second person or dropped."""

    __tablename__ = "policy_draft"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    slug: Mapped[str] = field(OPEN)
    content: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    seq: Mapped[int] = field(WORK)
    """Grows with every save: whoever saves over an older one is told so."""
    source_title: Mapped[str] = field(OPEN, default="")
    source_number: Mapped[str] = field(OPEN, default="")
    source_date: Mapped[date | None] = field(OPEN)
    saved_at: Mapped[datetime] = field(WORK)
    saved_by: Mapped[UUID | None] = field(KEY)
    saved_post: Mapped[str] = field(WORK, default="")


class PolicyExample(TenantRow, Base):
    """A made-up household with the answer a policy must give; no real person. A draft is only published when every
    example of its policy passes."""

    __tablename__ = "policy_example"
    __table_args__ = (Index("ix_policy_example_slug", "tenant_id", "slug"),)
    slug: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    facts: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    """{household, members: {p1}}, as screening_cases.json writes them."""
    expected: Mapped[str] = field(OPEN)
    """The verdict it must have."""
    by_post: Mapped[str] = field(WORK, default="")
    at: Mapped[datetime] = field(WORK)
    retired_at: Mapped[datetime | None] = field(WORK)
    """No longer asked since then."""


class PolicyTrial(TenantRow, Base):
    """One dry run of a draft on the register: how far, and how many gain, lose or become unknown."""

    __tablename__ = "policy_trial"
    __table_args__ = (Index("ix_policy_trial_slug", "tenant_id", "slug"),)
    slug: Mapped[str] = field(OPEN)
    name_zh: Mapped[str] = field(OPEN)
    name_en: Mapped[str] = field(OPEN)
    content: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    """The draft as it was tried."""
    draft_seq: Mapped[int] = field(WORK)
    as_of: Mapped[date] = field(WORK)
    total: Mapped[int] = field(WORK)
    done: Mapped[int] = field(WORK, default=0)
    counts: Mapped[dict[str, int]] = field(WORK, JSONB)
    """Subjects by kind."""
    began_at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)


class PolicyTrialRow(TenantRow, Base):
    """One subject for whom a draft would change a verdict; seen in the community alone."""

    __tablename__ = "policy_trial_row"
    __table_args__ = (
        within("household", "household_id"),
        within("policy_trial", "trial_id"),
        UniqueConstraint(
            "tenant_id", "trial_id", "subject_id", "policy_slug", "kind", name="uq_policy_trial_row_subject"
        ),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
    )
    trial_id: Mapped[UUID] = field(KEY)
    household_id: Mapped[UUID] = field(KEY)
    subject_id: Mapped[UUID] = field(KEY)
    policy_slug: Mapped[str] = field(SENSITIVE)
    """The drafted policy, or one that stands on its recognition."""
    kind: Mapped[str] = field(SENSITIVE)
