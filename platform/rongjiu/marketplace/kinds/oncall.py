"""Who can be called out now: the number on call, hours, response time, and the safety drills that were held."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, codes
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.kinds import rules
from rongjiu.marketplace.kinds.models import OnCall, SafetyDrill
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.marketplace.queries import Line
from rongjiu.marketplace.rules import WEEKDAYS

DRILLS = {
    "fire": N_("消防疏散"), "first_aid": N_("急救"), "flood": N_("防汛"), "earthquake": N_("地震避险"),
    "gas": N_("燃气泄漏"), "search": N_("走失寻人"),
}  # fmt: skip
OLDEST = 3 * 366
"""Days back to which a drill may be entered."""


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill, as typed."""

    held_on: date | None
    kind: str
    people: int | None
    minutes: int | None
    learnt: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands now: is somebody on call, in how many minutes there, when was the last drill."""

    on_call: bool
    minutes: int | None
    drilled_on: date | None
    drilled: bool


def keep(provider_id: UUID, phone: str, days: Collection[str], since: time | None, until: time | None) -> None:
    """Keep the number on call and its hours; raises Refused at phone, days, since or until."""
    try:
        number = codes.phone(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    if not days or set(days) - set(WEEKDAYS):
        raise Refused("请选哪几天值班。", field="days")
    if since is None or until is None:
        raise Refused("请写几点起、到几点；全天值班两个都写 0:00。", field="since" if since is None else "until")
    words = {
        "phone": number, "days": [day for day in WEEKDAYS if day in days], "since": since, "until": until, "modified_at": now(),
    }  # fmt: skip
    row = insert(OnCall).values(provider_id=provider_id, **words)
    db.session.execute(row.on_conflict_do_update(index_elements=["provider_id"], set_=words))
    audit.record("provider.on_call", "provider", provider_id, days=len(days))


def of(provider_id: UUID) -> OnCall | None:
    """The number on call and its hours."""
    return db.session.get(OnCall, provider_id)


def drill(provider_id: UUID, held: Drill) -> None:
    """Log a drill by its date; raises Refused at the field."""
    if held.held_on is None or not 0 <= (today() - held.held_on).days <= OLDEST:
        raise Refused("请写演练的日期，不能晚于今天。", field="held_on")
    if held.kind not in DRILLS:
        raise Refused("请选一项", field="kind")
    if held.people is None or not 1 <= held.people <= 9999:
        raise Refused("人数写 1 到 9999 之间的整数。", field="people")
    if held.minutes is None or not 1 <= held.minutes <= 999:
        raise Refused("分钟写 1 到 999 之间的整数。", field="minutes")
    db.session.add(
        SafetyDrill(
            id=uuid7(), provider_id=provider_id, held_on=held.held_on, kind=held.kind, people=held.people,
            minutes=held.minutes, learnt=held.learnt.strip()[:300], by_id=current_actor().account_id, at=now(),
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("provider.drill", "provider", provider_id, drilled=held.kind, on=str(held.held_on))


def drills(provider_id: UUID, page: int = 1, size: int = 50) -> tuple[list[Line], int]:
    """Drills of a provider, the newest first: held_on, kind, people, minutes, learnt; and how many."""
    s = SafetyDrill
    query = select(s.held_on, s.kind, s.people, s.minutes, s.learnt).where(s.provider_id == provider_id)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(s.held_on.desc(), s.id.desc()).limit(size).offset((page - 1) * size)
    return list(db.session.execute(ordered)), total


def standing(provider_ids: Collection[UUID]) -> dict[UUID, Standing]:
    """How each of some providers that can be called out stands now; those that cannot are left out."""
    if not provider_ids:
        return {}
    moment, day = now(), today()
    return {
        row.provider_id: Standing(
            rules.on_call(row.days, row.since, row.until, moment), _minutes(row.details), last := _last(row),
            rules.drilled(last, day),
        )
        for row in db.session.execute(_query().where(OnCall.provider_id.in_(provider_ids)))
    }  # fmt: skip


def on_duty(community_id: UUID) -> list[tuple[Line, Standing]]:
    """Providers that a community has let in and that are on call now, the quickest first: provider_id, name, phone."""
    query = (
        _query(Provider.name, OnCall.phone)
        .join(Admission, Admission.provider_id == Provider.id)
        .where(
            Admission.community_id == community_id, in_force(), Provider.state == "active",
            Provider.paused_at.is_(None),
        )
        .order_by(Provider.slug)
    )  # fmt: skip
    rows = list(db.session.execute(query))
    known = standing([row.provider_id for row in rows])
    found = [(row, known[row.provider_id]) for row in rows if known[row.provider_id].on_call]
    return sorted(found, key=lambda each: (not each[1].drilled, each[1].minutes or 999))


def phones(provider_ids: Collection[UUID]) -> dict[UUID, str]:
    """The number on call of each of some providers."""
    rows = db.session.execute(select(OnCall.provider_id, OnCall.phone).where(OnCall.provider_id.in_(provider_ids)))
    return {row.provider_id: row.phone for row in rows}


def _query(*more: Any) -> Any:
    last = (
        select(func.max(SafetyDrill.held_on))
        .where(SafetyDrill.provider_id == OnCall.provider_id)
        .correlate(OnCall)
        .scalar_subquery()
    )
    columns = (OnCall.provider_id, OnCall.days, OnCall.since, OnCall.until, Provider.details, last.label("last"))
    return select(*columns, *more).join(Provider, Provider.id == OnCall.provider_id)


def _minutes(details: dict[str, Any]) -> int | None:
    found = details.get("response_minutes")
    return found if isinstance(found, int) else None


def _last(row: Any) -> date | None:
    """The last drill: of the log, or the one named when it registered."""
    said = row.details.get("last_drill")
    days = [row.last, date.fromisoformat(said) if said else None]
    return max((day for day in days if day), default=None)
