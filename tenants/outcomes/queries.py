"""Reads of results: parts of the saving, new income, later looks."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, func, select

from rongjiu.clock import ZONE
from rongjiu.db import db
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseEvent
from tenants.outcomes.models import FollowUp, OutcomeNote, SavingLine

LOOKS = "looks_planned"
"""The later looks of a case were planned."""


@dataclass(frozen=True, slots=True)
class Result:
    """What stands of a case's result."""

    lines: list[Row[Any]]
    """label, amount_month, amount_high, source."""
    total: Decimal
    high: Decimal
    """The upper end of the range; equals the total when every part has one price."""
    new_income: bool | None
    """None until the result was noted."""
    noted_at: datetime | None
    follow_ups: list[tuple[int, date, datetime | None]]
    income_month: Decimal | None = None
    unpriced: tuple[str, ...] = ()


def of_case(case_id: UUID) -> Result:
    """The result of a case as far as it was noted."""
    columns: tuple[Any, ...] = (
        SavingLine.label, SavingLine.amount_month, SavingLine.amount_high, SavingLine.source,
    )  # fmt: skip
    lines = list(db.session.execute(select(*columns).where(SavingLine.case_id == case_id).order_by(SavingLine.id)))
    note: Any = db.session.execute(
        select(OutcomeNote.new_income, OutcomeNote.made_at, OutcomeNote.income_month, OutcomeNote.unpriced).where(
            OutcomeNote.case_id == case_id
        )
    ).one_or_none()
    later = db.session.execute(
        select(FollowUp.seq, FollowUp.due_on, FollowUp.done_at)
        .where(FollowUp.case_id == case_id)
        .order_by(FollowUp.seq)
    )
    return Result(
        lines=lines, total=sum((row.amount_month for row in lines), Decimal(0)),
        high=sum((row.amount_high or row.amount_month for row in lines), Decimal(0)),
        income_month=note.income_month if note else None, unpriced=tuple(note.unpriced) if note else (),
        new_income=note.new_income if note else None, noted_at=note.made_at if note else None,
        follow_ups=[(row.seq, row.due_on, row.done_at) for row in later],
    )  # fmt: skip


def saving_of(case_id: UUID) -> Decimal:
    """What a family saves a month, in CNY, as estimated."""
    query = select(func.coalesce(func.sum(SavingLine.amount_month), 0)).where(SavingLine.case_id == case_id)
    return Decimal(db.session.scalar(query) or 0)


def _reopened(case_id: Any) -> ScalarSelect[Any]:
    opened = select(func.max(CaseEvent.at)).where(CaseEvent.case_id == case_id, CaseEvent.kind == "reopened")
    return opened.scalar_subquery()


def looks_planned(case_id: UUID) -> bool:
    """Have the later looks of a case been planned since it was last opened again, or at all when it never was?"""
    again = db.session.scalar(select(_reopened(case_id)))
    if again is None:
        return db.session.scalar(select(FollowUp.id).where(FollowUp.case_id == case_id).limit(1)) is not None
    since = select(CaseEvent.id).where(CaseEvent.case_id == case_id, CaseEvent.kind == LOOKS, CaseEvent.at > again)
    return db.session.scalar(since.limit(1)) is not None


def first_help(case_id: UUID) -> date | None:
    """The day of the first service delivered in a case since it was last opened again; None = none yet."""
    again = _reopened(case_id)
    day = db.session.scalar(
        select(func.min(Visit.done_at)).where(
            Visit.case_id == case_id,
            Visit.kind == "service",
            Visit.state == "done",
            again.is_(None) | (Visit.done_at > again),
        )
    )
    return day.astimezone(ZONE).date() if day else None


def repeats(case_id: UUID) -> list[tuple[str, date]]:
    """Recurrence and first day of each service that repeats in a case by now."""
    plan = ServicePlan
    query = select(plan.rrule, plan.from_on).where(
        plan.case_id == case_id, plan.kind == "service", plan.ended_at.is_(None)
    )
    return [(row.rrule, row.from_on) for row in db.session.execute(query.order_by(plan.id))]


def unlooked() -> list[UUID]:
    """Cases with a service delivered since they were last opened again whose later looks nobody has planned since."""
    again = _reopened(Visit.case_id)
    planned = CaseEvent.__table__.alias("planned")
    since = (
        select(planned.c.id)
        .where(planned.c.case_id == Visit.case_id, planned.c.kind == LOOKS, planned.c.at > again)
        .exists()
    )
    ever = select(FollowUp.id).where(FollowUp.case_id == Visit.case_id).exists()
    query = (
        select(Visit.case_id)
        .where(
            Visit.kind == "service", Visit.state == "done",
            (again.is_(None) & ~ever) | (Visit.done_at.is_not(None) & (Visit.done_at > again) & ~since),
        )
        .distinct()
        .order_by(Visit.case_id)
    )  # fmt: skip
    return list(db.session.scalars(query))
