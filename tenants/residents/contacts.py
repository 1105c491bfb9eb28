"""Emergency contacts and one-touch dialling: whom a button rings, whether it was taught and works, and who takes over
when a member of staff leaves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, array, distinct_on

from rongjiu import audit, codes
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Membership
from rongjiu.tenancy.staff import Worker, working
from tenants.catalogue import service as catalogue
from tenants.residents import rules
from tenants.residents.models import Courtyard, EmergencyContact, Household, OneTouch, Person

_NOBODY = UUID(int=0)
STEP = "contacts"
"""The kind of step that waits until the contacts of a leaver are handed on."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One emergency contact; `post` names a member of staff, `name` and `phone` of others stay personal."""

    id: UUID
    person_id: UUID
    kind: str
    name: str
    phone: str
    post: str
    since: date
    ended_at: datetime | None
    orphaned: bool
    """A member of staff who no longer works here and has no successor."""


def add(person_id: UUID, kind: str, *, account_id: UUID | None = None, name: str = "", phone: str = "") -> UUID:
    """Give a person an emergency contact: a member of staff, or somebody by name and phone.

    Raises Absent for an unknown person, Refused naming kind, account, name or phone.
    """
    if db.session.scalar(select(Person.id).where(Person.id == person_id)) is None:
        raise Absent("没有这个人。")
    if kind not in rules.CONTACT_KINDS:
        raise Refused("请选一项", field="kind")
    row = EmergencyContact(id=uuid7(), person_id=person_id, kind=kind, account_id=None, since=today(), demo=False)
    if kind == "staff":
        row.account_id = _worker(account_id).account_id
    else:
        row.name, row.phone = _words(name), _phone(phone)
    db.session.add(row)
    db.session.flush()
    audit.record("contact.add", "person", person_id, contact=str(row.id), said=kind)
    return row.id


def add_once(person_id: UUID, kind: str, name: str, phone: str) -> None:
    """Give a person a contact by name and phone unless it stands already. Raises as `add`."""
    number = _phone(phone)
    c = EmergencyContact
    rows = db.session.execute(select(c.name, c.phone).where(c.person_id == person_id, c.ended_at.is_(None)))
    if (_words(name), number) not in {tuple(row) for row in rows}:
        add(person_id, kind, name=name, phone=number)


def end(contact_id: UUID) -> UUID:
    """End a contact; ending it twice changes nothing. Answers whose it was. Raises Absent."""
    row = _row(contact_id)
    if row.ended_at is None:
        row.ended_at = now()
        db.session.flush()
        audit.record("contact.end", "person", row.person_id, contact=str(contact_id))
        await_successors()
    return row.person_id


def take_over(contact_id: UUID, account_id: UUID | None) -> UUID:
    """Hand a contact on to another member of staff; the old one ends, a new one begins. Raises Absent, Clash when
    somebody has taken it over already, Refused naming `account`."""
    row = _row(contact_id)
    if row.ended_at is not None:
        raise Clash("这位联系人已经有人接手了，请刷新页面。")
    worker = _worker(account_id)
    if worker.account_id == row.account_id:
        raise Refused("请选择另一位工作人员。", field="account")
    row.ended_at = now()
    db.session.flush()
    fresh = add(row.person_id, "staff", account_id=worker.account_id)
    audit.record("contact.take_over", "person", row.person_id, before=str(contact_id), after=str(fresh))
    await_successors()
    return fresh


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


def of(*, household_id: UUID | None = None, person_id: UUID | None = None) -> list[Contact]:
    """The contacts of a household's people or of one person, living ones first; names and phones are opened."""
    query = (
        select(EmergencyContact, Account.name.label("staff"), Account.phone.label("staff_phone"))
        .join(Person, Person.id == EmergencyContact.person_id)
        .outerjoin(Account, Account.id == EmergencyContact.account_id)
        .order_by(EmergencyContact.ended_at.is_not(None), EmergencyContact.id)
    )
    query = query.where(
        Person.household_id == household_id if person_id is None else EmergencyContact.person_id == person_id
    )
    posts = _posts()
    return [
        Contact(
            row.id, row.person_id, row.kind, row.name or staff or "", row.phone or staff_phone or "",
            posts.get(row.account_id or _NOBODY, staff or "") if row.kind == "staff" else "", row.since, row.ended_at,
            row.kind == "staff" and row.ended_at is None and row.account_id not in posts,
        )
        for row, staff, staff_phone in db.session.execute(query)
    ]  # fmt: skip


