"""Reads of sweeps for screens. Lists select columns and open no sealed field."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, not_, select

from rongjiu.clock import today
from rongjiu.db import db
from tenants.residents import queries as register
from tenants.residents import rules as people_rules
from tenants.residents.models import Courtyard, Household, Person
from tenants.sweeps import rules
from tenants.sweeps.models import StopPerson, StopTry, Sweep, SweepCourtyard, SweepStop


@dataclass(frozen=True, slots=True)
class BundlePerson:
    """One person behind a door, with the result so far ('' = none)."""

    id: UUID
    name: str
    age: int | None
    relation: str
    groups: tuple[str, ...]
    result: str


@dataclass(frozen=True, slots=True)
class BundleStop:
    """One door still to be done, with all that a worker needs there. `base` goes back with the sheet as it came."""

    stop_id: UUID
    sweep_id: UUID
    number: str
    courtyard_id: UUID
    courtyard: str
    household_id: UUID
    building: str
    unit: str
    room: str
    seq: int
    state: str
    tries: int
    first: bool
    deferred_until: date | None
    people: tuple[BundlePerson, ...]
    base: dict[str, str]


def standing() -> ColumnElement[bool]:
    """Of stops those that count. An open door whose household has been taken into another entry of the register is
    that other entry's door; a door that was done stays, so that a certificate proves what was done."""
    merged = select(Household.id).where(Household.merged_into.is_not(None))
    return not_(and_(SweepStop.state.not_in(rules.FINAL), SweepStop.household_id.in_(merged)))


def open_doors(sweep_id: UUID, courtyard_id: UUID) -> bool:
    """Has a courtyard of a sweep a door that is still open?"""
    query = select(SweepStop.id).where(
        SweepStop.sweep_id == sweep_id, SweepStop.courtyard_id == courtyard_id, SweepStop.state.not_in(rules.FINAL),
        standing(),
    )  # fmt: skip
    return db.session.scalar(query.limit(1)) is not None


def bundle(courtyards: Collection[UUID]) -> list[BundleStop]:
    """The doors of running sweeps in these courtyards that are open or where somebody has no result yet: those
    unreached last time first, then in the order in which they are walked. Six statements, however many doors."""
    found = list(
        db.session.execute(
            select(
                SweepStop.id, SweepStop.sweep_id, Sweep.number, SweepStop.courtyard_id, Courtyard.name.label("courtyard"),
                SweepStop.household_id, Household.building, Household.unit, Household.room, SweepStop.seq,
                SweepStop.state, SweepStop.tries, SweepStop.first, SweepStop.deferred_until,
            )
            .join(Sweep, Sweep.id == SweepStop.sweep_id)
            .join(Courtyard, Courtyard.id == SweepStop.courtyard_id)
            .join(Household, Household.id == SweepStop.household_id)
            .join(
                SweepCourtyard,
                (SweepCourtyard.sweep_id == SweepStop.sweep_id)
                & (SweepCourtyard.courtyard_id == SweepStop.courtyard_id),
            )
            .where(
                Sweep.state == "running", SweepCourtyard.state == "open", SweepStop.courtyard_id.in_(courtyards),
                standing(),
            )
            .order_by(SweepStop.first.desc(), SweepStop.seq, SweepStop.id)
        )
    )  # fmt: skip
    people = _people(found)
    doors = [row for row in found if rules.is_open(row.state) or _lacks(people[row.id])]
    homes = [row.household_id for row in doors]
    souls = [each.id for row in doors for each in people[row.id]]
    versions = register.versions(persons=souls, households=homes)
    by_row: dict[UUID, dict[str, str]] = {}
    for (row_id, name), version in versions.items():
        by_row.setdefault(row_id, {})[f"{row_id}/{name}"] = version
    return [
        BundleStop(
            row.id, row.sweep_id, row.number, row.courtyard_id, row.courtyard, row.household_id, row.building, row.unit,
            row.room, row.seq, row.state, row.tries, row.first, row.deferred_until, tuple(people[row.id]),
            {
                key: version
                for each in (row.household_id, *(soul.id for soul in people[row.id]))
                for key, version in by_row.get(each, {}).items()
            },
        )
        for row in doors
    ]  # fmt: skip


def door(stop: Any) -> tuple[list[BundlePerson], dict[str, str]]:
    """Who lives behind one door (`id`, `household_id` of its stop) with results, and the versions of its fields."""
    people = _people([stop])[stop.id]
    versions = register.versions(persons=[each.id for each in people], households=[stop.household_id])
    return people, {f"{row}/{name}": version for (row, name), version in versions.items()}


def _lacks(people: Collection[BundlePerson]) -> bool:
    return any(each.result in rules.OPEN_PERSON for each in people)


def _people(stops: Collection[Any]) -> dict[UUID, list[BundlePerson]]:
    """Who lives behind the doors of some stops, head first, with the results of the stop."""
    homes = {row.household_id: row.id for row in stops}
    sweep_of = {row.id: row.sweep_id for row in stops}
    results = results_of(set(sweep_of.values()), homes)
    rows = db.session.execute(
        select(
            Person.id, Person.household_id, Person.name, Person.birth_date, Person.age_said, Person.age_on,
            Person.relation, Person.groups,
        )
        .where(Person.household_id.in_(homes), Person.status == "here")
        .order_by(Person.household_id, Person.seq, Person.id)
    )  # fmt: skip
    found: dict[UUID, list[BundlePerson]] = {row.id: [] for row in stops}
    for row in rows:
        stop_id = homes[row.household_id]
        age = people_rules.age(row.birth_date, row.age_said, row.age_on, today())
        found[stop_id].append(
            BundlePerson(
                row.id, row.name, age, row.relation, tuple(row.groups), results.get((sweep_of[stop_id], row.id), "")
            )
        )
    return found


def results_of(sweeps: Collection[UUID], homes: Collection[UUID]) -> dict[tuple[UUID, UUID], str]:
    """What became of the people who live in some households, by (sweep, person): also where they were answered for at
    another door of the same sweep, before two entries of the register became one. A result goes before an open one."""
    rows = db.session.execute(
        select(SweepStop.sweep_id, StopPerson.person_id, StopPerson.result)
        .join(SweepStop, SweepStop.id == StopPerson.stop_id)
        .join(Person, Person.id == StopPerson.person_id)
        .where(SweepStop.sweep_id.in_(sweeps), Person.household_id.in_(homes))
    )
    found: dict[tuple[UUID, UUID], str] = {}
    for row in rows:
        key = (row.sweep_id, row.person_id)
        if found.get(key, "") in rules.OPEN_PERSON:
            found[key] = row.result
    return found


def vain(stops: Collection[UUID]) -> dict[UUID, list[datetime]]:
    """When nobody was met, stop by stop."""
    found: dict[UUID, list[datetime]] = {each: [] for each in stops}
    rows = db.session.execute(
        select(StopTry.stop_id, StopTry.at).where(
            StopTry.stop_id.in_(stops), StopTry.result == "not_home", ~StopTry.kept
        )
    )
    for row in rows:
        found[row.stop_id].append(row.at)
    return found
