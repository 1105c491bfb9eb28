"""What a household stands at by its policies, who is newly reached or about to lose, and who was told of it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, OfTenant, TenantRow, field, within

KINDS = ("reached", "near", "lost", "amount", "will_reach", "will_amount", "will_ask", "will_lose")
STATES = ("open", "told", "dropped", "over")
CAUSES = ("night", "fact", "parameter", "policy", "asked")


class RescreenRun(TenantRow, Base):
    """One judging of the register: why, how far, with what result; done in parts, each kept when it is done."""

    __tablename__ = "rescreen_run"
    __table_args__ = (CheckConstraint(f"cause IN {CAUSES}", name="cause"),)
    cause: Mapped[str] = field(WORK)
    detail: Mapped[str] = field(WORK, default="")
    """Slug of the parameter or policy that moved."""
    as_of: Mapped[date] = field(WORK)
    total: Mapped[int] = field(WORK)
    done: Mapped[int] = field(WORK, default=0)
    """Households judged."""
    found: Mapped[int] = field(WORK, default=0)
    """Changes that were written."""
    began_at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)


class Standing(OfTenant, Base):
    """What one subject (a household or a person) stands at: policy → e eligible, n near miss, a actionable, i to be
    asked (only of policies that look at an age); every other verdict is left out. Replaced at each judging."""

    __tablename__ = "standing"
    __table_args__ = (Index("ix_standing_household", "tenant_id", "household_id"),)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-9, info={"label": KEY})
    household_id: Mapped[UUID] = field(KEY)
    verdicts: Mapped[dict[str, str]] = field(SENSITIVE, JSONB)
    as_of: Mapped[date] = field(WORK)


class VerdictChange(TenantRow, Base):
    """A policy that newly reaches somebody, comes near, is lost, or will be on a day; one row until it is settled."""

    __tablename__ = "verdict_change"
    __table_args__ = (
        within("household", "household_id"),
        UniqueConstraint("tenant_id", "subject_id", "policy_slug", "kind", "on_date"),
        Index("ix_verdict_change_state", "tenant_id", "state", "kind", "on_date"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    household_id: Mapped[UUID] = field(KEY)
    subject_id: Mapped[UUID] = field(KEY)
    """The person, or the household itself."""
    policy_slug: Mapped[str] = field(SENSITIVE)
    kind: Mapped[str] = field(SENSITIVE)
    on_date: Mapped[date] = field(WORK)
    """From which day it holds."""
    cause: Mapped[str] = field(WORK)
    detail: Mapped[str] = field(WORK, default="")
    run_id: Mapped[UUID | None] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    state: Mapped[str] = field(WORK, default="open")
    settled_at: Mapped[datetime | None] = field(WORK)
    settled_by: Mapped[UUID | None] = field(KEY)
    settled_post: Mapped[str] = field(WORK, default="")
    channel: Mapped[str] = field(WORK, default="")
    """How they were told: call | visit | sms | counter."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("verdict_change", "reason"), default=None)
    """Why nothing is done, in the words of whoever decided."""