def whose(contact_id: UUID) -> UUID | None:
    """The person whose contact it is, or None."""
    return db.session.scalar(select(EmergencyContact.person_id).where(EmergencyContact.id == contact_id))


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


def orphaned(staff: Collection[UUID]) -> ColumnElement[bool]:
    """Condition of contacts that a leaver left behind: still standing, of staff who no longer work here."""
    return (
        EmergencyContact.ended_at.is_(None)
        & (EmergencyContact.kind == "staff")
        & or_(EmergencyContact.account_id.is_(None), EmergencyContact.account_id.not_in(list(staff)))
    )


def to_hand_over() -> list[Any]:
    """Contacts that wait for a successor: id, person, household, name, courtyard, since, name of who left."""
    query = (
        select(
            EmergencyContact.id, EmergencyContact.person_id, Person.household_id, Person.name, EmergencyContact.since,
            Courtyard.name.label("courtyard"), Account.name.label("left"),
        )
        .join(Person, Person.id == EmergencyContact.person_id)
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .outerjoin(Account, Account.id == EmergencyContact.account_id)
        .where(orphaned(_posts()), Person.status == "here")
        .order_by(Courtyard.seq, EmergencyContact.id)
    )  # fmt: skip
    return list(db.session.execute(query))


def await_successors() -> None:
    """Say of each leaver who left contacts behind that the secretary must find successors, by when (timer
    staff-handover, from the end of the last post); a leaver without any no longer waits. Safe to run twice."""
    left = {
        row.account_id: row.n
        for row in db.session.execute(
            select(EmergencyContact.account_id, func.count().label("n"))
            .join(Person, Person.id == EmergencyContact.person_id)
            .where(orphaned(_posts()), EmergencyContact.account_id.is_not(None), Person.status == "here")
            .group_by(EmergencyContact.account_id)
        )
    }
    for account_id in set(db.session.scalars(select(Step.id).where(Step.object_kind == STEP))) - set(left):
        no_step(account_id)
    for account_id, n in left.items():
        gone = select(func.max(Membership.ends_at)).where(
            Membership.account_id == account_id, Membership.scope_kind == "community",
            Membership.scope_id == current_tenant().uid,
        )  # fmt: skip
        secretary = next(iter(working(current_tenant().uid, ("secretary",))), None)
        next_step(
            STEP, account_id, number=f"×{n}", case_id=None, actor_role="secretary", verb=N_("给紧急联系人找接手的人"),
            actor=secretary.post if secretary else "社区",
            due_at=catalogue.due("staff-handover", start=db.session.scalar(gone)),
        )  # fmt: skip


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
        .where(EmergencyContact.person_id == Person.id, EmergencyContact.ended_at.is_(None), ~orphaned(_posts()))
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


def waiting() -> int:
    """How many contacts wait for a successor."""
    query = select(func.count(EmergencyContact.id)).join(Person, Person.id == EmergencyContact.person_id)
    return db.session.scalar(query.where(orphaned(_posts()), Person.status == "here")) or 0


def _alone() -> ColumnElement[bool]:
    slugs = cast(array(sorted(rules.ALONE)), ARRAY(Text))
    return or_(Person.groups.op("?|")(slugs), Person.labels.op("?|")(slugs))


def staff() -> list[Worker]:
    """Who can be an emergency contact: everybody who works in the community now, once."""
    return list({each.account_id: each for each in reversed(working(current_tenant().uid))}.values())[::-1]


def _posts() -> dict[UUID, str]:
    return {each.account_id: each.post for each in staff()}


def _worker(account_id: UUID | None) -> Worker:
    found = next((each for each in staff() if each.account_id == account_id), None)
    if found is None:
        raise Refused("请选择一位在岗的工作人员。", field="account")
    return found


def _row(contact_id: UUID) -> EmergencyContact:
    row = db.session.scalar(select(EmergencyContact).where(EmergencyContact.id == contact_id).with_for_update())
    if row is None:
        raise Absent("没有这位联系人。")
    return row


def _words(name: str) -> str:
    if not name.strip():
        raise Refused("请写联系人怎么称呼。", field="name")
    return name.strip()[:50]


def _phone(phone: str) -> str:
    try:
        return codes.phone(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
