"""Reads of field work: what a phone takes along, what waits for a person, what a phone had seen."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from rongjiu.tenancy.models import Membership
from tenants.fieldwork.models import FieldItem
from tenants.residents.models import Courtyard, Household, Person, RegisterChange
from tenants.residents.queries import own_courtyards, versions
from tenants.sweeps import queries as sweeps
from tenants.sweeps import rules as sweep_rules
from tenants.sweeps import waiting as sweep_waits
from tenants.sweeps.models import Sweep, SweepCourtyard, SweepStop

WAITING = ("conflict", "held")
GRACE = timedelta(minutes=5)
"""How far a phone's clock, set right over a slow line, may still be off."""
_ROW = (
    FieldItem.id, FieldItem.kind, FieldItem.state, FieldItem.post, FieldItem.problem, FieldItem.told_at,
    FieldItem.received_at, FieldItem.skew, FieldItem.courtyard_id, Courtyard.name.label("courtyard"),
)  # fmt: skip


def homes(courtyards: Collection[UUID]) -> tuple[list[Any], list[Any]]:
    """The doors of some courtyards and the people behind them, without any sealed field."""
    doors = db.session.execute(
        select(Household.id, Household.courtyard_id, Household.building, Household.unit, Household.room,
               Household.occupancy)
        .where(Household.courtyard_id.in_(courtyards), Household.merged_into.is_(None))
        .order_by(Household.courtyard_id, Household.building, Household.unit, Household.room, Household.id)
    )  # fmt: skip
    people = db.session.execute(
        select(Person.id, Person.household_id, Person.name, Person.gender, Person.relation, Person.birth_date,
               Person.age_said, Person.age_on, Person.status, Person.phone_index.is_not(None).label("has_phone"))
        .join(Household, Household.id == Person.household_id)
        .where(Household.courtyard_id.in_(courtyards), Person.status != "merged")
        .order_by(Person.household_id, Person.seq)
    )  # fmt: skip
    return list(doors), list(people)


def stops(courtyards: Collection[UUID]) -> list[tuple[Any, Any]]:
    """The doors of running sweeps still to be done in these courtyards, each with when to go again."""
    rows = sweeps.bundle(courtyards)
    vain = sweeps.vain([row.stop_id for row in rows])
    waits, day = sweep_waits.waits(), today()
    return [
        (row, sweep_rules.go_again(row.state, vain[row.stop_id], row.deferred_until, waits, day)) for row in rows
    ]  # fmt: skip


def running(courtyards: Collection[UUID]) -> list[tuple[UUID, list[UUID]]]:
    """Sweeps that run in these courtyards: each with those of them that are open in it."""
    rows = db.session.execute(
        select(SweepCourtyard.sweep_id, SweepCourtyard.courtyard_id)
        .join(Sweep, Sweep.id == SweepCourtyard.sweep_id)
        .where(
            Sweep.state == "running", SweepCourtyard.in_scope, SweepCourtyard.state == "open",
            SweepCourtyard.courtyard_id.in_(courtyards),
        )
        .order_by(Sweep.started_at)
    )  # fmt: skip
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.sweep_id, []).append(row.courtyard_id)
    return list(found.items())


def yard_of_stop(stop_id: UUID) -> UUID | None:
    """The courtyard of a stop, or None."""
    return db.session.scalar(select(SweepStop.courtyard_id).where(SweepStop.id == stop_id))


def former_courtyards(account_id: UUID, at: datetime) -> list[UUID]:
    """The courtyards that an account worked at a moment, by any membership it had then, ended or not."""
    rows = db.session.scalars(
        select(Membership.courtyards).where(
            Membership.account_id == account_id,
            Membership.scope_kind == "community",
            Membership.scope_id == current_tenant().uid,
            Membership.role == "grid_worker",
            Membership.starts_at <= at + GRACE,
            or_(Membership.ends_at.is_(None), Membership.ends_at > at - GRACE),
        )
    )
    return own_courtyards({mark for marks in rows for mark in marks})


def worked_here(account_id: UUID) -> bool:
    """Was this account ever a grid worker of the community in force?"""
    found = select(Membership.id).where(
        Membership.account_id == account_id,
        Membership.scope_kind == "community",
        Membership.scope_id == current_tenant().uid,
        Membership.role == "grid_worker",
    )
    return db.session.scalar(found.limit(1)) is not None


def seen_by_phone(
    person_id: UUID, base: dict[str, str], device: UUID, account: UUID, seq: int
) -> tuple[dict[str, str], set[str]]:
    """What a phone had seen of a person's fields, its own earlier items included, and the fields of which a later item
    of the same phone has come already (items may arrive in any order)."""
    known = {name: mark for (_id, name), mark in versions(persons=[person_id]).items()}
    foreign = [UUID(mark) for name, mark in known.items() if base.get(name, "") != mark]
    if not foreign:
        return base, set()
    rows = db.session.execute(
        select(RegisterChange.id, RegisterChange.name, FieldItem.seq)
        .join(FieldItem, FieldItem.id == RegisterChange.source_id)
        .where(
            RegisterChange.id.in_(foreign), RegisterChange.source == "field", FieldItem.device_id == device,
            FieldItem.account_id == account,
        )
    ).all()  # fmt: skip
    seen = {row.name: str(row.id) for row in rows if row.seq < seq}
    return base | seen, {row.name for row in rows if row.seq > seq}


def page(*, state: str = "", post: str = "", page: int = 1, size: int = 50) -> tuple[list[Any], int]:
    """A page of items that wait for a person (or of one state, or from posts that begin so), the oldest first, and how
    many there are."""
    where = [FieldItem.state == state if state else FieldItem.state.in_(WAITING)]
    if post:
        where.append(FieldItem.post.startswith(post, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(FieldItem).where(*where)) or 0
    order = (FieldItem.received_at.desc(),) if state in ("applied", "settled") else (FieldItem.received_at,)
    rows = db.session.execute(
        select(*_ROW)
        .outerjoin(Courtyard, Courtyard.id == FieldItem.courtyard_id)
        .where(*where)
        .order_by(*order, FieldItem.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def counts() -> dict[str, int]:
    """Items by state."""
    rows = db.session.execute(select(FieldItem.state, func.count().label("n")).group_by(FieldItem.state))
    return {row.state: row.n for row in rows}


def one(item_id: UUID) -> Any:
    """One item with what was sent, or None."""
    row: Any = db.session.execute(
        select(
            *_ROW,
            FieldItem.payload,
            FieldItem.settled_why,
            FieldItem.object_kind,
            FieldItem.object_id,
            FieldItem.client_id,
        )
        .outerjoin(Courtyard, Courtyard.id == FieldItem.courtyard_id)
        .where(FieldItem.id == item_id)
    ).one_or_none()
    return row


def standing(person_id: UUID, names: Collection[str]) -> dict[str, Any]:
    """What stands in the register now, for comparing."""
    columns = [getattr(Person, name) for name in names]
    row = db.session.execute(select(*columns).where(Person.id == person_id)).one_or_none()
    return dict(row._mapping) if row else {}
