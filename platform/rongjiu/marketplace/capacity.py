"""The one ledger of places: whoever asks, a month of a service never holds more than it has.

Every change is one guarded statement; the database refuses the rest (CHECK places). Call `reserve()` late in the
transaction: the row of that month stays locked until it ends.
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Clash
from rongjiu.marketplace import rules, vacancies, waiting
from rongjiu.marketplace.models import (
    WHOLE_MONTH,
    Capacity,
    ProviderService,
    Reservation,
)
from rongjiu.marketplace.sendable import admitted
from rongjiu.marketplace.words import N_
from rongjiu.prepared import Prepared

FULL = N_("刚被约满:%(month)s月1日起可约,或改约别家;填写的内容都在。")
FULL_ALL = N_("已经约满,近一年没有空名额。请改约别家;填写的内容都在。")
SLOT_FULL = N_("这个时段刚被约满。请改选别的时段,或改约别家;填写的内容都在。")
LIMIT = N_("本社区这个月在这家的名额(%(limit)s)已经用完。请改约别家,或请书记调整名额。")


class Full(Clash):
    """No place left in that month; `next_free` is the first month with one, None within a year."""

    def __init__(self, next_free: date | None) -> None:
        self.next_free = next_free
        if next_free is None:
            super().__init__(FULL_ALL)
        else:
            super().__init__(FULL, month=next_free.month, year=next_free.year)


class Behind(Clash):
    """There may be a place, but others stand in line for it."""

    def __init__(self, ahead: int) -> None:
        super().__init__(waiting.BEHIND, ahead=ahead)


def reserve(
    task_id: UUID, service_id: UUID, period: date, community_id: UUID, n: int = 1, slot_id: UUID | None = None
) -> None:
    """Hold n places of a service in the month of `period`, or in one of its slots, for a task or visit; the same task
    again changes nothing. Whoever names a slot has checked that it belongs to the service (slots.bookable).

    Raises Full (409, with the next free month) when others were faster, Behind when others stand in line, Clash when
    the community's own limit is used up, Refused when the provider is not admitted there, not active, or its papers have ended.
    """
    period = rules.month(period)
    held = db.session.execute(
        select(Reservation.service_id, Reservation.period, Reservation.slot_id, Reservation.state)
        .where(Reservation.id == task_id)
        .with_for_update()
    ).one_or_none()
    if held and held.state != "released":
        if (held.service_id, held.period, held.slot_id) == (service_id, period, slot_id) or held.state == "used":
            return
        release(task_id)
    limit = admitted(service_id, community_id)
    if limit is not None and _taken_by(community_id, service_id, period) + n > limit:
        raise Clash(LIMIT, limit=limit)
    if slot_id is None:
        if ahead := waiting.ahead(task_id, service_id, period):
            raise Behind(ahead)
        _open_month(service_id, period)
    taken = db.session.scalar(
        update(Capacity)
        .where(
            *unit(service_id, period, slot_id),
            Capacity.reserved + Capacity.used + n <= Capacity.maximum,
        )
        .values(reserved=Capacity.reserved + n, updated_at=now())
        .returning(Capacity.maximum)
        .execution_options(synchronize_session=False)
    )
    if taken is None and slot_id is not None:
        raise Clash(SLOT_FULL)
    if taken is None:
        raise Full(vacancies.next_free(service_id, rules.following(period)))
    words = {
        "service_id": service_id,
        "period": period,
        "slot_id": slot_id,
        "community_id": community_id,
        "places": n,
        "state": "held",
        "at": now(),
    }
    row = insert(Reservation).values(id=task_id, **words)
    db.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=words))
    waiting.served(task_id)


def may_ask(service_id: UUID, community_id: UUID, period: date) -> None:
    """Raises what reserve() would, but for the place itself: Refused when nothing may be sent there at all, Clash when
    the community's own limit for that month is used up."""
    limit = admitted(service_id, community_id)
    if limit is not None and _taken_by(community_id, service_id, rules.month(period)) + 1 > limit:
        raise Clash(LIMIT, limit=limit)


def release(task_id: UUID) -> bool:
    """Give held places back; False when nothing was held (never reserved, released before, or used)."""
    return _settle([task_id], "released")


def release_all(task_ids: Collection[UUID]) -> None:
    """Give back what several hold; months are locked in one order, so that two who do this never wait in a ring."""
    _settle(task_ids, "released")


def use(task_id: UUID) -> bool:
    """Count held places as used; False when nothing was held. Doing it twice counts once."""
    return _settle([task_id], "used")


