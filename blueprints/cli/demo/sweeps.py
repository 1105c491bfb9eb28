"""Two sweeps of 黄雁社区: one that has ended in a certificate, one that is going on. All invented (示例)."""

import json
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.clock import ZONE, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.tenancy.staff import Worker, working
from tenants.residents.models import Courtyard, Household, Person
from tenants.sweeps import closing, planning, rules, waiting
from tenants.sweeps.models import StopPerson, StopTry, Sweep, SweepStop
from tenants.sweeps.sheets import Seen, Sheet, until

CLOSED, GOING_ON = "hy-03", "hy-14"
"""The grid worker of the demo walks the first one: done there before, and half begun this time."""
DONE = {CLOSED: 14, GOING_ON: 70}
"""Doors that the going sweep has behind it."""
NOT_YET = "这次不去（示例）"
ANSWERS = ("seen", "seen", "seen", "told", "away")


def make(tenant: Tenant, secretary: Actor) -> int:
    """Walk the doors as the grid workers would; answers how many sheets were written."""
    lots = Random(20221110)  # noqa: S311 the same sample for everybody
    with tenant_scope(tenant), acting(secretary):
        before = _begin("safety", "入冬用气用电排查（示例）", 60, 20, (CLOSED,))
        count = _walk(tenant, before, CLOSED, None, 55, lots)
        closing.close(before, _yards()[CLOSED])
        now_on = _begin("winter", "冬季关怀（示例）", 6, -14, (CLOSED, GOING_ON))
        count += sum(_walk(tenant, now_on, slug, doors, 5, lots) for slug, doors in DONE.items())
        waiting.step(now_on)
        return count


def _yards() -> dict[str, UUID]:
    return {row.slug: row.id for row in db.session.execute(select(Courtyard.slug, Courtyard.id))}


def _begin(purpose: str, title: str, since: int, until: int, slugs: Sequence[str]) -> UUID:
    """Plan and start a sweep that began and ends so many days ago."""
    yards = _yards()
    chosen = [yards[slug] for slug in slugs]
    left_out = {each: NOT_YET for each in yards.values() if each not in chosen}
    first, last = (today() - timedelta(days=days) for days in (since, until))
    sweep = planning.plan(purpose, title, first, last, courtyards=chosen, left_out=left_out)
    planning.start(sweep.id)
    began = datetime.combine(first, time(9), ZONE)
    db.session.execute(update(Sweep).where(Sweep.id == sweep.id).values(created_at=began, started_at=began))
    return sweep.id


def _walk(tenant: Tenant, sweep_id: UUID, slug: str, doors: int | None, ago: int, lots: Random) -> int:
    """Write the sheets of the first doors of a courtyard (None = of all) at one go; nobody's entry changes by them."""
    walker = next(each for each in working(tenant.uid, ("grid_worker",)) if slug in each.courtyards)
    query = select(SweepStop, Household.occupancy).join(Household, Household.id == SweepStop.household_id)
    query = query.where(SweepStop.sweep_id == sweep_id, SweepStop.courtyard_id == _yards()[slug])
    stops = db.session.execute(query.order_by(SweepStop.seq).limit(doors)).all()
    homes = _people([row.SweepStop.household_id for row in stops])
    for n, (stop, occupancy) in enumerate(stops):
        day = today() - timedelta(days=max(1, ago - n // 20))
        at = datetime.combine(day, time(9 + n % 9, n * 7 % 60), ZONE)
        _met(stop, _sheet(homes.get(stop.household_id, []), occupancy, lots, whole=doors is None), homes, at, walker)
    db.session.flush()
    return len(stops)


def _met(stop: SweepStop, sheet: Sheet, homes: dict[UUID, list[UUID]], at: datetime, walker: Worker) -> None:
    """One sheet as `service.record` leaves it behind."""
    told = {str(each.person_id): each.how for each in sheet.people}
    found = rules.settled(sheet.result, told, {str(each) for each in homes.get(stop.household_id, [])})
    stop.state, stop.tries, stop.worker = rules.state_after(sheet.result, found.values()), 1, walker.name
    stop.deferred_until = until(sheet, stop.state, at)
    stop.final_at = None if rules.is_open(stop.state) else at
    key = uuid7()
    words = {name: str(value) for name, value in sheet.plain().items() if value and name != "people"}
    words["people"] = json.dumps(told)
    db.session.add(
        StopTry(
            id=uuid7(), stop_id=stop.id, at=at, received_at=at, worker_id=walker.account_id, worker=walker.name,
            result=sheet.result, evening=rules.is_evening(at), client_key=key, body=key.bytes, note=sheet.note or None,
            sheet=rules.canonical(words), answer={}, kept=False, file_ids=[],
        )
    )  # fmt: skip
    db.session.add_all(
        StopPerson(
            id=uuid7(), stop_id=stop.id, person_id=UUID(each), person_then=UUID(each), result=word, at=at,
            possible_leak=False, leak_reason="", observation=None,
        )
        for each, word in found.items()
    )  # fmt: skip


def _people(homes: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    rows = db.session.execute(
        select(Person.id, Person.household_id).where(Person.household_id.in_(homes), Person.status == "here")
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(row.id)
    return found


def _sheet(people: Sequence[UUID], occupancy: str, lots: Random, *, whole: bool) -> Sheet:
    """What was found at one door: mostly everybody; at some doors of a going sweep nobody, or another day was asked."""
    if occupancy == "vacant" or not people:
        return Sheet("vacant")
    chance = 1.0 if whole else lots.random()
    if chance < 0.12:
        return Sheet("not_home")
    if chance < 0.17:
        return Sheet("deferred", note="请改天再来（示例）", deferred_until=today() + timedelta(days=1))
    if chance < 0.2:
        return Sheet("refused")
    return Sheet("visited", tuple(Seen(each, lots.choice(ANSWERS)) for each in people), consent=True)
