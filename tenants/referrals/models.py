"""Referral requests (what this person needs) and tasks (one receiver's answer), after FHIR ServiceRequest and
Task as profiled by Gravity SDOH Clinical Care."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, TenantRow, field, within

REQUEST_STATES = ("draft", "active", "on-hold", "awaiting_confirmation", "completed", "revoked", "entered-in-error")
TASK_STATES = (
    "draft", "requested", "accepted", "rejected", "cancelled", "in-progress", "on-hold", "failed", "completed",
    "entered-in-error",
)  # fmt: skip


LIVE_TASKS = "('draft', 'requested', 'accepted', 'in-progress', 'on-hold')"


class ReferralRequest(TenantRow, Base):
    """One referral slip (转介单): for one need of a case, or for one wish; survives declines. The slip of a wish (its id is
    the wish's) stands in no case and for no person: a CHECK says so."""

    __tablename__ = "referral_request"
    __table_args__ = (
        within("case_file", "case_id"),
        within("need", "need_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "case_id", "seq"),
        UniqueConstraint("tenant_id", "id", "case_id", name="uq_referral_request_stands"),
        CheckConstraint(f"state IN {REQUEST_STATES}", name="state"),
        CheckConstraint("kind IN ('department', 'provider', 'volunteer', 'wish')", name="kind"),
        CheckConstraint(
            "CASE WHEN kind = 'wish' THEN num_nonnulls(case_id, need_id, person_id, seq) = 0 "
            "ELSE num_nonnulls(case_id, need_id, seq) = 3 END",
            name="wish",
        ),
    )
    case_id: Mapped[UUID] = field(KEY, nullable=True)
    """Empty for a wish only: whoever reads slips by case, need, provider or consent may count on it."""
    need_id: Mapped[UUID] = field(KEY, nullable=True)
    person_id: Mapped[UUID | None] = field(KEY)
    seq: Mapped[int] = field(WORK, nullable=True)
    """Its number among the slips of the case; a wish has one of its own."""
    kind: Mapped[str] = field(WORK)
    service_type: Mapped[str | None] = field(WORK)
    policy_slug: Mapped[str | None] = field(WORK)
    department_slug: Mapped[str | None] = field(WORK)
    state: Mapped[str] = field(WORK)
    reason_code: Mapped[str] = field(WORK, default="")
    urgency: Mapped[str] = field(WORK, default="ordinary")
    wish: Mapped[str] = field(WORK, default="")
    """What the receiver should respect, without personal content, such as 时间能配合照顾老人."""
    again: Mapped[str] = field(WORK, default="", server_default=text("''"))
    """Why it was made although the same person already waits for the same kind of help; empty when there was none."""
    like_id: Mapped[UUID | None] = field(KEY)
    """The slip that stood when this one was made all the same."""
    made_at: Mapped[datetime] = field(WORK)


_COVERED = ("consent_id", "case_id", "person_id", "provider_id")


class ReferralTask(TenantRow, Base):
    """One offer to one receiver (派单). No task of a provider leaves draft without a consent of this person, in this
    case, for this receiver, and none is live on a consent that was withdrawn: a CHECK and two keys say so. What somebody
    has claimed from the wall of wishes is a task without a case: it names nobody, of nobody's consent, and only one of a
    wish is live. A key holds each task with a case to a slip of that case, so none hangs on a wish."""

    __tablename__ = "referral_task"
    __table_args__ = (
        within("referral_request", "request_id"),
        within("consent", "consent_id"),
        within("case_file", "case_id"),
        ForeignKeyConstraint(
            ["tenant_id", "request_id", "case_id"],
            ["referral_request.tenant_id", "referral_request.id", "referral_request.case_id"],
            name="fk_referral_task_stands",
        ),
        Index("ix_referral_task_request", "tenant_id", "request_id"),
        Index(
            "uq_referral_task_claim",
            "tenant_id",
            "request_id",
            unique=True,
            postgresql_where=text(f"case_id IS NULL AND state IN {LIVE_TASKS}"),
        ),
        Index("ix_referral_task_state", "tenant_id", "state", "due_at"),
        CheckConstraint(f"state IN {TASK_STATES}", name="state"),
        CheckConstraint(
            "provider_id IS NULL OR state = 'draft' OR (consent_id IS NOT NULL AND person_id IS NOT NULL)",
            name="consent",
        ),
        CheckConstraint(
            "case_id IS NOT NULL OR num_nonnulls(provider_id, service_id, household_id, person_id, consent_id) = 0",
            name="nobody",
        ),
        Index("ix_referral_task_consent", "tenant_id", "consent_id"),
        ForeignKeyConstraint(
            ["tenant_id", *_COVERED],
            ["consent.tenant_id", "consent.id", *(f"consent.{name}" for name in _COVERED[1:])],
            name="fk_referral_task_covered",
        ),
        ForeignKeyConstraint(
            ["tenant_id", "consent_id", "needs_consent"],
            ["consent.tenant_id", "consent.id", "consent.stands"],
            name="fk_referral_task_standing",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    request_id: Mapped[UUID] = field(KEY)
    case_id: Mapped[UUID] = field(KEY, nullable=True)
    """Empty for the claim of a wish only."""
    provider_id: Mapped[UUID | None] = field(KEY)
    service_id: Mapped[UUID | None] = field(KEY)
    service_type: Mapped[str] = field(WORK)
    household_id: Mapped[UUID | None] = field(KEY)
    person_id: Mapped[UUID | None] = field(KEY)
    consent_id: Mapped[UUID | None] = field(KEY)
    state: Mapped[str] = field(WORK)
    reason_code: Mapped[str] = field(WORK, default="")
    rank: Mapped[int] = field(WORK, default=1)
    offered_at: Mapped[datetime | None] = field(WORK)
    """When it was sent to a provider; empty for a file at the street's desk and for a claim, which count as no offer."""
    due_at: Mapped[datetime | None] = field(WORK)
    """By when the present actor acts: answer, then start, then completion."""
    answered_at: Mapped[datetime | None] = field(WORK)
    slot_at: Mapped[datetime | None] = field(WORK)
    proposed_at: Mapped[datetime | None] = field(WORK)
    """A time at which the receiver would come, which the desk has not answered yet."""
    slot_id: Mapped[UUID | None] = field(KEY)
    """The slot of the marketplace that was booked with the offer; its beginning stands in `slot_at`."""
    ended_at: Mapped[datetime | None] = field(WORK)
    terms: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    """Title, price and mode of the service as they stood when it was offered: a later change does not reach it."""
    missing: Mapped[list[str]] = field(WORK, JSONB, default=list, server_default=text("'[]'"))
    """Names of the papers that the receiver waits for while it is on hold."""
    other_id: Mapped[UUID | None] = field(KEY)
    """The slip that an ending as duplicate or already helped points to."""
    other_words: Mapped[str] = field(WORK, default="", server_default=text("''"))
    """Where it was already helped, when that is not a slip of this community: an organisation, never a person."""
    demo: Mapped[bool] = field(OPEN, default=False)
    needs_consent: Mapped[bool | None] = field(
        WORK,
        Computed(
            "CASE WHEN provider_id IS NOT NULL AND state IN ('requested', 'accepted', 'in-progress', 'on-hold') "
            "THEN true END",
            persisted=True,
        ),
    )
    """True while a provider may still act on it, else empty."""


class TaskEvent(TenantRow, Base):
    """One transition of a task; append-only: the state is derived from these."""

    __tablename__ = "task_event"
    __table_args__ = (within("referral_task", "task_id"), Index("ix_task_event_task", "tenant_id", "task_id"))
    task_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    actor: Mapped[str] = field(WORK)
    """sender | receiver | resident | system | supervisor."""
    reason_code: Mapped[str] = field(WORK, default="")


class MatchRun(TenantRow, Base):
    """The candidates shown for a need at one moment, with reasons and exclusions, frozen."""

    __tablename__ = "match_run"
    __table_args__ = (within("need", "need_id"),)
    need_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    candidates: Mapped[list[dict[str, Any]]] = field(WORK, JSONB)
    excluded: Mapped[list[dict[str, Any]]] = field(WORK, JSONB)


class Confirmation(TenantRow, Base):
    """What the family says of the result: by link, by call-back, at the counter."""

    __tablename__ = "confirmation"
    __table_args__ = (within("need", "need_id"), within("case_file", "case_id"))
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    answer: Mapped[str] = field(WORK)
    """solved | partly | not_solved."""
    stars: Mapped[int | None] = field(WORK)
    words: Mapped[str | None] = field(SENSITIVE, Sealed("confirmation", "words"))
    thanks: Mapped[str | None] = field(SENSITIVE, Sealed("confirmation", "thanks"))
    """A word to whoever helped, meant to be passed on to them; it names nobody."""
    by: Mapped[str] = field(WORK)
    """resident | call_back."""
    at: Mapped[datetime] = field(WORK)