def resize(service_id: UUID, places: int) -> None:
    """Put a new number of places into force from this month on; what is already promised stays promised."""
    taken = Capacity.reserved + Capacity.used
    db.session.execute(
        update(Capacity)
        .where(
            Capacity.service_id == service_id, Capacity.slot_id == WHOLE_MONTH, Capacity.period >= rules.month(today())
        )
        .values(maximum=func.greatest(taken, places), updated_at=now())
        .execution_options(synchronize_session=False)
    )
    for period in waiting.months(service_id):
        waiting.free(service_id, period)


def unit(service_id: UUID, period: date, slot_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions that find one line of the ledger: a month of a service, or a slot in that month."""
    day = rules.month(period) if slot_id is None else rules.last_of_month(period)
    return Capacity.service_id == service_id, Capacity.period == day, Capacity.slot_id == (slot_id or WHOLE_MONTH)


def _taken_by(community_id: UUID, service_id: UUID, period: date) -> int:
    """Places that a community holds or has used with the provider of a service in a month."""
    provider = select(ProviderService.provider_id).where(ProviderService.id == service_id).scalar_subquery()
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(Reservation.places), 0))
            .join(ProviderService, ProviderService.id == Reservation.service_id)
            .where(
                Reservation.community_id == community_id,
                Reservation.period == period,
                Reservation.state != "released",
                ProviderService.provider_id == provider,
            )
        )
        or 0
    )


def _open_month(service_id: UUID, period: date) -> None:
    """Make the row of a month from the places a month, once."""
    source = select(
        ProviderService.id, literal(period), ProviderService.places_a_month, literal(0), literal(0), literal(WHOLE_MONTH),
        literal(now()),
    ).where(ProviderService.id == service_id)  # fmt: skip
    columns = ["service_id", "period", "maximum", "reserved", "used", "slot_id", "updated_at"]
    db.session.execute(insert(Capacity).from_select(columns, source).on_conflict_do_nothing())


def _settle(task_ids: Collection[UUID], state: str) -> bool:
    rows = _SETTLED.write(ids=list(task_ids), state=state, at=now(), whole=WHOLE_MONTH)
    if awaited := {(row.service_id, row.period) for row in rows if row.awaited}:
        waiting.free_each(awaited)
    return bool(rows)


_SETTLED = Prepared(
    text(
        """
        WITH given AS (
            UPDATE reservation SET state = :state, at = :at WHERE id = ANY(:ids) AND state = 'held'
            RETURNING service_id, period, slot_id, places),
        line AS (
            SELECT service_id, CASE WHEN slot_id IS NULL THEN period ELSE CAST(period + interval '1 month - 1 day' AS date) END
                   AS period, coalesce(slot_id, CAST(:whole AS uuid)) AS slot_id, CAST(sum(places) AS int) AS places
            FROM given GROUP BY 1, 2, 3),
        held AS (
            SELECT c.service_id, c.period, c.slot_id, line.places FROM capacity c JOIN line USING (service_id, period, slot_id)
            ORDER BY c.service_id, c.period, c.slot_id FOR UPDATE OF c),
        moved AS (
            UPDATE capacity c SET reserved = c.reserved - held.places, updated_at = :at,
                   used = c.used + CASE WHEN CAST(:state AS text) = 'used' THEN held.places ELSE 0 END
            FROM held WHERE c.service_id = held.service_id AND c.period = held.period AND c.slot_id = held.slot_id)
        SELECT given.service_id, given.period, given.slot_id IS NULL AND :state = 'released' AND EXISTS (
            SELECT FROM place_wait w WHERE w.state = 'waiting' AND w.service_id = given.service_id AND w.period = given.period)
            AS awaited
        FROM given
        """
    )
)
"""Places of several are settled with one statement; months are locked in one order, so that two who do this never wait
in a ring. A slot stands in the ledger under the last day of its month (`unit`)."""


def close(service_id: UUID, period: date) -> None:
    """The provider says that it has no more places: what is promised stays, nothing is left from this month on until it
    says that there are places again (`resize`). It is told how."""
    span = rules.months(period)
    for month in span:
        _open_month(service_id, month)
    db.session.execute(
        update(Capacity)
        .where(Capacity.service_id == service_id, Capacity.slot_id == WHOLE_MONTH, Capacity.period.in_(span))
        .values(maximum=Capacity.reserved + Capacity.used, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    provider = db.session.scalar(select(ProviderService.provider_id).where(ProviderService.id == service_id))
    key = f"full-{service_id}-{today()}"
    outbox.put("provider_told", {"provider_id": str(provider), "what": "full", "key": key}, key=key)
