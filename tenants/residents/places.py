"""The community as a place: courtyards with what the register counts beside what is stated, buildings, doors, ages;
statements about the whole community, each with its day and source."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from rongjiu import audit
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.residents import rules
from tenants.residents.models import Building, CommunityStat, Courtyard, Household, Person

BANDS = ("0–9", "10–19", "20–29", "30–39", "40–49", "50–59", "60–69", "70–79", "80–89", "90+")


@dataclass(frozen=True, slots=True)
class Counted:
    """What the register holds: households in which somebody lives, empty ones, and people who are here."""

    households: int = 0
    vacant: int = 0
    people: int = 0


def counted(courtyard_id: UUID | None = None) -> dict[UUID, Counted]:
    """What the register holds for each courtyard, or for one."""
    one: list[ColumnElement[bool]] = [Household.merged_into.is_(None)]
    if courtyard_id is not None:
        one.append(Household.courtyard_id == courtyard_id)
    lived = func.count().filter(Household.occupancy.in_(("lived_in", "rented_out")), Household.left_on.is_(None))
    homes = db.session.execute(
        select(Household.courtyard_id, lived.label("lived"), func.count().label("all"))
        .where(*one)
        .group_by(Household.courtyard_id)
    )
    people = db.session.execute(
        select(Household.courtyard_id, func.count().label("n"))
        .join(Person, Person.household_id == Household.id)
        .where(Person.status == "here", *one)
        .group_by(Household.courtyard_id)
    )
    there = {row.courtyard_id: row.n for row in people}
    return {
        row.courtyard_id: Counted(row.lived, row.all - row.lived, there.get(row.courtyard_id, 0)) for row in homes
    }  # fmt: skip


def courtyard(courtyard_id: UUID) -> Any:
    """The columns of one courtyard, or None."""
    row: Any = db.session.execute(select(*_YARD).where(Courtyard.id == courtyard_id)).one_or_none()
    return row


def courtyards() -> list[Any]:
    """All courtyards in their order, with what is stated of them."""
    return list(db.session.execute(select(*_YARD).order_by(Courtyard.seq, Courtyard.slug)))


_YARD = (
    Courtyard.id, Courtyard.slug, Courtyard.name, Courtyard.grid, Courtyard.households, Courtyard.residents,
    Courtyard.source, Courtyard.old_estate, Courtyard.demo,
)  # fmt: skip


def buildings(courtyard_id: UUID) -> list[Any]:
    """The buildings of a courtyard that somebody described, in their order."""
    query = (
        select(
            Building.id, Building.name, Building.units, Building.floors, Building.lift, Building.barriers,
            Building.built_in, Building.note,
        )
        .where(Building.courtyard_id == courtyard_id)
        .order_by(Building.seq, Building.name)
    )  # fmt: skip
    return list(db.session.execute(query))


@dataclass(frozen=True, slots=True)
class DoorLine:
    """One door of a courtyard: where it is, what it is used for, how many live there and in which groups."""

    id: UUID
    building: str
    unit: str
    room: str
    occupancy: str
    people: int
    groups: frozenset[str]


def doors(courtyard_id: UUID) -> list[DoorLine]:
    """Every door of a courtyard with the people who are here, in two statements."""
    people: Counter[UUID] = Counter()
    groups: dict[UUID, set[str]] = {}
    for row in db.session.execute(
        select(Person.household_id, Person.groups, Person.labels)
        .join(Household, Household.id == Person.household_id)
        .where(Household.courtyard_id == courtyard_id, Person.status == "here")
    ):
        people[row.household_id] += 1
        groups.setdefault(row.household_id, set()).update(row.groups, row.labels)
    rows = db.session.execute(
        select(Household.id, Household.building, Household.unit, Household.room, Household.occupancy).where(
            Household.courtyard_id == courtyard_id, Household.merged_into.is_(None)
        )
    )
    return [DoorLine(*row, people[row.id], frozenset(groups.get(row.id, ()))) for row in rows]


def ages(courtyard_id: UUID | None = None) -> list[tuple[str, int, int, int]]:
    """People who are here by band of ten years: (band, men, women, sex not stated); the last line is '' = age not
    known."""
    query = select(Person.gender, Person.birth_date, Person.age_said, Person.age_on).where(Person.status == "here")
    if courtyard_id is not None:
        query = query.join(Household, Household.id == Person.household_id)
        query = query.where(Household.courtyard_id == courtyard_id)
    day, found = today(), Counter[tuple[str, str]]()
    for row in db.session.execute(query):
        age = rules.age(row.birth_date, row.age_said, row.age_on, day)
        found["" if age is None else BANDS[min(age // 10, 9)], row.gender] += 1
    return [(band, found[band, "male"], found[band, "female"], found[band, ""]) for band in (*BANDS, "")]


def save_building(
    courtyard_id: UUID, building_id: UUID | None, *, name: str, units: str = "", floors: str = "", lift: str = "",
    barriers: Collection[str] = (), built_in: str = "", note: str = "",
) -> UUID:  # fmt: skip
    """Describe a building of a courtyard, a new one without `building_id`. Raises Refused naming a field, Absent."""
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Absent("没有这个院落。")
    wanted = name.strip().removesuffix("号楼")
    if not wanted:
        raise Refused("请写楼号，例如 3。", field="name")
    same = select(Building.id).where(Building.courtyard_id == courtyard_id, Building.name == wanted)
    if db.session.scalar(same if building_id is None else same.where(Building.id != building_id)) is not None:
        raise Refused("这个院落已经有这栋楼了。", field="name", status=409)
    row = _building(courtyard_id, building_id)
    row.name, row.lift, row.note = wanted, lift if lift in ("yes", "no") else "", note.strip()
    row.units, row.floors = _number(units, "units", 1, 40), _number(floors, "floors", 1, 120)
    row.built_in = _number(built_in, "built_in", 1900, today().year)
    row.barriers = sorted({each for each in barriers if each in rules.BARRIERS})
    db.session.flush()
    audit.record("building.save", "building", row.id)
    return row.id


def _building(courtyard_id: UUID, building_id: UUID | None) -> Building:
    if building_id is not None:
        row = db.session.scalar(select(Building).where(Building.id == building_id))
        if row is None or row.courtyard_id != courtyard_id:
            raise Absent("没有这栋楼。")
        return row
    last = db.session.scalar(select(func.max(Building.seq)).where(Building.courtyard_id == courtyard_id)) or 0
    row = Building(id=uuid7(), courtyard_id=courtyard_id, name="", seq=last + 1, barriers=[])
    db.session.add(row)
    return row


def _number(text: str, field: str, least: int, most: int) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal() or not least <= int(text) <= most:
        raise Refused("请写 %(a)s 到 %(b)s 之间的整数。", field=field, a=least, b=most)
    return int(text)


def mark_old_estate(courtyard_id: UUID, old: bool) -> None:
    """Say whether a courtyard is an old estate (老旧小区). Raises Absent."""
    row = db.session.scalar(select(Courtyard).where(Courtyard.id == courtyard_id).with_for_update())
    if row is None:
        raise Absent("没有这个院落。")
    if row.old_estate != old:
        row.old_estate = old
        db.session.flush()
        audit.record("courtyard.old_estate", "courtyard", courtyard_id, old=old)


def stats() -> dict[str, list[Any]]:
    """What is stated about the community, by kind, the newest day first."""
    query = select(
        CommunityStat.id, CommunityStat.kind, CommunityStat.value, CommunityStat.unit, CommunityStat.as_of,
        CommunityStat.source, CommunityStat.note,
    ).order_by(CommunityStat.as_of.desc().nulls_last(), CommunityStat.id)  # fmt: skip
    found: dict[str, list[Any]] = {kind: [] for kind in rules.STAT_KINDS}
    for row in db.session.execute(query):
        found[row.kind].append(row)
    return found


def save_stat(kind: str, value: str, *, unit: str = "", as_of: date | None = None, source: str, note: str = "") -> UUID:
    """State a figure with its day and source beside those that stand. Raises Refused naming a field."""
    if kind not in rules.STAT_KINDS:
        raise Refused("请选一项", field="kind")
    try:
        number = Decimal(value.strip().replace(",", ""))
    except InvalidOperation as error:
        raise Refused("请写数字。", field="value") from error
    if not number.is_finite() or not 0 <= number < 10**9:
        raise Refused("请写数字。", field="value")
    if not source.strip():
        raise Refused("请写来源：哪份文件、哪次统计。", field="source")
    if as_of is not None and as_of > today():
        raise Refused("日期在今天以后，请再看一眼。", field="as_of")
    row = CommunityStat(
        id=uuid7(), kind=kind, value=number, unit=unit.strip(), as_of=as_of, source=source.strip(), note=note.strip()
    )
    db.session.add(row)
    db.session.flush()
    audit.record("stat.save", "community_stat", row.id, what=kind)
    return row.id


def drop_stat(stat_id: UUID) -> None:
    """Take back a statement that was wrong; the audit keeps that it stood. Raises Absent."""
    row = db.session.scalar(select(CommunityStat).where(CommunityStat.id == stat_id))
    if row is None:
        raise Absent("没有这条数字。")
    db.session.delete(row)
    db.session.flush()
    audit.record("stat.drop", "community_stat", stat_id, what=row.kind)
