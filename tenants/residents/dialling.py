"""One-touch dialling: whether the button was taught and works, when it is tested again, and which elders nobody answers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array, distinct_on

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.catalogue import service as catalogue
from tenants.residents import rules
from tenants.residents.contacts import orphaned, posts
from tenants.residents.models import Courtyard, EmergencyContact, Household, OneTouch, Person


def tried(
    person_id: UUID, contact_id: UUID | None, *, taught_on: date | None = None, tested_on: date | None = None,
    works: bool | None = None,
) -> UUID:  # fmt: skip
    """Note that one-touch dialling was taught, or tested and whether the call came through; by whoever acts.

    Raises Absent for an unknown person or contact, Refused naming taught_on, tested_on or works.
    """
    known = select(Person.id).where(Person.id == person_id)
    if contact_id is not None:
        known = known.join(EmergencyContact, EmergencyContact.person_id == Person.id).where(
            EmergencyContact.id == contact_id
        )
    if db.session.scalar(known) is None:
        raise Absent("没有这个人。")
    if taught_on is None and tested_on is None:
        raise Refused("请写教会的日期，或测试的日期。", field="taught_on")
    for field, day in (("taught_on", taught_on), ("tested_on", tested_on)):
        if day is not None and day > today():
            raise Refused("日期在今天以后，请再看一眼。", field=field)
    if tested_on is not None and works is None:
        raise Refused("请选打通了没有。", field="works")
    actor = current_actor()
    row = OneTouch(
        id=uuid7(), person_id=person_id, contact_id=contact_id, taught_on=taught_on, tested_on=tested_on,
        works=works if tested_on is not None else None, at=now(), actor_id=actor.account_id, actor=actor.name,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("one_touch.note", "person", person_id, tested=tested_on is not None, works=works)
    return row.id


def tries(*, household_id: UUID | None = None, person_id: UUID | None = None) -> list[Any]:
    """What was taught and tested, the newest first."""
    query = (
        select(
            OneTouch.id, OneTouch.person_id, OneTouch.contact_id, OneTouch.taught_on, OneTouch.tested_on,
            OneTouch.works, OneTouch.at, OneTouch.actor,
        )
        .join(Person, Person.id == OneTouch.person_id)
        .order_by(OneTouch.at.desc(), OneTouch.id.desc())
    )  # fmt: skip
    query = query.where(Person.household_id == household_id if person_id is None else OneTouch.person_id == person_id)
    return list(db.session.execute(query))


def retest_due(tested_on: date | None) -> date:
    """The day on which one-touch dialling is to be tested again (timer one-touch-test), today when it never was."""
    if tested_on is None:
        return today()
    return catalogue.due_date("one-touch-test", start=datetime.combine(tested_on, time(12), ZONE))


@dataclass(frozen=True, slots=True)
class Elder:
    """An elderly person without younger people at home: is there a living contact, and when is the next test due."""

    id: UUID
    household_id: UUID
    name: str
    courtyard: str
    door: str
    covered: bool
    tested_on: date | None
    works: bool | None
    due_on: date

    @property
    def late(self) -> bool:
        """A test that is due, with somebody to ring."""
        return self.covered and self.due_on <= today()


def elders(courtyards: Collection[UUID] | None = None) -> list[Elder]:
    """Empty-nest elderly and elderly living alone who are here (of some courtyards only), those without a living contact first, then by the
    day on which the next test is due."""
    live = (
        select(EmergencyContact.id)
        .where(EmergencyContact.person_id == Person.id, EmergencyContact.ended_at.is_(None), ~orphaned(posts()))
        .exists()
    )
    last = (
        select(OneTouch.person_id, OneTouch.tested_on, OneTouch.works)
        .where(OneTouch.tested_on.is_not(None))
        .ext(distinct_on(OneTouch.person_id))
        .order_by(OneTouch.person_id, OneTouch.tested_on.desc(), OneTouch.id.desc())
        .subquery()
    )
    rows = db.session.execute(
        select(
            Person.id, Person.household_id, Person.name, Courtyard.name.label("courtyard"), live.label("covered"),
            Household.building, Household.unit, Household.room, last.c.tested_on, last.c.works,
        )
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .outerjoin(last, last.c.person_id == Person.id)
        .where(Person.status == "here", _alone(), Household.courtyard_id.in_(courtyards) if courtyards is not None else true())
        .order_by(Courtyard.seq, Person.id)
    )  # fmt: skip
    found = [
        Elder(
            row.id, row.household_id, row.name, row.courtyard,
            "-".join(filter(None, (row.building, row.unit, row.room))), row.covered, row.tested_on, row.works,
            retest_due(row.tested_on),
        )
        for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each.covered, each.due_on))


def coverage() -> tuple[int, int]:
    """How many of the elderly without younger people at home have a living contact, and how many there are."""
    found = elders()
    return sum(each.covered for each in found), len(found)


def _alone() -> ColumnElement[bool]:
    slugs = cast(array(sorted(rules.ALONE)), ARRAY(Text))
    return or_(Person.groups.op("?|")(slugs), Person.labels.op("?|")(slugs))
