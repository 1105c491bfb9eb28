"""Writing a plan into the register in one go: new rows by COPY into a temporary table and INSERT … SELECT (COPY itself
is refused under row security), changed fields with their history. The caller's transaction holds all of it."""

import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.orm import InstrumentedAttribute

from rongjiu import crypto
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Clash
from rongjiu.ids import uuid7
from tenants.imports.matching import EVERY
from tenants.imports.plans import Changed, Home, Incoming, Plan
from tenants.residents import changing
from tenants.residents.likeness import sensitive
from tenants.residents.models import Building, Courtyard, Household, Person, RegisterChange
from tenants.residents.rules import kept_text
from tenants.reviews.imported import ask_many

Tell = Callable[[int], None]
TOLD = "导入的台账和登记册不同"
"""The reason of a change that a file tells."""
_HOME = (
    "tenant_id", "id", "courtyard_id", "building", "unit", "room", "occupancy", "import_id", "created_at", "demo",
)  # fmt: skip
_PERSON = (
    "tenant_id", "id", "household_id", "seq", "name", "pinyin", "gender", "relation", "birth_date", "age_said",
    "age_on", "phone", "phone_index", "id_number", "id_index", "condition", "groups", "labels", "status", "import_id",
    "demo",
)  # fmt: skip
_MAY_STAGE = text(
    "SELECT has_database_privilege(current_database(), 'TEMP') AND NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')"
)
_MARK = struct.Struct(">I16s")


@dataclass(frozen=True, slots=True)
class Written:
    """Row number and id of each new person, packed; and for how many people the secretary was asked."""

    marks: bytes
    asked: int


def write(plan: Plan, batch_id: UUID, *, demo: bool, changes: bool, tell: Tell) -> Written:
    """Enter what is new and change what differs, or ask for it.

    `tell` hears how many rows are written. Raises Clash when somebody changed the same people meanwhile.
    """
    tenant = current_tenant()
    for n, (name, yard) in enumerate(plan.new_yards.items()):
        seq = 1000 + n
        db.session.add(Courtyard(id=yard, slug=f"yard-{yard.hex[-8:]}", seq=seq, name=name, source="", demo=demo))
    db.session.flush()
    at = now()
    homes = [
        (tenant.id, home.id, home.courtyard, key[1], key[2], key[3], "vacant" if home.vacant and not home.incoming else "lived_in",
         batch_id, at, demo)
        for key, home in plan.homes.items() if home.fresh
    ]  # fmt: skip
    _buildings(plan, batch_id)
    _bulk(Household, _HOME, iter(homes), _silent)
    marks = bytearray()
    _bulk(Person, _PERSON, _people(plan, batch_id, demo, marks), tell)
    return Written(bytes(marks), _change(plan.changes, batch_id) if changes else 0)


def _buildings(plan: Plan, batch_id: UUID) -> None:
    """A row for each building that doors of the file name and the register lacks; what is not known of it stays open."""
    named = {(key[0], key[1]) for key, home in plan.homes.items() if key[1] and (home.fresh or home.incoming)}
    if not named:
        return
    b = Building
    last: dict[UUID, int] = {}
    for yard, name, seq in db.session.execute(select(b.courtyard_id, b.name, b.seq)):
        named.discard((yard, name))
        last[yard] = max(last.get(yard, 0), seq)
    for yard, name in sorted(named, key=lambda each: (str(each[0]), len(each[1]), each[1])):
        last[yard] = last.get(yard, 0) + 1
        db.session.add(b(id=uuid7(), courtyard_id=yard, name=name, seq=last[yard], barriers=[], import_id=batch_id))
    db.session.flush()


def unpack(marks: bytes | None) -> dict[UUID, int]:
    """Row number of each person that `write` answered."""
    return {UUID(bytes=uid): row for row, uid in _MARK.iter_unpack(marks or b"")}


def _silent(_done: int) -> None:
    """Nobody waits for this step."""


def _people(plan: Plan, batch_id: UUID, demo: bool, marks: bytearray) -> Iterator[tuple[Any, ...]]:
    tenant, day = current_tenant(), today()
    for home in plan.each_home():
        if not home.incoming:
            continue
        seq = max((person.seq for person in home.people), default=0)
        for new in _heads_first(home):
            seq += 1
            marks += _MARK.pack(new.line.row, new.id.bytes)
            yield _row(tenant.id, tenant.uid, home, new, seq, day, batch_id, demo)


def _heads_first(home: Home) -> Sequence[Incoming]:
    return sorted(home.incoming, key=lambda new: new.line.relation != "02") if len(home.incoming) > 1 else home.incoming


def _row(
    number: int, uid: UUID, home: Home, new: Incoming, seq: int, day: Any, batch_id: UUID, demo: bool
) -> tuple[Any, ...]:
    line = new.line
    return (
        number, new.id, home.id, seq, line.name, changing.reading(line.name), line.gender, line.relation, line.born, line.age,
        day if line.age is not None else None,
        crypto.seal(line.phone.encode(), uid, "person|phone") if line.phone else None, new.phone_index,
        crypto.seal(line.id_number.encode(), uid, "person|id_number") if line.id_number else None, new.id_index,
        crypto.seal(line.condition.encode(), uid, "person|condition") if line.condition else None,
        json.dumps(line.groups) if line.groups else "[]", "[]", "here", batch_id, demo,
    )  # fmt: skip


