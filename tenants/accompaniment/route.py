"""A receiver's way through one day: its stops in the order of their times, and what was done before. A stop shows what
its receiver may see of the job now, so the address stands there only after acceptance (tenants/referrals/receiving)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent
from tenants.accompaniment import diary
from tenants.accompaniment.models import Visit
from tenants.referrals import receiving
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import opening
from tenants.referrals.receiving import Job


@dataclass(frozen=True, slots=True)
class Stop:
    """One door: when, what, and what may be seen of it."""

    at: datetime
    task_id: UUID
    job: Job


@dataclass(frozen=True, slots=True)
class Done:
    """One visit that is over, as its receiver keeps it: what and when, never with whom."""

    task_id: UUID
    at: datetime
    state: str
    service_type: str
    price: Decimal | None
    """Yuan paid by the family; None when it was free or nothing was noted."""
    pictures: int


def stops(tenant: Tenant, provider_id: UUID, since: datetime, until: datetime) -> list[Stop]:
    """The stops of a span of time in one community, earliest first; offers that wait for an answer with a time of
    their own stand among them without an address. Several services for one person at one time are one stop."""
    with tenant_scope(tenant):
        found = diary.days(provider_id, since, until) + _asked(provider_id, since, until)
        batches = [(one.at, one.task_id, tuple(opening.together(one.task_id))) for one in found]
    rows, seen = [], set()
    for at, task_id, ids in sorted(batches, key=lambda each: each[:2]):
        if (at, ids) in seen:
            continue
        seen.add((at, ids))
        try:
            rows.append(Stop(at, task_id, receiving.job(tenant, provider_id, ids)))
        except Absent:  # withdrawn, suspended or over since
            continue
    return sorted(rows, key=lambda stop: (stop.at, stop.job.courtyard, stop.job.door))


def _asked(provider_id: UUID, since: datetime, until: datetime) -> list[diary.Day]:
    rows = db.session.execute(
        select(ReferralTask.id, ReferralTask.slot_at).where(
            ReferralTask.provider_id == provider_id, ReferralTask.state == "requested", ReferralTask.slot_at >= since,
            ReferralTask.slot_at < until,
        )
    )  # fmt: skip
    return [diary.Day(row.id, row.slot_at) for row in rows if row.slot_at]


def done(provider_id: UUID, since: datetime, until: datetime) -> list[Done]:
    """Visits that were done, missed or refused in a span of time in the community in force, newest first."""
    at = func.coalesce(Visit.done_at, Visit.planned_at)
    rows = db.session.execute(
        select(Visit.task_id, at.label("at"), Visit.state, ReferralTask.service_type, Visit.price, Visit.file_ids)
        .join(ReferralTask, (ReferralTask.id == Visit.task_id) & (ReferralTask.tenant_id == Visit.tenant_id))
        .where(
            ReferralTask.provider_id == provider_id, Visit.state.in_(("done", "missed", "refused")), at >= since,
            at < until,
        )
        .order_by(at.desc(), Visit.id)
    )  # fmt: skip
    return [Done(row.task_id, row.at, row.state, row.service_type, row.price, len(row.file_ids)) for row in rows]
