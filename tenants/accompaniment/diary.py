"""A provider's own days and figures in the community in force: times, counts and stars, never a person."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

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


def figures(provider_id: UUID, since: datetime, until: datetime) -> Figures:
    """What a provider did here in a span of time."""
    heard = (
        select(Confirmation.id)
        .where(Confirmation.need_id == ReferralRequest.need_id, Confirmation.answer.in_(("solved", "partly")))
        .correlate(ReferralRequest)
        .exists()
    )
    row = db.session.execute(
        select(
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
        .where(
            ReferralTask.provider_id == provider_id,
            func.coalesce(Visit.done_at, Visit.planned_at) >= since,
            func.coalesce(Visit.done_at, Visit.planned_at) < until,
        )
    ).one()
    stars = db.session.scalars(
        select(Confirmation.stars)
        .join(ReferralRequest, (ReferralRequest.need_id == Confirmation.need_id) & (ReferralRequest.tenant_id == Confirmation.tenant_id))
        .join(ReferralTask, (ReferralTask.request_id == ReferralRequest.id) & (ReferralTask.tenant_id == ReferralRequest.tenant_id))
        .where(
            ReferralTask.provider_id == provider_id, ReferralTask.state.in_((*RUNNING, "completed")),
            Confirmation.stars.is_not(None), Confirmation.at >= since, Confirmation.at < until,
        )
    )  # fmt: skip
    return Figures(row.done, row.missed, row.confirmed, tuple(star for star in stars if star is not None))


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