def _bulk(model: type[Household] | type[Person], columns: Sequence[str], rows: Iterator[Any], tell: Tell) -> None:
    """Insert rows of ready values: through a temporary table, or one by one where tables are distributed (Citus) or
    the app may make none (a database set up before it was granted)."""
    table = model.__tablename__
    connection = db.session.connection()
    if not connection.scalar(_MAY_STAGE):
        return _one_by_one(table, columns, rows)
    names, temporary = ", ".join(columns), f"import_{table}"
    kept = ", ".join(f"{name} AS {name}" for name in columns)
    connection.exec_driver_sql(f"CREATE TEMP TABLE {temporary} ON COMMIT DROP AS SELECT {kept} FROM {table} LIMIT 0")  # noqa: S608 names are ours
    with _driver().cursor() as cursor:
        done = 0
        while part := list(islice(rows, EVERY)):  # in parts: between two of them the connection is free for a report
            with cursor.copy(f"COPY {temporary} ({names}) FROM STDIN") as copy:
                for row in part:
                    copy.write_row(row)
            done += len(part)
            tell(done)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {temporary}")  # noqa: S608 names are ours
    connection.exec_driver_sql(f"DROP TABLE {temporary}")
    return None


def _driver() -> Any:
    """The connection of the transaction as psycopg knows it: COPY has no other way."""
    return db.session.connection().connection.driver_connection


def _one_by_one(table: str, columns: Sequence[str], rows: Any) -> None:
    marks = ", ".join("%s::jsonb" if name in ("groups", "labels") else "%s" for name in columns)
    with _driver().cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(rows))  # noqa: S608 names are ours


def _change(changes: Sequence[Changed], batch_id: UUID) -> int:
    """New values with their history, as `residents.changing` keeps it, many at a time; sensitive facts wait for the
    secretary. Answers for how many people something was asked."""
    if not changes:
        return 0
    people = _locked([each.person.id for each in changes])
    at, actor, tenant = now(), current_actor(), current_tenant()
    history, rows = list[dict[str, Any]](), dict[tuple[str, ...], list[dict[str, Any]]]()
    asked: dict[UUID, dict[str, Any]] = {}
    for each in changes:
        row = people.get(each.person.id)
        if row is None or not _still(row, each.person):
            raise Clash("登记册刚刚有变化，没有写入任何内容。请重新核对一遍。")
        wait = {name: after for name, after in each.values.items() if sensitive(name, getattr(row, name), after)}
        if wait:
            asked[each.person.id] = wait
        at_once = {name: after for name, after in each.values.items() if name not in wait}
        values = _kept(at_once, tenant.uid)
        if values:
            rows.setdefault(tuple(values), []).append({"b_id": each.person.id, **values})
        for name, after in at_once.items():
            history.append(
                {"tenant_id": tenant.id, "id": uuid7(), "household_id": row.household_id, "person_id": row.id, "name": name,
                 "before": kept_text(getattr(row, name)), "after": kept_text(after), "at": at,
                 "actor_id": actor.account_id, "actor": actor.name, "source": "import", "source_id": batch_id}
            )  # fmt: skip
    connection = db.session.connection()
    table: Any = Person.__table__
    one = (table.c.tenant_id == tenant.id) & (table.c.id == bindparam("b_id"))
    for names, values_of in rows.items():
        connection.execute(update(table).where(one).values({name: bindparam(name) for name in names}), values_of)
    if history:
        db.session.execute(insert(RegisterChange), history)
    return ask_many(asked, reason=TOLD, source_id=batch_id)


_READ: tuple[InstrumentedAttribute[Any], ...] = (
    Person.id, Person.household_id, Person.name, Person.pinyin, Person.gender, Person.relation, Person.birth_date,
    Person.phone, Person.phone_index, Person.id_number, Person.id_index, Person.condition, Person.groups,
)  # fmt: skip


def _locked(ids: Sequence[UUID]) -> dict[UUID, Any]:
    found: dict[UUID, Any] = {}
    for start in range(0, len(ids), EVERY):
        part = select(*_READ).where(Person.id.in_(ids[start : start + EVERY])).order_by(Person.id).with_for_update()
        found |= {row.id: row for row in db.session.execute(part)}
    return found


def _still(row: Any, seen: Any) -> bool:
    """Nobody has changed this person since it was compared."""
    names = ("household_id", "name", "gender", "relation", "birth_date", "phone_index", "id_index", "groups")
    return all(getattr(row, name) == getattr(seen, name) for name in names)


def _kept(given: Mapping[str, Any], uid: UUID) -> dict[str, Any]:
    """The columns that new values fill, keyed hashes and reading included."""
    values = dict(given)
    if "name" in values:
        values["pinyin"] = changing.reading(values["name"])
    for name in ("phone", "id_number"):
        if name in values:
            values["phone_index" if name == "phone" else "id_index"] = crypto.blind(values[name], uid, name)
    return values
