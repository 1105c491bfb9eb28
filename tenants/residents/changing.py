"""Changing a field of the register: what it was stays in the history, and nobody overwrites unseen.

Every change of a registered person or household goes through here, whoever makes it: desk, visit, sweep, phone,
import, merge, request or undo.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, codes, crypto, facts, pinyin
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.words import LANGUAGES
from rongjiu.tenancy import known
from tenants.residents import duplicates, labels, rules
from tenants.residents.facts import LabelsMoved
from tenants.residents.models import OCCUPANCIES, STATUSES, Household, Person, RegisterChange
from tenants.residents.queries import versions

MOVES_LABELS = frozenset({"birth_date", "id_number", "groups", "status", "occupancy"})
"""Fields from which groups follow by rule."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a change comes from: desk | visit | sweep | field | import | merge | request | undo, and its row."""

    kind: str = "desk"
    id: UUID | None = None
    review: bool = False
    """Somebody at the desk asked that a number which is taken be looked at later."""

    @property
    def never_blocks(self) -> bool:
        """At the door nobody is turned away by a number that somebody else has: a clerk looks at it afterwards."""
        return self.review or self.kind in FIELDWORK


FIELDWORK = frozenset({"visit", "sweep", "field", "import"})
DESK = Origin()


class Taken(Refused):
    """The identity number belongs to somebody registered; `holder_id` says to whom."""

    def __init__(self, holder_id: UUID, number: str) -> None:
        super().__init__("这个身份证号在本社区已经登记过，请先搜索核对。", field="id_number", status=409)
        self.holder_id, self.number = holder_id, number


@dataclass(frozen=True, slots=True)
class Outcome:
    """Fields that were changed, and those left alone because somebody had changed them since."""

    changed: tuple[str, ...]
    conflicts: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    """Fields whose value waits for a clerk, because somebody else has it."""


def change_person(
    person_id: UUID, values: Mapping[str, Any], *, origin: Origin = DESK, base: Mapping[str, str] | None = None
) -> Outcome:
    """Give fields of a person new values (those of _SET_PERSON; texts, dates, a list of slugs; '' or None clears).

    `base` says per field which change (its id, '' = none) the writer had seen; a field changed since by somebody else
    to another value is left alone and named in `conflicts`. Raises Refused naming the field, Absent.
    """
    row = db.session.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if row is None:
        raise Absent("没有这个人。")
    return _change(row, row.household_id, row.id, _SET_PERSON, values, origin, base)


def change_household(
    household_id: UUID, values: Mapping[str, Any], *, origin: Origin = DESK, base: Mapping[str, str] | None = None
) -> Outcome:
    """Give fields of a household new values (those of _SET_HOUSEHOLD), as `change_person` does."""
    row = db.session.scalar(select(Household).where(Household.id == household_id).with_for_update())
    if row is None:
        raise Absent("没有这户人家。")
    return _change(row, row.id, None, _SET_HOUSEHOLD, values, origin, base)


def moved_since(person_id: UUID, names: Collection[str], base: Mapping[str, str] | None) -> tuple[str, ...]:
    """Of these fields those that somebody has changed since `base` was seen (None = seen just now)."""
    if base is None or not names:
        return ()
    known = versions(persons=[person_id])
    return tuple(name for name in names if base.get(name, "") != known.get((person_id, name), ""))


def fill(row: Person, values: Mapping[str, Any], at: str = "", origin: Origin = DESK) -> None:
    """Give a person who is being registered first values, checked alike; a refusal names the field behind `at`."""
    try:
        for name, value in values.items():
            _put(_SET_PERSON, row, name, value, origin)
    except Taken as taken:
        taken.field = f"{at}{taken.field}"
        raise
    except Refused as refused:
        raise Refused(refused.message, field=f"{at}{refused.field}", status=refused.status) from refused


def _put(setters: Mapping[str, Callable[[Any, Any], None]], row: Any, name: str, value: Any, origin: Origin) -> bool:
    """Set one field; False when the value is somebody else's and was kept for a clerk instead."""
    try:
        setters[name](row, value)
    except Taken as taken:
        if not origin.never_blocks:
            raise
        duplicates.clash(row.id, taken.holder_id, taken.number)
        return False
    return True


