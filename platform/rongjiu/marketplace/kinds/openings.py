"""Work that employers offer, and how it fits the hours that a carer wants."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit, cash
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.kinds import rules
from rongjiu.marketplace.kinds.held import held
from rongjiu.marketplace.kinds.models import JobOpening
from rongjiu.marketplace.queries import Line
from rongjiu.marketplace.rules import WEEKDAYS

MISSING = N_("没有这个岗位。")
PER = ("hour", "day", "month")
MOST_HOURS = 60
"""Hours a week that may be offered at most: 40 by law and 36 more a month (劳动法 arts. 36, 41) come to under 50; above
60 somebody has mistyped."""
SHOWN = 3
TYPE = "job-registration"
"""The kind of service of the model under which work is found."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Work, as typed."""

    title: str
    hours_a_week: int | None
    pay_low: Decimal | None
    pay_high: Decimal | None
    pay_per: str
    days: tuple[str, ...] = ()
    since: time | None = None
    until: time | None = None
    metres: int | None = None
    fits_care: bool = False
    places: int | None = 1
    ends_on: date | None = None


def save(provider_id: UUID, typed: Opening, opening_id: UUID | None = None) -> UUID:
    """Keep one opening, new or changed. Raises Refused at the field, Absent for another provider's."""
    _check(typed)
    row = (
        held(JobOpening, provider_id, opening_id, MISSING)
        if opening_id
        else JobOpening(id=uuid7(), provider_id=provider_id)
    )
    low = typed.pay_low or Decimal(0)
    row.title, row.hours_a_week, row.days = (
        typed.title,
        typed.hours_a_week or 0,
        [d for d in WEEKDAYS if d in typed.days],
    )
    row.since, row.until, row.metres, row.fits_care = typed.since, typed.until, typed.metres, typed.fits_care
    row.pay_low, row.pay_high, row.pay_per = low, typed.pay_high or low, typed.pay_per
    row.places, row.ends_on, row.state, row.modified_at = typed.places or 1, typed.ends_on, "open", now()
    db.session.add(row)
    db.session.flush()
    audit.record("provider.opening", "job_opening", row.id, fits_care=row.fits_care)
    return row.id


def _check(typed: Opening) -> None:
    if not 2 <= len(typed.title) <= 40:
        raise Refused("请写岗位名称，40 字以内。", field="title")
    cash.refuse(typed.title, "title")
    if typed.hours_a_week is None or not 1 <= typed.hours_a_week <= MOST_HOURS:
        raise Refused("每周工时写 1 到 60 之间的整数。", field="hours_a_week")
    if typed.pay_low is None or typed.pay_low <= 0:
        raise Refused("请写工资是多少元。", field="pay_low")
    if typed.pay_high is not None and typed.pay_high < typed.pay_low:
        raise Refused("最高比最低还少。请核对两个数。", field="pay_high")
    if typed.pay_per not in PER:
        raise Refused("请选一项", field="pay_per")
    if (typed.since is None) != (typed.until is None):
        raise Refused("上班和下班时间请都写，或都留空。", field="until" if typed.until is None else "since")
    if typed.since is not None and typed.until is not None and typed.until <= typed.since:
        raise Refused("下班要晚于上班。请核对两个时间。", field="until")
    if typed.metres is not None and not 0 <= typed.metres <= 100_000:
        raise Refused("距离写 0 到 100000 之间的整数，单位是米。", field="metres")
    if typed.places is None or not 1 <= typed.places <= 999:
        raise Refused("招几个人写 1 到 999 之间的整数。", field="places")
    if typed.ends_on is not None and typed.ends_on < today():
        raise Refused("截止的日子已经过去。请改一个，或留空。", field="ends_on")


def close(provider_id: UUID, opening_id: UUID) -> None:
    """Nobody is looked for any more; twice changes nothing. Raises Absent for another provider's."""
    row = held(JobOpening, provider_id, opening_id, MISSING)
    if row.state == "open":
        row.state, row.modified_at = "closed", now()
        audit.record("provider.opening.close", "job_opening", row.id)


_COLUMNS: tuple[Any, ...] = (
    JobOpening.id, JobOpening.provider_id, JobOpening.title, JobOpening.hours_a_week, JobOpening.days, JobOpening.since,
    JobOpening.until, JobOpening.metres, JobOpening.pay_low, JobOpening.pay_high, JobOpening.pay_per, JobOpening.fits_care,
    JobOpening.places, JobOpening.ends_on, JobOpening.state,
)  # fmt: skip


def listed(provider_id: UUID, *, state: str = "", page: int = 1, size: int = 50) -> tuple[list[Line], int]:
    """Openings of a provider, open ones first; and how many."""
    query = select(*_COLUMNS).where(JobOpening.provider_id == provider_id)
    if state:
        query = query.where(JobOpening.state == state)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(JobOpening.state.desc(), JobOpening.id.desc()).limit(size).offset((page - 1) * size)
    return list(db.session.execute(ordered)), total


def one(provider_id: UUID, opening_id: UUID) -> Line:
    """One opening of a provider; raises Absent."""
    found = db.session.execute(
        select(*_COLUMNS).where(JobOpening.id == opening_id, JobOpening.provider_id == provider_id)
    ).one_or_none()
    if found is None:
        raise Absent("没有这个岗位。")
    return found


def at(provider_ids: Collection[UUID]) -> list[Line]:
    """Open work of some providers, for `fitting`."""
    if not provider_ids:
        return []
    rows = db.session.execute(
        select(*_COLUMNS).where(
            JobOpening.provider_id.in_(provider_ids), JobOpening.state == "open",
            JobOpening.ends_on.is_(None) | (JobOpening.ends_on >= today()),
        )
    )  # fmt: skip
    return list(rows)


def fitting(rows: Collection[Line], wanted: rules.Hours) -> dict[UUID, tuple[dict[str, Any], ...]]:
    """Open work of each provider as a match shows it, what fits a carer's hours best first, at most three of each: title,
    hours, days, since, until, metres, pay_low, pay_high, pay_per, fits, reasons, against."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        work = rules.Hours(row.hours_a_week, tuple(row.days), row.since, row.until)
        fit = rules.job_fits(work, wanted, fits_care=row.fits_care, metres=row.metres)
        found.setdefault(row.provider_id, []).append(_line(row, fit))
    for each in found.values():
        each.sort(key=lambda job: (not job["fits"], -len(job["reasons"]), job["title"]))
    return {key: tuple(each[:SHOWN]) for key, each in found.items()}


def _line(row: Any, fit: rules.Fit) -> dict[str, Any]:
    return {
        "title": row.title, "hours": row.hours_a_week, "days": list(row.days),
        "since": f"{row.since:%H:%M}" if row.since else "", "until": f"{row.until:%H:%M}" if row.until else "",
        "metres": row.metres, "pay_low": str(row.pay_low), "pay_high": str(row.pay_high), "pay_per": row.pay_per,
        "fits": fit.fits, "reasons": list(fit.reasons), "against": list(fit.against),
    }  # fmt: skip
