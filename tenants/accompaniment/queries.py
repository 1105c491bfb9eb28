"""Reads of visits and of what repeats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, String, cast, func, select

from rongjiu.clock import ZONE, today
from rongjiu.db import db
from rongjiu.marketplace import terms
from rongjiu.marketplace.models import ProviderService
from tenants.accompaniment import rules
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.models import CaseEvent, CaseFile
from tenants.catalogue.service import desk as desk_hours
from tenants.referrals import queries as referrals
from tenants.referrals.models import ReferralTask


def of_case(case_id: UUID) -> list[Row[Any]]:
    """Visits of a case by the day they are planned for: id, kind, planned_at, state, done_at, task_id, price."""
    columns: tuple[Any, ...] = (
        Visit.id, Visit.kind, Visit.planned_at, Visit.state, Visit.done_at, Visit.task_id, Visit.plan_id, Visit.price,
        Visit.ticked,
    )  # fmt: skip
    return list(db.session.execute(select(*columns).where(Visit.case_id == case_id).order_by(Visit.planned_at)))


def next_visit(case_id: UUID) -> Row[Any] | None:
    """The next planned service visit of a case: planned_at, service_type, title words come from the catalogue."""
    row: Any = db.session.execute(
        select(Visit.id, Visit.planned_at, ServicePlan.service_type)
        .outerjoin(ServicePlan, ServicePlan.id == Visit.plan_id)
        .where(Visit.case_id == case_id, Visit.state == "planned", Visit.kind == "service")
        .order_by(Visit.planned_at)
        .limit(1)
    ).one_or_none()
    found: Row[Any] | None = row
    return found


def progress(case_id: UUID) -> Any:
    """How far visits have come: done (how many), next (when the next one is planned, or None)."""
    return db.session.execute(
        select(
            func.count().filter(Visit.state == "done").label("done"),
            func.min(Visit.planned_at).filter(Visit.state == "planned").label("next"),
        ).where(Visit.case_id == case_id)
    ).one()


def first_service_day(case_id: UUID) -> Any:
    """The day on which the first repeating service of a case began, or None."""
    return db.session.scalar(
        select(func.min(ServicePlan.from_on)).where(ServicePlan.case_id == case_id, ServicePlan.kind == "service")
    )


def of_household(household_id: UUID) -> list[Row[Any]]:
    """Visits in all cases of a household: kind, state, planned_at, done_at, number of the case."""
    query = (
        select(Visit.kind, Visit.state, Visit.planned_at, Visit.done_at, CaseFile.number)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(CaseFile.household_id == household_id)
    )
    return list(db.session.execute(query))


DEARER = 20
"""Visits named at most that cost more than was declared, the newest."""


def dearer(provider_id: UUID) -> list[Row[Any]]:
    """Visits of a provider in this community for which it charged more than it had declared, the newest first: at, number,
    price, declared ('' = nothing was declared), why."""
    query = (
        select(
            CaseEvent.at, CaseFile.number, Visit.price, CaseEvent.detail["declared"].astext.label("declared"),
            Visit.note.label("why"),
        )
        .select_from(ReferralTask)
        .join(Visit, (Visit.case_id == ReferralTask.case_id) & (Visit.task_id == ReferralTask.id))
        .join(CaseEvent, (CaseEvent.case_id == Visit.case_id) & (CaseEvent.kind == "price_over"))
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(ReferralTask.provider_id == provider_id, CaseEvent.detail["visit_id"].astext == cast(Visit.id, String))
        .order_by(CaseEvent.at.desc(), Visit.id)
        .limit(DEARER)
    )  # fmt: skip
    return list(db.session.execute(query))


@dataclass(frozen=True, slots=True)
class Next:
    """The visit that follows, and what the calendar says of its day."""

    visit_id: UUID
    title: str
    planned_at: datetime
    day_off: bool
    """A weekend or holiday: keep the day or move it?"""
    moved_to: date


def coming(visit_id: UUID, title: str, planned_at: datetime, weekdays: Collection[str]) -> Next:
    """A planned visit, and the day it would move to; `weekdays` on which the provider may come (terms.days)."""
    local, hours = planned_at.astimezone(ZONE).date(), desk_hours()
    return Next(
        visit_id, title, planned_at, rules.day_off(local, hours), rules.agreed(local, weekdays, hours, working=True)
    )


def upcoming(task_ids: Sequence[UUID]) -> list[Next]:
    """The planned visits of a job after today, earliest first."""
    rows = db.session.execute(
        select(Visit.id, Visit.planned_at, ProviderService.title, ReferralTask.provider_id)
        .join(ReferralTask, ReferralTask.id == Visit.task_id)
        .join(ProviderService, ProviderService.id == ReferralTask.service_id)
        .where(Visit.task_id.in_(task_ids), Visit.state == "planned")
        .order_by(Visit.planned_at, Visit.id)
    ).all()
    day = today()
    weekdays = terms.days(referrals.here().id, rows[0].provider_id) if rows else ()
    return [
        coming(row.id, row.title, row.planned_at, weekdays)
        for row in rows
        if row.planned_at.astimezone(ZONE).date() > day
    ]
