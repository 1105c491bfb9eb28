"""Which rows of a community point at a person or a household: read from the tables themselves, so that a table made
later is not forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    and_,
    func,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from rongjiu.db import Base, current_tenant, db

STAYS: Mapping[str, str] = {
    "register_change.person_id": "the history stays with the entry of which it tells; append-only",
    "register_change.household_id": "the history stays with the entry of which it tells; append-only",
    "one_touch.person_id": "the log says whom it was taught; append-only",
    "standing.household_id": "what a household stands at is judged anew each night",
    "person.household_id": "people are moved one by one, with their order in the household (merging.py)",
}
"""Columns whose rows keep pointing at the entry that was dropped, and why."""
LOOSE: Mapping[str, tuple[str, ...]] = {"person": ("person_id",), "household": ("household_id",)}
"""Columns of these names point at the table also where no foreign key says so, such as those of an offer."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One column that points at a person or a household."""

    table: Table
    column: str

    @property
    def name(self) -> str:
        """table.column"""
        return f"{self.table.name}.{self.column}"


def pointing(target: str) -> list[Reference]:
    """Every column of a tenant table that points at `target` (person | household), but those that stay."""
    return [each for each in every(target) if each.name not in STAYS]


def every(target: str) -> list[Reference]:
    """Every column of a tenant table that points at `target`."""
    found = []
    for table in sorted(Base.metadata.tables.values(), key=lambda each: each.name):
        if "tenant_id" not in table.c or table.name == target:
            continue
        names = {
            column.name
            for key in table.foreign_key_constraints
            if key.referred_table.name == target
            for column in key.columns
            if column.name != "tenant_id"
        }
        names |= {name for name in LOOSE[target] if name in table.c}
        found += [Reference(table, name) for name in sorted(names)]
    return found


def move(target: str, keep: UUID, drop: UUID) -> dict[str, list[str]]:
    """Let all that points at `drop` point at `keep`; answers the ids of the rows by column.

    A row that would say again what one of the kept entry says already, or that a person stands to themselves (a
    carer), stays with the dropped one.
    """
    moved = {}
    for each in pointing(target):
        t, column = each.table, each.table.c[each.column]
        where = [t.c.tenant_id == current_tenant().id, column == drop, *_free(each, target, keep)]
        rows = db.session.execute(update(t).where(*where).values({each.column: keep}).returning(t.c.id))
        ids = [str(row.id) for row in rows]
        if ids:
            moved[each.name] = ids
    return moved


def move_back(target: str, moved: Mapping[str, list[str]], keep: UUID, drop: UUID) -> None:
    """Undo `move` for the rows that still point at `keep`."""
    for each in pointing(target):
        ids = [UUID(text) for text in moved.get(each.name, ())]
        if ids:
            t = each.table
            where = (t.c.tenant_id == current_tenant().id, t.c.id.in_(ids), t.c[each.column] == keep)
            db.session.execute(update(t).where(*where).values({each.column: drop}))


def elsewhere(target: str, moved: Mapping[str, list[str]], keep: UUID) -> list[str]:
    """Tables in which a moved row now points at somebody else."""
    found = []
    for each in pointing(target):
        ids = [UUID(text) for text in moved.get(each.name, ())]
        if ids:
            t = each.table
            where = (t.c.tenant_id == current_tenant().id, t.c.id.in_(ids), t.c[each.column] != keep)
            if db.session.scalar(select(func.count()).select_from(t).where(*where)):
                found.append(t.name)
    return found


def _free(each: Reference, target: str, keep: UUID) -> list[ColumnElement[bool]]:
    """What must hold of a row so that pointing it at `keep` breaks no unique rule and says nothing absurd."""
    t, rules = each.table, list[ColumnElement[bool]]()
    for columns, only in _unique(t):
        if each.column in columns:
            twin = t.alias()
            same = [twin.c[name] == t.c[name] for name in columns if name != each.column]
            taken = select(twin.c.tenant_id).where(twin.c[each.column] == keep, *same, *only).exists()
            rules.append(or_(not_(and_(*only)), not_(taken)) if only else not_(taken))
            others = [one.column for one in every(target) if one.table is t and one.column != each.column]
            rules += [or_(t.c[name].is_(None), t.c[name] != keep) for name in others if name in columns]
    return [and_(*rules)] if rules else []


def _unique(table: Table) -> list[tuple[list[str], list[Any]]]:
    """Columns that stand once together, and of which rows that holds: the condition of a partial index is in words, so
    that it speaks of the twin within its subquery and of the row itself outside."""
    keys: list[Any] = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
    keys += [each for each in table.indexes if each.unique]
    return [([column.name for column in key.columns], _only(key)) for key in keys]


def _only(key: Any) -> list[Any]:
    where = key.dialect_options["postgresql"].get("where") if isinstance(key, Index) else None
    return [] if where is None else [literal_column(f"({where.text})", Boolean)]
