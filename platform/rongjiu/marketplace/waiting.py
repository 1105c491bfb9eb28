"""The line for a place of a service: who waits, in which order, and how a place that comes free reaches the first.

A place is never taken out of a release itself: the release leaves a note, and a transaction of its own reserves for the
first in line, so that locks are always taken in the same order (admission, then month).
"""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.marketplace import rules
from rongjiu.marketplace.models import PlaceWait, ProviderService
from rongjiu.marketplace.words import N_

BEHIND = N_("这项服务有 %(ahead)s 单在排队,空出的名额先给他们。可以也排进去,或改约别家;填写的内容都在。")


def join(task_id: UUID, service_id: UUID, period: date, community_id: UUID, priority: int) -> int:
    """Stand in line for a place of a month, more urgent ones before; answers the position, 1 = next. The same task again
    keeps its turn and takes the new priority."""
    words = {"service_id": service_id, "period": rules.month(period), "community_id": community_id, "priority": priority,
             "state": "waiting", "at": now()}  # fmt: skip
    row = insert(PlaceWait).values(id=task_id, asked_at=now(), **words)
    stays = (PlaceWait.state == "waiting") & (PlaceWait.service_id == service_id)
    again = {**words, "asked_at": case((stays, PlaceWait.asked_at), else_=row.excluded.asked_at)}
    db.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=again))
    free(service_id, period)
    return positions([task_id])[task_id]


def leave(task_id: UUID) -> bool:
    """Step out of the line; False when it did not stand there."""
    return _end(task_id, "left")


def served(task_id: UUID) -> bool:
    """Its place was taken: it stands in line no longer."""
    return _end(task_id, "offered")


def _end(task_id: UUID, state: str) -> bool:
    done = db.session.scalar(
        update(PlaceWait)
        .where(PlaceWait.id == task_id, PlaceWait.state == "waiting")
        .values(state=state, at=now())
        .returning(PlaceWait.id)
        .execution_options(synchronize_session=False)
    )
    return done is not None


def ahead(task_id: UUID, service_id: UUID, period: date) -> int:
    """How many others stand in line for a month of a service, whom a place that is free belongs to first; none for
    somebody who stands there too."""
    w = PlaceWait
    line = (w.service_id == service_id) & (w.period == rules.month(period)) & (w.state == "waiting")
    row = db.session.execute(select(func.count(), func.bool_or(w.id == task_id).label("mine")).where(line)).one()
    return 0 if row.mine else int(row[0])


def positions(task_ids: Collection[UUID]) -> dict[UUID, int]:
    """Where those of these tasks that wait stand in their lines; 1 = next."""
    w = PlaceWait
    mine = select(w.service_id, w.period).where(w.id.in_(task_ids), w.state == "waiting").subquery()
    place = func.row_number().over(partition_by=(w.service_id, w.period), order_by=_turn()).label("place")
    line = (
        select(w.id, place)
        .where(
            w.state == "waiting",
            exists().where(mine.c.service_id == w.service_id, mine.c.period == w.period),
        )
        .subquery()
    )  # fmt: skip
    rows = db.session.execute(select(line.c.id, line.c.place).where(line.c.id.in_(task_ids)))
    return {row.id: row.place for row in rows}


def _turn() -> tuple[ColumnElement[Any], ...]:
    return PlaceWait.priority.desc(), PlaceWait.asked_at.asc(), PlaceWait.id.asc()


def in_line(service_id: UUID, period: date) -> list[tuple[UUID, UUID]]:
    """Tasks that wait for a month of a service with their communities, the next first."""
    w = PlaceWait
    query = select(w.id, w.community_id).where(
        w.service_id == service_id, w.period == rules.month(period), w.state == "waiting"
    )
    return [(row.id, row.community_id) for row in db.session.execute(query.order_by(*_turn()))]


def months(service_id: UUID) -> list[date]:
    """Months for which somebody waits for a service."""
    w = PlaceWait
    query = select(w.period).where(w.service_id == service_id, w.state == "waiting").distinct()
    return list(db.session.scalars(query.order_by(w.period)))


def lengths(provider_id: UUID) -> dict[UUID, int]:
    """How many wait for each service of a provider, whatever the month."""
    w = PlaceWait
    rows = db.session.execute(
        select(w.service_id, func.count().label("n"))
        .join(ProviderService, ProviderService.id == w.service_id)
        .where(ProviderService.provider_id == provider_id, w.state == "waiting")
        .group_by(w.service_id)
    )
    return {row.service_id: row.n for row in rows}


def free(service_id: UUID, period: date) -> None:
    """A place may have come free: leave a note that the first in line is served, if anybody waits."""
    free_each([(service_id, period)])


def free_each(places: Collection[tuple[UUID, date]]) -> None:
    """The same for several services and months, in one question."""
    months = {(service_id, rules.month(period)) for service_id, period in places}
    awaited = select(PlaceWait.service_id, PlaceWait.period).where(
        PlaceWait.state == "waiting", tuple_(PlaceWait.service_id, PlaceWait.period).in_(months)
    )
    for row in db.session.execute(awaited.distinct()).all():
        words = {"service": str(row.service_id), "period": row.period.isoformat()}
        outbox.put("marketplace.places_free", words, key=f"places-{uuid7()}")


def new_month() -> None:
    """Whoever still waits for a month that is over waits for this one; every line with somebody in it is looked at."""
    month = rules.month(today())
    db.session.execute(
        update(PlaceWait)
        .where(PlaceWait.state == "waiting", PlaceWait.period < month)
        .values(period=month)
        .execution_options(synchronize_session=False)
    )
    for row in db.session.execute(
        select(PlaceWait.service_id, PlaceWait.period).where(PlaceWait.state == "waiting").distinct()
    ).all():
        free(row.service_id, row.period)
