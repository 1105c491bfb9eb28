"""Casework around the slips: the plan of a family, its closing, its transfer, and what ended offers leave to look at."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, WORK, Base, TenantRow, field, within


class _Decision:
    state: Mapped[str] = field(WORK)
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_by: Mapped[UUID | None] = field(KEY)
    decided_post: Mapped[str] = field(WORK, default="")
    alone: Mapped[bool] = field(WORK, default=False)
    """Decided by the person who asked, because there is no second secretary: looked at in the audit."""
    note: Mapped[str] = field(WORK, default="")


class Plan(TenantRow, _Decision, Base):
    """How a family is helped: who walks with it, when the plan is looked at again, who approved it."""

    __tablename__ = "plan"
    __table_args__ = (
        within("case_file", "case_id"),
        UniqueConstraint("tenant_id", "case_id"),
        CheckConstraint("state IN ('proposed', 'approved', 'sent_back')", name="state"),
    )
    case_id: Mapped[UUID] = field(KEY)
    companion_id: Mapped[UUID | None] = field(KEY)
    companion_post: Mapped[str] = field(WORK, default="")
    review_on: Mapped[date] = field(WORK)
    made_at: Mapped[datetime] = field(WORK)
    made_by: Mapped[UUID | None] = field(KEY)
    made_post: Mapped[str] = field(WORK, default="")


class PlanStep(TenantRow, Base):
    """One step of 怎么帮 for one need: what, by which means, who pays, in the family's words."""

    __tablename__ = "plan_step"
    __table_args__ = (
        within("case_file", "case_id"),
        within("need", "need_id"),
        UniqueConstraint("tenant_id", "need_id", "seq"),
    )
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    words: Mapped[str] = field(PERSONAL, Sealed("plan_step", "words"))
    means: Mapped[str] = field(WORK)
    payer: Mapped[str] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)


class Closing(TenantRow, _Decision, Base):
    """One proposal to close a case, and what the secretary said."""

    __tablename__ = "closing"
    __table_args__ = (
        within("case_file", "case_id"),
        Index("uq_closing_open", "tenant_id", "case_id", unique=True, postgresql_where=text("state = 'proposed'")),
        CheckConstraint("state IN ('proposed', 'approved', 'sent_back', 'taken_back')", name="state"),
    )
    case_id: Mapped[UUID] = field(KEY)
    reason: Mapped[str] = field(WORK)
    asked_at: Mapped[datetime] = field(WORK)
    asked_by: Mapped[UUID | None] = field(KEY)
    asked_post: Mapped[str] = field(WORK, default="")


class Transfer(TenantRow, Base):
    """The hand-over of a case to another community (移交), asked for by its holder. Nothing personal crosses before
    the other side accepts; until then this community stays responsible."""

    __tablename__ = "transfer"
    __table_args__ = (
        within("case_file", "case_id"),
        Index("ix_transfer_case", "tenant_id", "case_id"),
        Index(
            "uq_transfer_open", "tenant_id", "case_id", unique=True, postgresql_where=text("state = 'in_progress'")
        ),
        CheckConstraint("state IN ('in_progress', 'accepted', 'rejected', 'revoked')", name="state"),
    )  # fmt: skip
    case_id: Mapped[UUID] = field(KEY)
    to_community: Mapped[UUID] = field(KEY)
    to_name: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK)
    """Why, in a code of casework/rules.py."""
    asked_at: Mapped[datetime] = field(WORK)
    asked_post: Mapped[str] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    answered_post: Mapped[str] = field(WORK, default="")
    answer: Mapped[str] = field(WORK, default="")
    new_number: Mapped[str] = field(WORK, default="")
    """The number of the case over there."""


class ReferralCheck(TenantRow, Base):
    """Something to look at after offers ended: a service's rule or area, a reason in free words, an admission."""

    __tablename__ = "referral_check"
    __table_args__ = (
        within("referral_task", "task_id"),
        Index("ix_referral_check_open", "tenant_id", "done_at", "due_at"),
        CheckConstraint("kind IN ('rule', 'area', 'words', 'silence', 'failure')", name="kind"),
    )
    task_id: Mapped[UUID] = field(KEY)
    """The offer that gave rise to it."""
    provider_id: Mapped[UUID] = field(KEY)
    kind: Mapped[str] = field(WORK)
    made_at: Mapped[datetime] = field(WORK)
    due_at: Mapped[datetime] = field(WORK)
    done_at: Mapped[datetime | None] = field(WORK)
    done_post: Mapped[str] = field(WORK, default="")
    note: Mapped[str] = field(WORK, default="")
