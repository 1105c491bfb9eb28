"""Who may be registered twice: shown at entry, kept for the desk, never in anybody's way."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, union_all
from sqlalchemy.dialects.postgresql import insert

from rongjiu import masks
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.ids import uuid7
from tenants.residents import likeness
from tenants.residents.likeness import Features
from tenants.residents.models import Household, Person, RegisterReview

_AT_ONCE = 1000
Pair = tuple[UUID, UUID]
_COLUMNS = (
    Person.id, Person.household_id, Person.name, Person.pinyin, Person.gender, Person.birth_date, Person.age_said,
    Person.age_on, Person.phone_index, Person.id_index, Household.courtyard_id, Household.building, Household.unit,
    Household.room,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody already registered who may be the same person, and what speaks for it."""

    id: UUID
    household_id: UUID
    name: str
    reasons: tuple[str, ...]
    strength: int


def suggest(person_id: UUID) -> list[Candidate]:
    """Who else in the register may be this person, the likeliest first; three statements, no sealed field opened.

    Pairs that somebody has said are two people are left out.
    """
    me = next(iter(_features(Person.id == person_id)), None)
    return _suggest(me) if me is not None else []


def note(person_ids: Collection[UUID]) -> list[Candidate]:
    """Look for doubles of persons just entered or changed and keep what is found for the desk; answers all of them."""
    found: dict[UUID, Candidate] = {}
    for person_id in person_ids:
        candidates = suggest(person_id)
        keep({_ordered(person_id, each.id): each.reasons for each in candidates})
        found |= {each.id: each for each in candidates}
    return sorted(found.values(), key=lambda each: -each.strength)


def clash(person_id: UUID, holder_id: UUID, number: str) -> None:
    """Keep, sealed, an identity number that could not be entered because somebody already has it, for a clerk."""
    row = insert(RegisterReview).values(
        tenant_id=current_tenant().id, id=uuid7(), kind="id_clash", one_id=person_id, other_id=holder_id,
        reasons=["id_number"], strength=likeness.CERTAIN, number=number, state="open", made_at=now(), decided_post="",
    )  # fmt: skip
    again = {"state": "open", "number": row.excluded.number, "made_at": row.excluded.made_at}
    keys = ["tenant_id", "kind", "one_id", "other_id"]
    db.session.execute(row.on_conflict_do_update(index_elements=keys, set_=again))


def keep(pairs: dict[Pair, tuple[str, ...]], kind: str = "duplicate") -> int:
    """Write what was found; what stands already, decided or not, stays as it is. Answers how many are new."""
    rows = [
        {
            "tenant_id": current_tenant().id, "id": uuid7(), "kind": kind, "one_id": one, "other_id": other,
            "reasons": list(reasons), "strength": likeness.strength(reasons), "state": "open", "made_at": now(),
            "decided_post": "",
        }
        for (one, other), reasons in pairs.items()
    ]  # fmt: skip
    new = 0
    for start in range(0, len(rows), _AT_ONCE):
        made = insert(RegisterReview).values(rows[start : start + _AT_ONCE]).on_conflict_do_nothing()
        new += len(db.session.execute(made.returning(RegisterReview.id)).all())
    return new


def _pairs(*same: Callable[[Any], Any]) -> Callable[[], set[Pair]]:
    """A search of the whole register for two persons of different households who agree in these columns."""

    def search() -> set[Pair]:
        # Groups, not a join with itself: one reading of the register, whatever the planner knows of rows just imported.
        columns = [column(Person) for column in same]
        query = (
            select(func.array_agg(Person.id), func.array_agg(Person.household_id))
            .where(Person.status != "merged", *(column.is_not(None) for column in columns))
            .group_by(*columns)
            .having(func.count() > 1)
        )
        found: set[Pair] = set()
        for ids, homes in db.session.execute(query):
            people = sorted(zip(ids, homes, strict=True))
            found |= {
                (one, other)
                for n, (one, home) in enumerate(people)
                for other, elsewhere in people[n + 1 :]
                if home != elsewhere
            }
        return found

    return search


def _by_door() -> set[Pair]:
    found: set[Pair] = set()
    groups = [ids for ids in _doors().values() if len(ids) > 1]
    people: dict[UUID, list[UUID]] = defaultdict(list)
    wanted = [home for ids in groups for home in ids]
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        living = select(Person.id, Person.household_id).where(Person.household_id.in_(part), Person.status != "merged")
        for row in db.session.execute(living):
            people[row.household_id].append(row.id)
    for ids in groups:
        for n, home in enumerate(ids):
            for next_door in ids[n + 1 :]:
                found |= {_ordered(a, b) for a in people[home] for b in people[next_door]}
    return found


