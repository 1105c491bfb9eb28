"""Income sheets, screenings frozen with their inputs and versions, path tasks, near misses."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field, within

VERDICTS = ("eligible", "near_miss", "actionable", "need_info", "not_eligible", "not_in_force")


class IncomeSheet(TenantRow, Base):
    """What the family lives on; a new version each time. `figures` is JSON: lines (member, kind, month CNY),
    members, per_capita_month, rigid_expense_ratio."""

    __tablename__ = "income_sheet"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "version"))
    case_id: Mapped[UUID] = field(KEY)
    version: Mapped[int] = field(WORK)
    figures: Mapped[str] = field(SENSITIVE, Sealed("income_sheet", "figures"))
    taken_at: Mapped[datetime] = field(WORK)
    taken_by: Mapped[UUID | None] = field(WORK)


class FactSheet(TenantRow, Base):
    """The facts that conditions ask for, one version a save; `facts` is JSON {"household": {...}, "members":
    {person id: {...}}} with the ids of eligibility_fields; what is not known is absent."""

    __tablename__ = "fact_sheet"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "version"))
    case_id: Mapped[UUID] = field(KEY)
    version: Mapped[int] = field(WORK)
    facts: Mapped[str] = field(SENSITIVE, Sealed("fact_sheet", "facts"))
    taken_at: Mapped[datetime] = field(WORK)
    taken_by: Mapped[UUID | None] = field(WORK)


class Screening(TenantRow, Base):
    """One screening of all policies as of a date: a hint with its reasons. A named person confirms it."""

    __tablename__ = "screening"
    __table_args__ = (within("case_file", "case_id"), UniqueConstraint("tenant_id", "case_id", "seq"))
    case_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    as_of: Mapped[date] = field(WORK)
    pack: Mapped[str] = field(WORK)
    inputs: Mapped[str] = field(SENSITIVE, Sealed("screening", "inputs"))
    glance: Mapped[str | None] = field(SENSITIVE, Sealed("screening", "glance"))
    """JSON of the verdict of each policy with what stands in its way; empty in screenings taken before it was kept."""
    parameters: Mapped[dict[str, Any]] = field(WORK, JSONB)
    counts: Mapped[dict[str, int]] = field(WORK, JSONB)
    """Policies by verdict, the best member counting."""
    track: Mapped[str] = field(WORK)
    rescreen_on: Mapped[date | None] = field(WORK)
    """The day from which the answer may be another one, such as when a policy comes into force."""
    taken_at: Mapped[datetime] = field(WORK)
    taken_by: Mapped[UUID | None] = field(WORK)
    confirmed_at: Mapped[datetime | None] = field(WORK)
    confirmed_by: Mapped[UUID | None] = field(WORK)
    confirmed_post: Mapped[str] = field(WORK, default="")
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When its grounds were removed because the case had been closed for so long (keep-screening): what is left are the
    verdict of each policy, the model with its version, and the dates."""


class Determination(TenantRow, Base):
    """One policy for one subject; `trace` is JSON of every condition with value, line and distance."""

    __tablename__ = "determination"
    __table_args__ = (
        within("screening", "screening_id"),
        UniqueConstraint("tenant_id", "screening_id", "policy_slug", "subject"),
        CheckConstraint(f"verdict IN {VERDICTS}", name="verdict"),
    )
    screening_id: Mapped[UUID] = field(KEY)
    policy_slug: Mapped[str] = field(WORK)
    subject: Mapped[str] = field(KEY)
    """'household' or the person's id."""
    verdict: Mapped[str] = field(SENSITIVE)
    trace: Mapped[str] = field(SENSITIVE, Sealed("determination", "trace"))


class PathTask(TenantRow, Base):
    """Something the family can do or ask for next, found by a screening."""

    __tablename__ = "path_task"
    __table_args__ = (
        within("case_file", "case_id"),
        within("screening", "screening_id"),
        UniqueConstraint("tenant_id", "screening_id", "code"),
    )
    case_id: Mapped[UUID] = field(KEY)
    screening_id: Mapped[UUID] = field(KEY)
    code: Mapped[str] = field(WORK)
    policy_slugs: Mapped[list[str]] = field(WORK, JSONB)
    done_at: Mapped[datetime | None] = field(WORK)


class NearMiss(TenantRow, Base):
    """A household just outside a line: to be looked at again when the line moves or on a date."""

    __tablename__ = "near_miss"
    __table_args__ = (
        within("case_file", "case_id"),
        within("screening", "screening_id"),
        UniqueConstraint("tenant_id", "screening_id", "policy_slug"),
        Index("ix_near_miss_look", "tenant_id", "look_again_on"),
    )
    case_id: Mapped[UUID] = field(KEY)
    screening_id: Mapped[UUID] = field(KEY)
    policy_slug: Mapped[str] = field(WORK)
    look_again_on: Mapped[date] = field(WORK)
    looked_at: Mapped[datetime | None] = field(WORK)
    distance_pct: Mapped[Decimal | None] = field(SENSITIVE, Numeric(9, 2))
    """How far outside, in per cent of the line; empty where nothing was measured."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("near_miss", "reason"))
    """Why somebody set another day to look again."""
