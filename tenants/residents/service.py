"""Entering households, their people and who cares for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, facts
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.rules import WEEKDAYS
from tenants.residents import changing, duplicates, labels, rules
from tenants.residents.changing import DESK, Origin
from tenants.residents.facts import HouseholdRegistered
from tenants.residents.models import Carer, Courtyard, Household, Person


@dataclass(frozen=True, slots=True)
class Door:
    """Where a household lives within its courtyard."""

    building: str = ""
    unit: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person as told at the door: an age or a birth date, everything else as far as it is known."""

    name: str
    gender: str = ""
    relation: str = ""
    birth_date: date | None = None
    age: int | None = None
    phone: str = ""
    id_number: str = ""
    condition: str = ""
    groups: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


_TOLD = ("name", "gender", "relation", "birth_date", "phone", "id_number", "condition", "groups", "languages")


@dataclass(frozen=True, slots=True)
class Registered:
    """The household and, in the order they were told, its people."""

    household_id: UUID
    person_ids: tuple[UUID, ...]


def register(
    courtyard_id: UUID, door: Door, people: Sequence[NewPerson], *, demo: bool = False, origin: Origin = DESK
) -> Registered:
    """Enter a household with its people; behind a door already known, only the people not yet there are added.

    Whoever may be registered elsewhere already is kept for the desk; that never refuses anything. Raises Refused whose field is `persons` or `persons-<n>-<field>` (n from 0), Absent for an unknown courtyard.
    """
    if not people:
        raise Refused("请至少登记一个人。", field="persons")
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Absent("没有这个院落。")
    household_id = _known(courtyard_id, door)
    fresh = household_id is None
    if household_id is None:
        household_id = uuid7()
        db.session.add(
            Household(
                id=household_id, courtyard_id=courtyard_id, building=door.building.strip(), unit=door.unit.strip(),
                room=door.room.strip(), created_at=now(), demo=demo,
            )
        )  # fmt: skip
        db.session.flush()
        audit.record("household.register", "household", household_id, people=len(people))
    there = {row.name: row.id for row in _names(household_id)}
    ids, fresh_ids = list[UUID](), list[UUID]()
    for n, person in enumerate(people):
        known = there.get(person.name.strip())
        if known is None:
            known = _add(household_id, len(there) + len(fresh_ids) + 1, person, f"persons-{n}-", origin, demo=demo)
            fresh_ids.append(known)
        ids.append(known)
    labels.recheck([household_id])
    _looked_at(fresh_ids, origin)
    _tell(household_id, households=int(fresh), persons=len(fresh_ids))
    return Registered(household_id, tuple(ids))


def add_person(household_id: UUID, person: NewPerson, *, origin: Origin = DESK) -> UUID:
    """Enter one more person of a household; raises Refused naming the field, Absent for an unknown household."""
    if db.session.scalar(select(Household.id).where(Household.id == household_id)) is None:
        raise Absent("没有这户人家。")
    last = db.session.scalar(select(func.max(Person.seq)).where(Person.household_id == household_id)) or 0
    person_id = _add(household_id, last + 1, person, "", origin)
    labels.recheck([household_id])
    _looked_at([person_id], origin)
    _tell(household_id, households=0, persons=1)
    return person_id


def amend_person(
    person_id: UUID,
    *,
    phone: str | None = None,
    id_number: str | None = None,
    condition: str | None = None,
    groups: Sequence[str] | None = None,
) -> None:
    """Change what is not None of a person; an empty text clears it. Raises Refused naming the field, Absent."""
    given = {"phone": phone, "id_number": id_number, "condition": condition, "groups": groups}
    changing.change_person(person_id, {name: value for name, value in given.items() if value is not None})


def link_carer(carer_id: UUID, person_id: UUID) -> None:
    """Say who cares for whom within one household; saying it twice changes nothing. Raises Refused or Absent."""
    if carer_id == person_id:
        raise Refused("照护者和被照护的人不能是同一个人。", field="cares_for")
    homes = set(db.session.scalars(select(Person.household_id).where(Person.id.in_((carer_id, person_id)))))
    if len(homes) != 1:
        raise Absent("没有这个人。")
    row = insert(Carer).values(
        tenant_id=current_tenant().id, id=uuid7(), carer_id=carer_id, person_id=person_id, since=None
    )
    db.session.execute(row.on_conflict_do_nothing())
    audit.record("carer.link", "person", carer_id, person_id=person_id)
    labels.recheck(homes)


