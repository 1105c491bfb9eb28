"""Reads of the register: courtyards, households, people, search. Lists select columns and open no sealed field."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from rongjiu.tenancy.staff import Worker, working
from tenants.residents import rules
from tenants.residents.models import Carer, Courtyard, Household, Person, RegisterChange


def courtyards(ids: Collection[UUID] | None = None) -> list[Any]:
    """id, slug, name, grid of the courtyards in their order; only these if ids are given."""
    query = select(Courtyard.id, Courtyard.slug, Courtyard.name, Courtyard.grid).order_by(Courtyard.seq, Courtyard.slug)
    return list(db.session.execute(query if ids is None else query.where(Courtyard.id.in_(ids))))


def own_courtyards(marks: Collection[str]) -> list[UUID]:
    """Ids of the courtyards that a membership names, by slug or id."""
    if not marks:
        return []
    named = or_(Courtyard.slug.in_(marks), cast(Courtyard.id, Text).in_(marks))
    return list(db.session.scalars(select(Courtyard.id).where(named)))


def grid_worker(courtyard_id: UUID) -> Worker | None:
    """Who works the courtyard: the first standing grid worker whose membership names it."""
    slug = db.session.scalar(select(Courtyard.slug).where(Courtyard.id == courtyard_id))
    names = {slug, str(courtyard_id)}
    staff = working(current_tenant().uid, ("grid_worker",))
    return next((each for each in staff if names & set(each.courtyards)), None)


def household(household_id: UUID) -> Any:
    """The door of a household with the name of its courtyard, or None."""
    row: Any = db.session.execute(
        select(
            Household.id, Household.courtyard_id, Household.building, Household.unit, Household.room,
            Household.created_at, Household.demo, Household.occupancy, Household.left_on,
            Courtyard.name.label("courtyard"),
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Household.id == household_id)
    ).one_or_none()  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household; phone, number and condition stay sealed and only say whether they are there."""

    id: UUID
    seq: int
    name: str
    gender: str
    relation: str
    age: int | None
    groups: tuple[str, ...]
    has_phone: bool
    has_id_number: bool
    has_condition: bool
    labels: tuple[str, ...] = ()
    """Groups that follow by rule."""
    status: str = "here"
    status_on: date | None = None
    languages: tuple[str, ...] = ()
    """What the person speaks best beside Mandarin."""

    @property
    def all_groups(self) -> tuple[str, ...]:
        """Groups said by hand, then those by rule that nobody said."""
        return (*self.groups, *(each for each in self.labels if each not in self.groups))


def members(household_id: UUID, *, everyone: bool = False) -> list[Member]:
    """The people who live in a household, head first; with `everyone` also those who moved away or died."""
    rows = db.session.execute(
        select(
            Person.id, Person.seq, Person.name, Person.gender, Person.relation, Person.birth_date, Person.age_said,
            Person.age_on, Person.groups, Person.phone_index.is_not(None).label("p"),
            Person.id_index.is_not(None).label("n"), Person.condition.is_not(None).label("c"), Person.labels,
            Person.status, Person.status_on, Person.languages,
        )
        .where(
            Person.household_id == household_id,
            Person.status != "merged" if everyone else Person.status == "here",
        )
        .order_by(Person.status != "here", Person.seq)
    )  # fmt: skip
    day = today()
    return [
        Member(
            row.id, row.seq, row.name, row.gender, row.relation,
            rules.age(row.birth_date, row.age_said, row.age_on, day), tuple(row.groups), row.p, row.n, row.c,
            tuple(row.labels), row.status, row.status_on, tuple(row.languages),
        )
        for row in rows
    ]  # fmt: skip


def carers(household_id: UUID) -> list[tuple[UUID, UUID]]:
    """Who cares for whom in a household, both still here: (carer, person)."""
    cared = aliased(Person)
    rows = db.session.execute(
        select(Carer.carer_id, Carer.person_id)
        .join(cared, cared.id == Carer.person_id)
        .join(Person, Person.id == Carer.carer_id)
        .where(
            cared.household_id == household_id,
            cared.status == "here",
            Person.status == "here",
            Person.household_id == household_id,
        )
        .order_by(Person.seq)
    )
    return [(row.carer_id, row.person_id) for row in rows]


