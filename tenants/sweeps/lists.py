"""Lists of the desk and of grid workers: sweeps, courtyards with their numbers, doors, tries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from rongjiu.db import db
from tenants.residents.models import Courtyard, Household, Person
from tenants.sweeps import queries, rules
from tenants.sweeps.models import StopPerson, StopTry, Sweep, SweepCertificate, SweepCourtyard, SweepStop

_COVERED = func.count(SweepStop.id).filter(SweepStop.state.in_(rules.COVERED))
_DONE = func.count(SweepStop.id).filter(SweepStop.state.in_(rules.FINAL))
_SWEEP = (
    Sweep.id, Sweep.number, Sweep.title, Sweep.purpose, Sweep.state, Sweep.starts_on, Sweep.ends_on, Sweep.started_at,
    Sweep.ended_at, Sweep.created_by, Sweep.session_id,
)  # fmt: skip


def sweeps(*, state: str = "", page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """A page of sweeps, the newest first, with doors, done and covered; and how many sweeps there are."""
    where = [Sweep.state == state] if state else []
    total = db.session.scalar(select(func.count()).select_from(Sweep).where(*where)) or 0
    rows = db.session.execute(
        select(*_SWEEP, func.count(SweepStop.id).label("doors"), _DONE.label("done"), _COVERED.label("covered"))
        .outerjoin(SweepStop, and_(SweepStop.sweep_id == Sweep.id, queries.standing()))
        .where(*where)
        .group_by(*_SWEEP)
        .order_by(Sweep.number.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def sweep(sweep_id: UUID) -> Any:
    """One sweep, or None."""
    return db.session.execute(select(*_SWEEP).where(Sweep.id == sweep_id)).one_or_none()


@dataclass(frozen=True, slots=True)
class Yard:
    """One courtyard of a sweep with its doors by state."""

    id: UUID
    name: str
    grid: str
    in_scope: bool
    reason: str
    worker_id: UUID | None
    worker: str
    state: str
    closed_at: datetime | None
    closed_by: str
    counts: dict[str, int]

    @property
    def doors(self) -> int:
        """All doors."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Doors with a final result."""
        return sum(n for state, n in self.counts.items() if state in rules.FINAL)

    @property
    def covered(self) -> int:
        """Doors that count as covered."""
        return sum(n for state, n in self.counts.items() if state in rules.COVERED)

    @property
    def percent(self) -> int:
        """Covered of all."""
        return rules.percent(self.covered, self.doors)


def yards(sweep_id: UUID) -> list[Yard]:
    """The courtyards of a sweep in their order, in scope and left out."""
    counts: dict[UUID, dict[str, int]] = {}
    rows = db.session.execute(
        select(SweepStop.courtyard_id, SweepStop.state, func.count().label("n"))
        .where(SweepStop.sweep_id == sweep_id, queries.standing())
        .group_by(SweepStop.courtyard_id, SweepStop.state)
    )
    for row in rows:
        counts.setdefault(row.courtyard_id, {})[row.state] = row.n
    found = db.session.execute(
        select(
            Courtyard.id, Courtyard.name, Courtyard.grid, SweepCourtyard.in_scope, SweepCourtyard.reason,
            SweepCourtyard.worker_id, SweepCourtyard.worker, SweepCourtyard.state, SweepCourtyard.closed_at,
            SweepCourtyard.closed_by,
        )
        .join(Courtyard, Courtyard.id == SweepCourtyard.courtyard_id)
        .where(SweepCourtyard.sweep_id == sweep_id)
        .order_by(Courtyard.seq, Courtyard.slug)
    )  # fmt: skip
    return [Yard(**dict(row._mapping), counts=counts.get(row.id, {})) for row in found]


def slugs() -> dict[UUID, str]:
    """Slugs of the courtyards, by which memberships name them."""
    return {row.id: row.slug for row in db.session.execute(select(Courtyard.id, Courtyard.slug))}


_DOOR = (
    SweepStop.id, SweepStop.sweep_id, SweepStop.household_id, SweepStop.courtyard_id, SweepStop.seq, SweepStop.state,
    SweepStop.tries, SweepStop.first, SweepStop.at_door, SweepStop.deferred_until, SweepStop.final_at, SweepStop.worker,
    Household.building, Household.unit, Household.room, Courtyard.name.label("courtyard"),
)  # fmt: skip


def _doors(*where: Any) -> Any:
    return (
        select(*_DOOR)
        .join(Household, Household.id == SweepStop.household_id)
        .join(Courtyard, Courtyard.id == SweepStop.courtyard_id)
        .where(*where)
    )


def doors(
    sweep_id: UUID, *, courtyards: Collection[UUID] | None = None, states: Collection[str] = (), page: int = 1,
    size: int = 50,
) -> tuple[list[Any], int]:  # fmt: skip
    """A page of doors in walking order, and how many there are."""
    where: list[Any] = [SweepStop.sweep_id == sweep_id, queries.standing()]
    if courtyards is not None:
        where.append(SweepStop.courtyard_id.in_(courtyards))
    if states:
        where.append(SweepStop.state.in_(states))
    total = db.session.scalar(select(func.count()).select_from(SweepStop).where(*where)) or 0
    query = _doors(*where).order_by(SweepStop.first.desc(), Courtyard.seq, SweepStop.seq, SweepStop.id)
    return list(db.session.execute(query.limit(size).offset((page - 1) * size))), total


