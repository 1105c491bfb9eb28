"""A provider's own days and figures in the community in force: times, counts and stars, never a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.clock import ZONE
from rongjiu.db import db
from tenants.accompaniment.models import Visit
from tenants.referrals.models import Confirmation, ReferralRequest, ReferralTask

RUNNING = ("accepted", "in-progress", "on-hold")


@dataclass(frozen=True, slots=True)
class Day:
    """One appointment of a job."""

    task_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one span: visits done and missed, those done for a need whose family confirmed it, stars."""

    done: int
    missed: int
    confirmed: int
    stars: tuple[int, ...]

    def __add__(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(
            self.done + other.done, self.missed + other.missed, self.confirmed + other.confirmed, self.stars + other.stars
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thanks:
    """A family's word: when, for which kind of service, with how many stars; never from whom."""

    at: datetime
    service_type: str
    stars: int | None
    words: str


def days(provider_id: UUID, since: datetime, until: datetime) -> list[Day]:
    """Appointments of running jobs: planned visits, or the agreed time of a job that has none yet."""
    visits = db.session.execute(
        select(Visit.task_id, Visit.planned_at.label("at"))
        .join(ReferralTask, (ReferralTask.id == Visit.task_id) & (ReferralTask.tenant_id == Visit.tenant_id))
        .where(
            ReferralTask.provider_id == provider_id, ReferralTask.state.in_(RUNNING), Visit.state == "planned",
            Visit.planned_at >= since, Visit.planned_at < until,
        )
    ).all()  # fmt: skip
    known = {row.task_id for row in visits}
    slots = db.session.execute(
        select(ReferralTask.id, ReferralTask.slot_at).where(
            ReferralTask.provider_id == provider_id, ReferralTask.state.in_(RUNNING), ReferralTask.slot_at >= since,
            ReferralTask.slot_at < until, ReferralTask.id.not_in(known),
        )
    )  # fmt: skip
    return [Day(row.task_id, row.at) for row in visits] + [Day(row.id, row.slot_at) for row in slots if row.slot_at]


def figures(provider_id: UUID, since: datetime, until: datetime) -> dict[date, Figures]:
    """What a provider did here in a span of time: first day of a month → its figures; months with nothing lack."""
    visits = _visits(provider_id, since, until)
    stars: dict[date, list[int]] = {}
    for row in _stars(provider_id, since, until):
        stars.setdefault(row.month.date(), []).append(row.stars)
    counts = {row.month.date(): (row.done, row.missed, row.confirmed) for row in visits}
    return {
        each: Figures(*counts.get(each, (0, 0, 0)), tuple(stars.get(each, ()))) for each in sorted({*counts, *stars})
    }


def _month(moment: Any) -> Any:
    """The month in which a moment fell on the wall in Xi'an."""
    return func.date_trunc("month", func.timezone(ZONE.key, moment)).label("month")


def _visits(provider_id: UUID, since: datetime, until: datetime) -> Sequence[Any]:
    heard = (
        select(Confirmation.id)
        .where(Confirmation.need_id == ReferralRequest.need_id, Confirmation.answer.in_(("solved", "partly")))
        .correlate(ReferralRequest)
        .exists()
    )
    at = func.coalesce(Visit.done_at, Visit.planned_at)
    month = _month(at)
    return db.session.execute(
        select(
            month,
            func.count().filter(Visit.state == "done").label("done"),
            func.count().filter(Visit.state == "missed").label("missed"),
            func.count().filter(Visit.state == "done", heard).label("confirmed"),
        )
        .select_from(Visit)
        .join(ReferralTask, (ReferralTask.id == Visit.task_id) & (ReferralTask.tenant_id == Visit.tenant_id))
        .join(
            ReferralRequest,
            (ReferralRequest.id == ReferralTask.request_id) & (ReferralRequest.tenant_id == ReferralTask.tenant_id),
        )
        .where(ReferralTask.provider_id == provider_id, at >= since, at < until)
        .group_by(month)
    ).all()


def _stars(provider_id: UUID, since: datetime, until: datetime) -> Sequence[Any]:
    c, r, t = Confirmation, ReferralRequest, ReferralTask
    return db.session.execute(
        select(_month(c.at), c.stars)
        .join(r, (r.need_id == c.need_id) & (r.tenant_id == c.tenant_id))
        .join(t, (t.request_id == r.id) & (t.tenant_id == r.tenant_id))
        .where(
            t.provider_id == provider_id, t.state.in_((*RUNNING, "completed")), c.stars.is_not(None), c.at >= since,
            c.at < until,
        )
    ).all()  # fmt: skip


def thanks(provider_id: UUID, since: datetime, until: datetime) -> list[Thanks]:
    """What families said to a provider in the community in force, newest first: words meant for it, never from whom."""
    c, r, t = Confirmation, ReferralRequest, ReferralTask
    mine = (
        select(t.service_type)
        .join(r, (r.id == t.request_id) & (r.tenant_id == t.tenant_id))
        .where(r.need_id == c.need_id, t.provider_id == provider_id, t.state.in_((*RUNNING, "completed")))
        .correlate(c)
        .order_by(t.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(c.at, c.stars, c.thanks, mine.label("service_type"))
        .where(c.thanks.is_not(None), c.at >= since, c.at < until, mine.is_not(None))
        .order_by(c.at.desc(), c.id)
    )
    return [Thanks(row.at, row.service_type, row.stars, row.thanks or "") for row in rows]
