"""The case: one per household, what happened in it, and what was planned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, WORK, Base, OfTenant, TenantRow, field, within


class Counter(OfTenant, Base):
    """Last human number given out, per kind and year."""

    __tablename__ = "counter"
    name: Mapped[str] = mapped_column(primary_key=True, sort_order=-9, info={"label": WORK})
    value: Mapped[int] = field(WORK, BigInteger)


class CaseFile(TenantRow, Base):
    """One household's case. `state` is derived from facts (cases/rules.py) and stored for lists:
    identified → assessing → planned → in_service → accompanying → closed → reopened."""

    __tablename__ = "case_file"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("household", "household_id"),
        within("courtyard", "courtyard_id"),
        within("signal", "signal_id"),
        Index("ix_case_file_opened", "tenant_id", "opened_at"),
        Index("ix_case_file_worker", "tenant_id", "worker_id"),
        Index("ix_case_file_weight", "tenant_id", "weight", "id"),
        Index("ix_case_file_household", "tenant_id", "household_id"),
    )
    number: Mapped[str] = field(WORK)
    household_id: Mapped[UUID | None] = field(KEY)
    """Empty until the first visit has met the family."""
    courtyard_id: Mapped[UUID | None] = field(KEY)
    signal_id: Mapped[UUID | None] = field(KEY)
    state: Mapped[str] = field(WORK)
    track: Mapped[str] = field(WORK, default="")
    """'' | jiu | zhu | both."""
    urgency: Mapped[str] = field(WORK, default="ordinary")
    worker_id: Mapped[UUID | None] = field(KEY)
    worker_post: Mapped[str] = field(WORK, default="")
    weight: Mapped[int] = field(WORK, default=0)
    """Rank of hardship on the desk; higher comes first (cases/rules.py says how it is made)."""
    weight_reasons: Mapped[list[str]] = field(WORK, JSONB, default=list)
    opened_at: Mapped[datetime] = field(WORK)
    closed_at: Mapped[datetime | None] = field(WORK)
    closed_reason: Mapped[str] = field(WORK, default="")
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When its free words were removed because it had been closed for so long (keep-case)."""
    demo: Mapped[bool] = field(OPEN, default=False)


class CaseEvent(TenantRow, Base):
    """One line of the timeline; append-only. `kind` is a code, `detail` ids and codes for its sentence."""

    __tablename__ = "case_event"
    __table_args__ = (within("case_file", "case_id"), Index("ix_case_event_case", "tenant_id", "case_id", "at"))
    case_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    kind: Mapped[str] = field(WORK)
    detail: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    actor_post: Mapped[str] = field(WORK, default="")


class ContactLog(TenantRow, Base):
    """A talk with a provider before anything personal is sent."""

    __tablename__ = "contact_log"
    __table_args__ = (within("case_file", "case_id"), within("need", "need_id"))
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    provider_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    note: Mapped[str] = field(WORK)


class Goal(TenantRow, Base):
    """A goal of the plan for one need, in the family's words."""

    __tablename__ = "goal"
    __table_args__ = (
        within("case_file", "case_id"),
        within("need", "need_id"),
        UniqueConstraint("tenant_id", "need_id"),
    )
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    words: Mapped[str] = field(PERSONAL, Sealed("goal", "words"))
    made_at: Mapped[datetime] = field(WORK)