def by_household(sweep_id: UUID, households: Collection[UUID]) -> dict[UUID, Any]:
    """Doors of some households, whether they have a stop in the sweep or not."""
    rows = db.session.execute(
        select(
            Household.id, Household.building, Household.unit, Household.room, Courtyard.name.label("courtyard"),
            SweepStop.id.label("stop_id"), SweepStop.state,
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .outerjoin(SweepStop, and_(SweepStop.household_id == Household.id, SweepStop.sweep_id == sweep_id))
        .where(Household.id.in_(households))
    )  # fmt: skip
    return {row.id: row for row in rows}


def names(persons: Collection[UUID]) -> dict[UUID, str]:
    """Names of some people; the page masks them."""
    rows = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(persons)))
    return {row.id: row.name for row in rows}


def door(stop_id: UUID, courtyards: Collection[UUID] | None = None) -> Any:
    """One door with its sweep and the state of its courtyard, as far as one's courtyards reach; None otherwise."""
    query = (
        _doors(SweepStop.id == stop_id)
        .add_columns(
            Sweep.number, Sweep.title, Sweep.state.label("sweep_state"), SweepCourtyard.state.label("yard_state")
        )
        .join(Sweep, Sweep.id == SweepStop.sweep_id)
        .join(
            SweepCourtyard,
            and_(SweepCourtyard.sweep_id == SweepStop.sweep_id, SweepCourtyard.courtyard_id == SweepStop.courtyard_id),
        )
    )
    if courtyards is not None:
        query = query.where(SweepStop.courtyard_id.in_(courtyards))
    return db.session.execute(query).one_or_none()


def tries(stop_id: UUID) -> list[Any]:
    """Every sheet of a door with the worker's note, the newest first; opened on the page of one door only."""
    query = (
        select(StopTry.id, StopTry.at, StopTry.worker, StopTry.result, StopTry.evening, StopTry.kept, StopTry.note,
               StopTry.answer)
        .where(StopTry.stop_id == stop_id)
        .order_by(StopTry.at.desc(), StopTry.id.desc())
    )  # fmt: skip
    return list(db.session.execute(query))


def results(stop_id: UUID) -> list[Any]:
    """People of a door with their results."""
    query = (
        select(Person.id, Person.name, Person.relation, StopPerson.result, StopPerson.at)
        .join(StopPerson, StopPerson.person_id == Person.id)
        .where(StopPerson.stop_id == stop_id)
        .order_by(Person.seq, Person.id)
    )
    return list(db.session.execute(query))


def signals(sweep_id: UUID) -> set[str]:
    """Numbers of the signals that the sheets of a sweep became."""
    query = (
        select(StopTry.answer["signals"])
        .join(SweepStop, SweepStop.id == StopTry.stop_id)
        .where(SweepStop.sweep_id == sweep_id, func.jsonb_array_length(StopTry.answer["signals"]) > 0)
    )
    return {number for numbers in db.session.scalars(query) for number in numbers}


def of_household(household_id: UUID) -> list[Any]:
    """What sweeps found at the doors of one household: number, state, when, which post; for its timeline."""
    query = (
        select(Sweep.number, SweepStop.state, SweepStop.final_at, SweepStop.worker)
        .join(Sweep, Sweep.id == SweepStop.sweep_id)
        .where(SweepStop.household_id == household_id, SweepStop.final_at.is_not(None))
    )
    return list(db.session.execute(query))


def kept(sweep_id: UUID) -> list[Any]:
    """Sheets that came for doors that were done already: kept for the secretary to see."""
    query = (
        select(StopTry.at, StopTry.worker, StopTry.result, *_DOOR)
        .join(SweepStop, SweepStop.id == StopTry.stop_id)
        .join(Household, Household.id == SweepStop.household_id)
        .join(Courtyard, Courtyard.id == SweepStop.courtyard_id)
        .where(SweepStop.sweep_id == sweep_id, StopTry.kept)
        .order_by(StopTry.at)
    )
    return list(db.session.execute(query))


def certificate(sweep_id: UUID, courtyard_id: UUID) -> Any:
    """The certificate of a courtyard with its sweep, or None."""
    return db.session.execute(
        select(
            SweepCertificate.content, SweepCertificate.digest, SweepCertificate.signature, SweepCertificate.signed_by,
            SweepCertificate.signed_at, Sweep.number, Sweep.title, Sweep.purpose, Sweep.starts_on, Sweep.ends_on,
            Courtyard.name.label("courtyard"), Sweep.id.label("sweep_id"),
        )
        .join(Sweep, Sweep.id == SweepCertificate.sweep_id)
        .join(Courtyard, Courtyard.id == SweepCertificate.courtyard_id)
        .where(SweepCertificate.sweep_id == sweep_id, SweepCertificate.courtyard_id == courtyard_id)
    ).one_or_none()  # fmt: skip


def running(courtyards: Collection[UUID]) -> Sequence[Any]:
    """Sweeps that run in these courtyards, with doors and done: for a grid worker's day."""
    query = (
        select(Sweep.id, Sweep.number, Sweep.title, Sweep.ends_on, func.count(SweepStop.id).label("doors"), _DONE.label("done"))
        .join(SweepCourtyard, and_(SweepCourtyard.sweep_id == Sweep.id, SweepCourtyard.in_scope))
        .outerjoin(
            SweepStop,
            and_(
                SweepStop.sweep_id == Sweep.id, SweepStop.courtyard_id == SweepCourtyard.courtyard_id, queries.standing()
            ),
        )
        .where(Sweep.state == "running", SweepCourtyard.state == "open", SweepCourtyard.courtyard_id.in_(courtyards))
        .group_by(Sweep.id, Sweep.number, Sweep.title, Sweep.ends_on)
        .order_by(Sweep.number)
    )  # fmt: skip
    return list(db.session.execute(query))