def set_load(
    link_id: UUID, *, hours_a_week: int | None, relief_wanted: bool, work_given_up: bool, since: date | None = None
) -> None:
    """Note how heavy care weighs on a carer: hours a week, relief wanted, work given up. Raises Absent, or Refused
    naming hours_a_week."""
    if hours_a_week is not None and not 0 <= hours_a_week <= 168:
        raise Refused("一周最多 168 小时，请再看一眼。", field="hours_a_week")
    row = db.session.scalar(select(Carer).where(Carer.id == link_id).with_for_update())
    if row is None:
        raise Absent("没有这条照护关系。")
    row.hours_a_week, row.relief_wanted, row.work_given_up = hours_a_week, relief_wanted, work_given_up
    row.since = since or row.since
    db.session.flush()
    audit.record("carer.load", "person", row.carer_id, heavy=rules.heavy(hours_a_week, relief_wanted, work_given_up))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The hours in which a carer would work: so many a week, on these days, between these times."""

    hours: int | None = None
    days: tuple[str, ...] = ()
    since: time | None = None
    until: time | None = None


def want_work(link_id: UUID, wanted: Wanted) -> None:
    """Note the hours in which a carer would work; all empty: none is looked for. Raises Absent, or Refused naming
    wanted_hours, wanted_days or wanted_until."""
    if wanted.hours is not None and not 1 <= wanted.hours <= 60:
        raise Refused("想干几小时写 1 到 60 之间的整数。", field="wanted_hours")
    if set(wanted.days) - set(WEEKDAYS):
        raise Refused("请选一项", field="wanted_days")
    if wanted.since is not None and wanted.until is not None and wanted.until <= wanted.since:
        raise Refused("结束要晚于开始。请核对两个时间。", field="wanted_until")
    row = db.session.scalar(select(Carer).where(Carer.id == link_id).with_for_update())
    if row is None:
        raise Absent("没有这条照护关系。")
    row.wanted_hours, row.wanted_days = wanted.hours, [day for day in WEEKDAYS if day in wanted.days]
    row.wanted_since, row.wanted_until = wanted.since, wanted.until
    db.session.flush()
    audit.record("carer.work", "person", row.carer_id, wanted=wanted.hours is not None)


def _known(courtyard_id: UUID, door: Door) -> UUID | None:
    if not door.room.strip():
        return None
    found = db.session.execute(
        select(Household.id, Household.merged_into)
        .where(
            Household.courtyard_id == courtyard_id,
            Household.building == door.building.strip(),
            Household.unit == door.unit.strip(),
            Household.room == door.room.strip(),
        )
        .order_by(Household.merged_into.is_not(None), Household.id)
        .limit(1)
    ).one_or_none()
    while found is not None and found.merged_into is not None:  # an entry may have been taken into one taken on itself
        into = select(Household.id, Household.merged_into).where(Household.id == found.merged_into)
        found = db.session.execute(into).one()
    return found.id if found else None


def _names(household_id: UUID) -> list[Person]:
    return list(db.session.scalars(select(Person).where(Person.household_id == household_id)))


def _looked_at(person_ids: Sequence[UUID], origin: Origin) -> None:
    """Keep for the desk who may be registered twice; an import looks at its whole register at its end instead."""
    if origin.kind != "import":
        duplicates.note(person_ids)


def _add(household_id: UUID, seq: int, person: NewPerson, at: str, origin: Origin, *, demo: bool = False) -> UUID:
    name = person.name.strip()
    if not name:
        raise Refused("请写姓名。", field=f"{at}name")
    if person.age is not None and not 0 <= person.age <= rules.OLDEST:
        raise Refused("年龄请写 0 到 120 之间的整数。", field=f"{at}age")
    row = Person(
        id=uuid7(), household_id=household_id, seq=seq, name=name, age_said=person.age, groups=[], labels=[], demo=demo,
        age_on=today() if person.age is not None else None, status="here", birth_date=None,
    )  # fmt: skip
    changing.fill(row, {field: getattr(person, field) for field in _TOLD}, at, origin)
    db.session.add(row)
    db.session.flush()
    audit.record("person.register", "person", row.id)
    return row.id


def _tell(household_id: UUID, **counts: int) -> None:
    if any(counts.values()):
        facts.send(HouseholdRegistered(tenant_id=current_tenant().id, object_id=household_id, counts=counts))


def register_door(courtyard_id: UUID, door: Door) -> tuple[UUID, bool]:
    """Enter a door of which nobody is known yet (nobody opened, or it is vacant); a known door stays as it is.

    Answers the household and whether it is new. Raises Absent for an unknown courtyard, Refused naming `room` without one: such a door could not be found again.
    """
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Absent("没有这个院落。")
    if not door.room.strip():
        raise Refused("请写门牌号（室），下次才找得到。", field="room")
    known = _known(courtyard_id, door)
    if known is not None:
        return known, False
    household_id = uuid7()
    db.session.add(
        Household(
            id=household_id, courtyard_id=courtyard_id, building=door.building.strip(), unit=door.unit.strip(),
            room=door.room.strip(), created_at=now(), demo=False,
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("household.register", "household", household_id, people=0)
    _tell(household_id, households=1, persons=0)
    return household_id, True
