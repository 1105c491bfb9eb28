"""Emergency contacts: whom a person's button rings, and who takes over when a member of staff leaves."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from rongjiu import audit, codes
from rongjiu.clock import now, today
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
from tenants.residents.models import Courtyard, EmergencyContact, Household, Person

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
    known = posts()
    return [
        Contact(
            row.id, row.person_id, row.kind, row.name or staff or "", row.phone or staff_phone or "",
            known.get(row.account_id or _NOBODY, staff or "") if row.kind == "staff" else "", row.since, row.ended_at,
            row.kind == "staff" and row.ended_at is None and row.account_id not in known,
        )
        for row, staff, staff_phone in db.session.execute(query)
    ]  # fmt: skip


def whose(contact_id: UUID) -> UUID | None:
    """The person whose contact it is, or None."""
    return db.session.scalar(select(EmergencyContact.person_id).where(EmergencyContact.id == contact_id))


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
        .where(orphaned(posts()), Person.status == "here")
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
            .where(orphaned(posts()), EmergencyContact.account_id.is_not(None), Person.status == "here")
            .group_by(EmergencyContact.account_id)
        )
    }
    for account_id in set(db.session.scalars(select(Step.id).where(Step.object_kind == STEP))) - set(left):
        no_step(account_id)
    if not left:
        return
    posted = select(Membership.account_id, func.max(Membership.ends_at).label("at")).where(
        Membership.account_id.in_(left), Membership.scope_kind == "community",
        Membership.scope_id == current_tenant().uid,
    )  # fmt: skip
    gone = {row.account_id: row.at for row in db.session.execute(posted.group_by(Membership.account_id))}
    secretary = next(iter(working(current_tenant().uid, ("secretary",))), None)
    for account_id, n in left.items():
        next_step(
            STEP, account_id, number=f"×{n}", case_id=None, actor_role="secretary", verb=N_("给紧急联系人找接手的人"),
            actor=secretary.post if secretary else "社区",
            due_at=catalogue.due("staff-handover", start=gone.get(account_id)),
        )  # fmt: skip


def waiting() -> int:
    """How many contacts wait for a successor."""
    query = select(func.count(EmergencyContact.id)).join(Person, Person.id == EmergencyContact.person_id)
    return db.session.scalar(query.where(orphaned(posts()), Person.status == "here")) or 0


def staff() -> list[Worker]:
    """Who can be an emergency contact: everybody who works in the community now, once."""
    return list({each.account_id: each for each in reversed(working(current_tenant().uid))}.values())[::-1]


def posts() -> dict[UUID, str]:
    """The post of everybody who can be an emergency contact."""
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
