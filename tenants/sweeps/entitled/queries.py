"""The 应保尽保 list as the desk reads it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import db
from tenants.residents.models import Courtyard, Person
from tenants.sweeps.models import Entitled, Sweep, SweepStop

_ENTITLED = (
    select(
        Entitled.id, Entitled.state, Entitled.leak_reason, Entitled.policy, Entitled.reason, Entitled.possible_on,
        Entitled.found_on, Entitled.applied_on, Entitled.granted_on, Entitled.refused_on, Entitled.signal_id, Sweep.number,
        Person.name, Person.household_id, Courtyard.name.label("courtyard"),
    )
    .join(Sweep, Sweep.id == Entitled.sweep_id)
    .join(Person, Person.id == Entitled.person_id)
    .join(SweepStop, SweepStop.id == Entitled.stop_id)
    .join(Courtyard, Courtyard.id == SweepStop.courtyard_id)
)  # fmt: skip


def listed(*, state: str = "", number: str = "", page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """A page of the 应保尽保 list, those still to be followed first; and how many there are."""
    where: list[Any] = [Entitled.state == state] if state else []
    if number:
        where.append(Sweep.number == number)
    count = select(func.count()).select_from(Entitled).join(Sweep, Sweep.id == Entitled.sweep_id).where(*where)
    order = func.array_position(["possible", "found", "applied", "refused", "granted", "not_entitled"], Entitled.state)
    rows = db.session.execute(
        _ENTITLED.where(*where).order_by(order, Entitled.possible_on, Entitled.id).limit(size).offset((page - 1) * size)
    )
    return list(rows), db.session.scalar(count) or 0


def one(entitled_id: UUID) -> Any:
    """One entry of the list, or None."""
    return db.session.execute(_ENTITLED.where(Entitled.id == entitled_id)).one_or_none()


def counts() -> dict[str, int]:
    """People on the 应保尽保 list by state."""
    rows = db.session.execute(select(Entitled.state, func.count().label("n")).group_by(Entitled.state))
    return {row.state: row.n for row in rows}
