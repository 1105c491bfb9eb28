"""Recurring service plans and the visits they make: the accompanying, lasting part."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, SENSITIVE, WORK, Base, TenantRow, field, within


class ServicePlan(TenantRow, Base):
    """A service or visit that repeats by an RRULE from a day on."""

    __tablename__ = "service_plan"
    __table_args__ = (
        within("case_file", "case_id"),
        within("referral_task", "task_id"),
        CheckConstraint("holidays IN ('keep', 'move', 'skip')", name="holidays"),
    )
    case_id: Mapped[UUID] = field(KEY)
    task_id: Mapped[UUID | None] = field(KEY)
    kind: Mapped[str] = field(WORK)
    """service | visit (by the grid worker) | companion (by volunteers)."""
    service_type: Mapped[str] = field(WORK, default="")
    rrule: Mapped[str] = field(WORK)
    from_on: Mapped[date] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
    hour: Mapped[time | None] = field(WORK)
    holidays: Mapped[str] = field(WORK, default="move", server_default=text("'move'"))
    """On a weekend or holiday: keep | move to the next working day | skip."""
    tasks: Mapped[list[str]] = field(WORK, JSONB, default=list, server_default=text("'[]'"))
    """What is done at each visit, to be ticked: codes of rules.TASKS."""
    two_person: Mapped[bool] = field(WORK, default=False, server_default=text("false"))
    children: Mapped[bool] = field(WORK, default=False, server_default=text("false"))
    """A child under 14 lives there: only who was vetted for children goes."""
    dignity: Mapped[str | None] = field(SENSITIVE, Sealed("service_plan", "dignity"))
    """What spares the family's dignity; shown at visit time only."""
    safety: Mapped[str | None] = field(SENSITIVE, Sealed("service_plan", "safety"))
    """What to beware of; shown at visit time only."""
    team_id: Mapped[UUID | None] = field(KEY)
    """The volunteers' team that goes (room volunteers)."""


class Visit(TenantRow, Base):
    """One visit: planned → done | missed | refused | cancelled, with evidence."""

    __tablename__ = "visit"
    __table_args__ = (
        within("case_file", "case_id"),
        within("service_plan", "plan_id"),
        within("referral_task", "task_id"),
        UniqueConstraint("tenant_id", "client_key"),
        UniqueConstraint("tenant_id", "plan_id", "slot_on", name="uq_visit_slot"),
        Index("ix_visit_planned", "tenant_id", "state", "planned_at"),
        Index("ix_visit_case", "tenant_id", "case_id"),
        CheckConstraint("state IN ('planned', 'done', 'missed', 'refused', 'cancelled')", name="state"),
    )
    case_id: Mapped[UUID] = field(KEY)
    plan_id: Mapped[UUID | None] = field(KEY)
    task_id: Mapped[UUID | None] = field(KEY)
    kind: Mapped[str] = field(WORK)
    """first | service | worker | companion."""
    worker_id: Mapped[UUID | None] = field(KEY)
    planned_at: Mapped[datetime] = field(WORK)
    state: Mapped[str] = field(WORK, default="planned")
    done_at: Mapped[datetime | None] = field(WORK)
    ticked: Mapped[list[str]] = field(WORK, JSONB, default=list)
    price: Mapped[Decimal | None] = field(WORK)
    note: Mapped[str | None] = field(SENSITIVE, Sealed("visit", "note"))
    file_ids: Mapped[list[str]] = field(WORK, JSONB, default=list)
    client_key: Mapped[UUID | None] = field(KEY)
    """UUID made on the phone: the same visit sent twice is one."""
    slot_on: Mapped[date | None] = field(WORK)
    """The day of the recurrence that this visit stands for, wherever it was moved: it is planned once."""
    arrived_at: Mapped[datetime | None] = field(WORK)
    mood: Mapped[str] = field(WORK, default="", server_default=text("''"))
    """'' | good | plain | low | bad, as the visitor saw it."""