def _doors() -> dict[tuple[UUID, str], list[UUID]]:
    """Households by courtyard and door as it is read, whatever way it was written."""
    found: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    rows = db.session.execute(
        select(Household.id, Household.courtyard_id, Household.building, Household.unit, Household.room)
        .where(Household.merged_into.is_(None), Household.room != "")
        .order_by(Household.id)
    )
    for row in rows:
        key = likeness.door_key(row.building, row.unit, row.room)
        if key:
            found[row.courtyard_id, key].append(row.id)
    return found


_STEPS: tuple[Callable[[], set[Pair]], ...] = (
    _pairs(lambda p: p.name, lambda p: p.birth_date), _pairs(lambda p: p.pinyin), _pairs(lambda p: p.phone_index), _by_door,
)  # fmt: skip
STEPS = len(_STEPS) + 1
"""Parts of a search of the whole register: four ways in which persons agree, and doors."""


def find_all(step: int) -> int:
    """One part (from 0 to STEPS - 1) of a search of the whole register, as sets; answers how many are new."""
    if step == len(_STEPS):
        doors = [ids for ids in _doors().values() if len(ids) > 1]
        twice: dict[Pair, tuple[str, ...]] = {
            (a, b): ("door",) for ids in doors for n, a in enumerate(ids) for b in ids[n + 1 :]
        }
        return keep(twice, kind="door")
    pairs = sorted(_STEPS[step]())
    wanted = sorted({each for pair in pairs for each in pair})
    known: dict[UUID, Features] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = _features(Person.id.in_(wanted[start : start + _AT_ONCE]))
        known |= {each.id: each for each in part if each.id is not None}
    weighed = {pair: likeness.alike(known[pair[0]], known[pair[1]]) for pair in pairs}
    return keep({pair: reasons for pair, reasons in weighed.items() if reasons})


def _suggest(me: Features) -> list[Candidate]:
    likely = {each.id: each for each in _features(_near(me), *_same_door(me)) if each.id != me.id}.values()
    weighed = [(each, likeness.alike(me, each)) for each in likely]
    fit = {each.id: (each, reasons) for each, reasons in weighed if reasons and each.id}
    two = _two_people(me.id, fit) if fit and me.id else set()
    found = [
        Candidate(each.id, each.household_id, each.name, reasons, likeness.strength(reasons))
        for key, (each, reasons) in fit.items()
        if key not in two and each.id and each.household_id
    ]
    return sorted(found, key=lambda each: (-each.strength, str(each.id)))


def _near(me: Features) -> ColumnElement[bool]:
    """Everybody who agrees in one of the features that an index finds."""
    ways: list[ColumnElement[bool]] = [Person.pinyin == me.pinyin]
    if me.id_index:
        ways.append(Person.id_index == me.id_index)
    if me.phone_index:
        ways.append(Person.phone_index == me.phone_index)
    if me.birth_date:
        ways.append(and_(Person.birth_date == me.birth_date, Person.name == me.name))
    return or_(*ways)


def _same_door(me: Features) -> list[ColumnElement[bool]]:
    """People of the same surname behind a room of the same number in the courtyard; `alike` reads the whole door."""
    yard, key = me.door or (None, "")
    digits = "".join(sign for sign in key.rpartition("|")[2] if sign.isdigit())
    if not digits:
        return []
    room = func.ltrim(func.regexp_replace(Household.room, "[^0-9]", "", "g"), "0")
    surname = Person.name.startswith(masks.surname(me.name), autoescape=True)
    return [and_(Household.courtyard_id == yard, room == digits, surname)]


def _features(*ways: ColumnElement[bool]) -> list[Features]:
    """Features of everybody whom one of the conditions finds, in one statement; each condition has its own index."""
    tenant, day = current_tenant().id, today()
    parts = [
        select(*_COLUMNS)
        .join(Household, and_(Household.tenant_id == Person.tenant_id, Household.id == Person.household_id))
        .where(Person.tenant_id == tenant, Person.status != "merged", way)
        for way in ways
    ]
    return [
        Features(
            row.id, row.household_id, row.name, row.pinyin, row.gender, row.birth_date,
            likeness.age_of(row.birth_date, row.age_said, row.age_on, day), row.phone_index, row.id_index,
            _door(row.courtyard_id, row.building, row.unit, row.room),
        )
        for row in db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0])
    ]  # fmt: skip


def _door(courtyard_id: UUID, building: str, unit: str, room: str) -> tuple[UUID, str] | None:
    key = likeness.door_key(building, unit, room)
    return (courtyard_id, key) if key else None


def _two_people(person_id: UUID, others: Iterable[UUID]) -> set[UUID]:
    """Those of whom somebody has said that they are not this person."""
    r, pairs = RegisterReview, [_ordered(person_id, each) for each in others]
    rows = db.session.execute(
        select(r.one_id, r.other_id).where(
            r.kind == "duplicate", r.state == "different", tuple_(r.one_id, r.other_id).in_(pairs)
        )
    )
    return {row.other_id if row.one_id == person_id else row.one_id for row in rows}


def _ordered(one: UUID, other: UUID) -> Pair:
    return (one, other) if one < other else (other, one)
