"""Taking an import back: what nobody has touched since goes, what others stand on stays and is named."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, func, select

from rongjiu.codes import N_
from rongjiu.db import Base, OfTenant, current_tenant, db
from tenants.imports.lines import Fault
from tenants.imports.models import ImportIssue
from tenants.imports.plans import Noticed
from tenants.rescreening.models import Standing, VerdictChange
from tenants.residents import changing
from tenants.residents.changing import Origin
from tenants.residents.models import Building, Courtyard, Household, Person, RegisterChange, RegisterReview
from tenants.residents.queries import versions

_NAMED = {"person": ("person_id", "carer_id"), "household": ("household_id",)}
"""Columns that name a person or household even where no key says so."""
_BY_ITSELF: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (RegisterReview, ("one_id", "other_id")), (Standing, ("subject_id", "household_id")),
    (VerdictChange, ("subject_id", "household_id")),
)  # fmt: skip
"""What the house works out by itself of everybody holds nobody back and goes with them; and the columns that name whom."""
_DERIVED = [model.__tablename__ for model, _columns_ in _BY_ITSELF]
_PART = 5000


@dataclass
class Gone:
    """What was taken back, and what had to stay."""

    persons: int = 0
    households: int = 0
    restored: int = 0
    kept: list[Noticed] = field(default_factory=list)


def undo(
    batch_id: UUID,
    rows: Mapping[UUID, int],
    yards: Collection[UUID],
    progress: Callable[[UUID, int], Callable[[int], None]],
) -> Gone:
    """Take back one import; `rows` says in which row each person it entered stood."""
    gone = Gone()
    _restore(batch_id, gone, progress)
    _remove_people(batch_id, rows, gone)
    _remove_homes(batch_id, gone)
    _remove_buildings(batch_id)
    if yards:
        used = set(db.session.scalars(select(Household.courtyard_id).where(Household.courtyard_id.in_(yards))))
        free = [each for each in yards if each not in used and not _in_use("courtyard", "courtyard_id", [each])]
        _delete(Courtyard, free)
    return gone


def _restore(batch_id: UUID, gone: Gone, progress: Callable[[UUID, int], Callable[[int], None]]) -> None:
    """Fields that are still as the import left them get their value of before, each with its own history."""
    change = RegisterChange
    written = db.session.execute(
        select(change.id, change.person_id, change.name, change.before)
        .where(change.source == "import", change.source_id == batch_id)
        .order_by(change.person_id, change.id)
    ).all()
    tell = progress(batch_id, len(written))
    newest: dict[tuple[UUID, str], str] = {}
    people = list({row.person_id for row in written})
    for start in range(0, len(people), _PART):
        newest |= versions(persons=people[start : start + _PART])
    before: dict[UUID, dict[str, Any]] = {}
    for row in written:
        if newest.get((row.person_id, row.name)) == str(row.id):
            before.setdefault(row.person_id, {})[row.name] = _value(row.name, row.before)
        else:
            text: Fault = (row.name, N_("这一项后来又有人改过，没有改回。"), {})
            gone.kept.append(Noticed(0, "kept", text, ""))
    for n, (person_id, values) in enumerate(before.items(), 1):
        changing.change_person(person_id, values, origin=Origin("undo", batch_id))
        gone.restored += 1
        if n % 100 == 0:
            tell(n)


def _value(name: str, kept: str | None) -> Any:
    """A value of the history as the register takes it."""
    if name in ("groups", "languages"):
        return json.loads(kept) if kept else []
    if name == "birth_date":
        return date.fromisoformat(kept) if kept else None
    return kept or ""


def _remove_people(batch_id: UUID, rows: Mapping[UUID, int], gone: Gone) -> None:
    here = set(db.session.scalars(select(Person.id).where(Person.import_id == batch_id)))
    used = _users("person", select(Person.id).where(Person.import_id == batch_id)) & here
    if used:
        names = {row.id: (row.name, row.household_id) for row in db.session.execute(
            select(Person.id, Person.name, Person.household_id).where(Person.id.in_(used))
        )}  # fmt: skip
        for person_id in sorted(used, key=lambda each: rows.get(each, 0)):
            name, home = names[person_id]
            why: Fault = ("", N_("后来有人用到或改过，留在登记册里。"), {})
            gone.kept.append(Noticed(rows.get(person_id, 0), "kept", why, name, home))
    _clear(here - used)
    gone.persons = _delete(Person, here - used)


def _remove_homes(batch_id: UUID, gone: Gone) -> None:
    here = set(db.session.scalars(select(Household.id).where(Household.import_id == batch_id)))
    used = _users("household", select(Household.id).where(Household.import_id == batch_id)) & here
    h, lived_in = Household, select(Person.household_id).where(Person.household_id.in_(used))
    empty = select(h.id, h.building, h.unit, h.room).where(h.id.in_(used), h.id.not_in(lived_in))
    why: Fault = ("", N_("这一户后来有人用到，留在登记册里，没有人住。"), {})
    for row in db.session.execute(empty.order_by(h.building, h.unit, h.room, h.id)):
        door = "-".join(filter(None, (row.building, row.unit, row.room)))
        gone.kept.append(Noticed(0, "kept", why, door, row.id))
    _clear(here - used)
    gone.households = _delete(Household, here - used)


def _remove_buildings(batch_id: UUID) -> None:
    """Buildings that it named first go when no door stands there and nobody has written anything about them."""
    b, h = Building, Household
    lived_in = select(h.id).where(h.tenant_id == b.tenant_id, h.courtyard_id == b.courtyard_id, h.building == b.name)
    untold = (
        b.units.is_(None) & b.floors.is_(None) & b.built_in.is_(None) & (b.lift == "") & (b.note == "")
        & (func.jsonb_array_length(b.barriers) == 0)
    )  # fmt: skip
    _delete(b, db.session.scalars(select(b.id).where(b.import_id == batch_id, untold, ~lived_in.exists())).all())


def _users(kind: str, of: Any) -> set[Any]:
    """Ids of persons or households on which any row of any room stands."""
    found: set[Any] = set()
    for table in _tables():
        for name in _columns(table, kind):
            column = table.c[name]
            here = (table.c.tenant_id == current_tenant().id) & column.in_(of)
            found |= set(db.session.scalars(select(column).where(here).distinct()))
    return found


def _in_use(kind: str, column: str, ids: Iterable[UUID]) -> bool:
    return any(
        db.session.scalar(
            select(table.c[name]).where(table.c.tenant_id == current_tenant().id, table.c[name].in_(ids)).limit(1)
        )
        for table in _tables()
        for name in {*_columns(table, kind), *({column} & set(table.c.keys()))}
    )


def _tables() -> list[Table]:
    known = {mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, OfTenant)}
    return [
        table
        for table in known
        if isinstance(table, Table) and table.name not in (ImportIssue.__tablename__, *_DERIVED)
    ]


def _columns(table: Table, kind: str) -> set[str]:
    """Columns of a table that name a row of this kind: by key, or by what they are called."""
    found = {name for name in _NAMED.get(kind, ()) if name in table.c}
    if table.name == kind and "merged_into" in table.c:
        found.add("merged_into")
    for key in table.foreign_key_constraints:
        if key.referred_table.name == kind:
            found |= {column.name for column in key.columns} - {"tenant_id"}
    return found


def _clear(ids: Collection[UUID]) -> None:
    """Remove what the house worked out by itself of persons or households that go."""
    listed = list(ids)
    for model, names in _BY_ITSELF:
        for name, start in product(names, range(0, len(listed), _PART)):
            gone = delete(model).where(getattr(model, name).in_(listed[start : start + _PART]))
            db.session.execute(gone, execution_options={"synchronize_session": False})


def _delete(model: Any, ids: Collection[UUID]) -> int:
    listed, count = list(ids), 0
    for start in range(0, len(listed), _PART):
        some = delete(model).where(model.id.in_(listed[start : start + _PART]))
        result: Any = db.session.execute(some, execution_options={"synchronize_session": False})
        count += int(result.rowcount)
    return count