def care(household_id: UUID | None = None, link_id: UUID | None = None) -> list[Any]:
    """Who cares for whom with the load of it: of one household, or one link; both people still here."""
    carer, cared = aliased(Person), aliased(Person)
    query = (
        select(
            Carer.id, Carer.carer_id, Carer.person_id, Carer.since, Carer.hours_a_week, Carer.relief_wanted,
            Carer.work_given_up, Carer.wanted_hours, Carer.wanted_days, Carer.wanted_since, Carer.wanted_until, Carer.respite_need, Carer.work_need, carer.name.label("carer"),
            carer.relation.label("carer_relation"), cared.name.label("cared"), cared.relation.label("cared_relation"),
            cared.household_id,
        )
        .join(carer, carer.id == Carer.carer_id)
        .join(cared, cared.id == Carer.person_id)
        .where(carer.status == "here", cared.status == "here")
        .order_by(cared.seq, carer.seq)
    )  # fmt: skip
    if household_id is not None:
        query = query.where(cared.household_id == household_id)
    if link_id is not None:
        query = query.where(Carer.id == link_id)
    return list(db.session.execute(query))


def changes(household_id: UUID, limit: int = 200) -> list[Any]:
    """What was changed in the register of a household and its people: field, when, by which post, whence; no value."""
    change = RegisterChange
    query = (
        select(change.name, change.at, change.actor, change.source, change.person_id)
        .where(change.household_id == household_id)
        .order_by(change.at.desc(), change.id.desc())
        .limit(limit)
    )
    return list(db.session.execute(query))


def opened(person_id: UUID) -> Any:
    """The sealed fields and the door of one person, for a reveal that is written down; None when absent."""
    row: Any = db.session.execute(
        select(
            Person.id, Person.household_id, Person.name, Person.phone, Person.id_number, Person.condition,
            Person.birth_date, Person.age_said, Person.age_on, Household.building, Household.unit, Household.room,
            Household.courtyard_id, Courtyard.name.label("courtyard"),
        )
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.id == person_id)
    ).one_or_none()  # fmt: skip
    return row


def households(
    *, courtyard_id: UUID | None = None, ids: Collection[UUID] | None = None, page: int = 1, size: int = 50
) -> tuple[list[Any], int]:
    """A page of households by courtyard and door with head and number of people, and how many there are."""
    where: list[ColumnElement[bool]] = [Household.merged_into.is_(None)]
    if courtyard_id is not None:
        where.append(Household.courtyard_id == courtyard_id)
    if ids is not None:
        where.append(Household.id.in_(ids))
    total = db.session.scalar(select(func.count()).select_from(Household).where(*where)) or 0
    living = (Person.household_id == Household.id, Person.status == "here")
    count = select(func.count()).where(*living).correlate(Household).scalar_subquery()
    head = select(Person.name).where(*living).order_by(Person.seq).limit(1).correlate(Household).scalar_subquery()
    rows = db.session.execute(
        select(
            Household.id, Household.building, Household.unit, Household.room, Household.demo,
            Courtyard.name.label("courtyard"), head.label("head"), count.label("people"), Household.occupancy,
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(*where)
        .order_by(Courtyard.seq, Household.building, Household.unit, Household.room, Household.id)
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    return list(rows), total


def groups_of(household_id: UUID) -> set[str]:
    """Slugs of all special groups to which somebody who lives there belongs, as somebody said or by rule."""
    query = select(Person.groups, Person.labels).where(Person.household_id == household_id, Person.status == "here")
    return {slug for row in db.session.execute(query) for slug in (*row.groups, *row.labels)}


def home_of(person_id: UUID) -> UUID | None:
    """The household of a person, or None."""
    return db.session.scalar(select(Person.household_id).where(Person.id == person_id))


def register_rows(courtyard_id: UUID | None = None) -> list[Any]:
    """Everybody who is here, by courtyard and door, for the 台账; sealed fields are not read."""
    rows = (
        select(
            Courtyard.name.label("courtyard"), Household.building, Household.unit, Household.room, Person.name,
            Person.relation, Person.gender, Person.birth_date, Person.age_said, Person.age_on, Person.groups,
        )
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.status == "here")
        .order_by(Courtyard.seq, Household.building, Household.unit, Household.room, Household.id, Person.seq)
    )  # fmt: skip
    return list(
        db.session.execute(rows if courtyard_id is None else rows.where(Household.courtyard_id == courtyard_id))
    )


def versions(*, persons: Collection[UUID] = (), households: Collection[UUID] = ()) -> dict[tuple[UUID, str], str]:
    """The newest change of each field as (person or household id, field) → id of the change; untouched fields lack."""
    found: dict[tuple[UUID, str], str] = {}
    change = RegisterChange
    for key, ids, more in (
        (change.person_id, persons, ()),
        (change.household_id, households, (change.person_id.is_(None),)),
    ):
        if ids:
            newest = (
                select(key.label("key"), change.name, change.id)
                .where(key.in_(ids), *more)
                .ext(distinct_on(key, change.name))
                .order_by(key, change.name, change.id.desc())
            )
            found |= {(row.key, row.name): str(row.id) for row in db.session.execute(newest)}
    return found