def _change(
    row: Any, household_id: UUID, person_id: UUID | None, setters: Mapping[str, Callable[[Any, Any], None]],
    values: Mapping[str, Any], origin: Origin, base: Mapping[str, str] | None,
) -> Outcome:  # fmt: skip
    known = versions(persons=[person_id]) if person_id else versions(households=[household_id])
    changed, conflicts, held = list[str](), list[str](), list[str]()
    at, actor = now(), current_actor()
    for name in (name for name in setters if name in values):  # in the order of the register: birth before number
        before = rules.kept_text(getattr(row, name))
        seen = base is None or base.get(name, "") == known.get((person_id or household_id, name), "")
        if not seen and rules.kept_text(rules.as_kept(name, values[name])) != before:
            conflicts.append(name)
            continue
        if not _put(setters, row, name, values[name], origin):
            held.append(name)
        after = rules.kept_text(getattr(row, name))
        if after != before:
            changed.append(name)
            db.session.add(
                RegisterChange(
                    id=uuid7(), household_id=household_id, person_id=person_id, name=name, before=before, after=after,
                    at=at, actor_id=actor.account_id, actor=actor.name, source=origin.kind, source_id=origin.id,
                )
            )  # fmt: skip
    db.session.flush()
    if changed:
        kind = "person" if person_id else "household"
        audit.record(f"{kind}.amend", kind, person_id or household_id, fields=changed, source=origin.kind)
        if MOVES_LABELS & set(changed):
            labels.recheck([household_id])
        if {"groups", "status"} & set(changed):
            facts.send(LabelsMoved(tenant_id=current_tenant().id, object_id=household_id))
    return Outcome(tuple(changed), tuple(conflicts), tuple(held))


def _name(row: Person, value: Any) -> None:
    name = (value or "").strip()
    if not name:
        raise Refused("请写姓名。", field="name")
    row.name = name
    row.pinyin = reading(name)


def reading(name: str) -> str:
    """How a person's name is found: full pinyin, a blank, initials."""
    return f"{pinyin.key(name, person=True)} {pinyin.initials(name, person=True)}"


def _gender(row: Person, value: Any) -> None:
    if value and value not in rules.GENDERS:
        raise Refused("请选一项", field="gender")
    row.gender = value or ""


def _relation(row: Person, value: Any) -> None:
    code = rules.relation_code(value or "")
    if code is None:
        raise Refused("请选一项", field="relation")
    row.relation = code


def _birth_date(row: Person, value: Any) -> None:
    if value is not None and value > today():
        raise Refused("出生日期在今天以后，请再看一眼。", field="birth_date")
    row.birth_date = value
    if value is not None:
        row.age_said = row.age_on = None


def _phone(row: Person, value: Any) -> None:
    text = (value or "").strip()
    try:
        row.phone = codes.phone(text) if text else None
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    row.phone_index = crypto.blind(row.phone, current_tenant().uid, "phone") if row.phone else None


def _id_number(row: Person, value: Any) -> None:
    text = (value or "").strip()
    if not text:
        known.note(row.id_number, None)
        row.id_number = row.id_index = None
        return
    try:
        read = codes.id_number(text, today=today())
    except codes.CodeError as error:
        raise Refused(str(error), field="id_number") from error
    if row.birth_date is not None and row.birth_date != read.born:
        raise Refused("身份证号和出生日期对不上，请照证件再看一眼。", field="id_number")
    index = crypto.blind(read.number, current_tenant().uid, "id_number")
    holder = db.session.scalar(select(Person.id).where(Person.id_index == index, Person.id != row.id))
    if holder is not None:
        raise Taken(holder, read.number)
    known.note(row.id_number, read.number)
    row.id_number, row.id_index, row.birth_date = read.number, index, read.born
    row.gender = row.gender or read.sex
    row.age_said = row.age_on = None


def _condition(row: Person, value: Any) -> None:
    row.condition = (value or "").strip() or None


def _groups(row: Person, value: Any) -> None:
    row.groups = sorted(set(value or ()))


def _languages(row: Person, value: Any) -> None:
    if set(value or ()) - set(LANGUAGES):
        raise Refused("请重新选会说什么。", field="languages")
    row.languages = sorted(set(value or ()))


def _status(row: Person, value: Any) -> None:
    if value not in STATUSES:
        raise Refused("请选一项", field="status")
    if value != row.status:
        row.status, row.status_on = value, today()


def _door(name: str) -> Callable[[Household, Any], None]:
    def put(row: Household, value: Any) -> None:
        setattr(row, name, (value or "").strip())

    return put


def _occupancy(row: Household, value: Any) -> None:
    if value not in OCCUPANCIES:
        raise Refused("请选一项", field="occupancy")
    row.occupancy = value


def _left_on(row: Household, value: Any) -> None:
    row.left_on = value


_SET_PERSON: dict[str, Callable[[Any, Any], None]] = {
    "name": _name, "gender": _gender, "relation": _relation, "birth_date": _birth_date, "phone": _phone,
    "id_number": _id_number, "condition": _condition, "groups": _groups, "languages": _languages, "status": _status,
}  # fmt: skip
_SET_HOUSEHOLD: dict[str, Callable[[Any, Any], None]] = {
    "building": _door("building"), "unit": _door("unit"), "room": _door("room"), "occupancy": _occupancy,
    "left_on": _left_on,
}  # fmt: skip
