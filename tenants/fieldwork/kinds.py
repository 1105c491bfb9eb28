"""What an item may be: how it is read, in which courtyard it lies, and the one verb of its room that it calls."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rongjiu.clock import ZONE
from rongjiu.codes import N_
from rongjiu.errors import Absent
from tenants.accompaniment.service import finish_visit
from tenants.fieldwork import sheets
from tenants.fieldwork.queries import seen_by_phone
from tenants.fieldwork.reading import Payload, Unreadable
from tenants.residents import changing, dialling
from tenants.residents import queries as residents
from tenants.reviews import requests
from tenants.signals import first_visit
from tenants.signals import queries as signals
from tenants.signals.rules import URGENCIES
from tenants.signals.service import receive

PERSON_FIELDS = ("name", "gender", "relation", "birth_date", "phone", "condition", "status")
"""What a phone may change of a person; identity numbers are taken at the desk, from the document."""
_TOLD = "网格员上门了解，在手机上更正"
"""Why a change of who somebody is, of health or of a death waits for the secretary, when a phone tells it."""
Reach = Collection[UUID]
"""Courtyards in which an item may lie."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who told it from which phone, when, and what that phone had seen; `row` is the item's own row."""

    row: UUID
    client_id: UUID
    device: UUID
    account: UUID
    seq: int
    at: datetime
    base: Mapping[str, str] | None
    """None: whatever stands there now is overwritten, because a person has looked at both."""


@dataclass(frozen=True, slots=True)
class Read:
    """An item that lies within reach: its courtyard, and what its verb is given."""

    courtyard: UUID
    words: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """What an item became or changed; `conflicts` names fields that somebody had changed since."""

    kind: str
    id: UUID
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` raises Absent beyond reach and Unreadable; `apply` raises what the verb raises."""

    label: str
    read: Callable[[Payload, Reach], Read]
    apply: Callable[[Read, Told], Done]


def _within(courtyard: UUID | None, reach: Reach) -> UUID:
    if courtyard is None or courtyard not in reach:
        raise Absent("没有这个院落。")
    return courtyard


def _signal(payload: Payload, reach: Reach) -> Read:
    """A door is named before the words, so that the clerk knows where; who lives there stands in the register."""
    courtyard, words = payload.id("courtyard"), payload.text("words")
    home = payload.id_or_none("household")
    if home is not None:
        door = residents.household(home)
        if door is None or door.courtyard_id != courtyard:
            raise Absent("没有这户人家。")
        mark = "-".join(filter(None, (door.building, door.unit, door.room)))
        words = f"【{mark}】{words}" if mark and words else words
    return Read(
        _within(courtyard, reach),
        {"words": words, "urgency": payload.one("urgency", URGENCIES, "ordinary"), "phone": payload.text("phone", 40),
         "caller": payload.text("caller", 50)},
    )  # fmt: skip


def _heard(kind: str) -> Callable[[Read, Told], Done]:
    def apply(read: Read, _told: Told) -> Done:
        got = receive("grid_report", kind, courtyard_id=read.courtyard, **read.words)
        return Done("signal", got.id)

    return apply


def _visit(payload: Payload, reach: Reach) -> Read:
    row = signals.visit(payload.id("visit"), reach)
    if row is None:
        raise Absent("没有这次上门。")
    return Read(row.courtyard_id, {"visit": row.id, "first": row.kind == "first", "note": payload.text("note", 1000)})


def _visited(read: Read, told: Told) -> Done:
    if read.words["first"]:  # a first visit registers a family with its consent; that is a page of its own
        raise Unreadable
    row = finish_visit(read.words["visit"], "done", at=told.at, note=read.words["note"], client_key=told.client_id)
    return Done("visit", row.id)


def _missed(read: Read, told: Told) -> Done:
    if read.words["first"]:
        first_visit.missed(read.words["visit"], client_key=told.client_id, courtyards=[read.courtyard])
    else:
        finish_visit(
            read.words["visit"], "missed", at=told.at, note=read.words["note"], client_key=told.client_id
        )  # fmt: skip
    return Done("visit", read.words["visit"])


def _person(payload: Payload, reach: Reach) -> Read:
    person = payload.id("person")
    home = residents.home_of(person)
    door = residents.household(home) if home else None
    if door is None:
        raise Absent("没有这个人。")
    values = payload.part("values")
    if not values.raw or set(values.raw) - set(PERSON_FIELDS):
        raise Unreadable
    given = {name: values.day(name) if name == "birth_date" else values.text(name) for name in values.raw}
    return Read(_within(door.courtyard_id, reach), {"person": person, "values": given})


def _one_touch(payload: Payload, reach: Reach) -> Read:
    person = payload.id("person")
    home = residents.home_of(person)
    door = residents.household(home) if home else None
    if door is None:
        raise Absent("没有这个人。")
    works = payload.one("works", ("", "yes", "no"), "")
    return Read(_within(door.courtyard_id, reach), {"person": person, "works": works})


def _dialled(read: Read, told: Told) -> Done:
    """Taught at the door; tested as well when it is said whether the call came through."""
    day, works = told.at.astimezone(ZONE).date(), read.words["works"]
    dialling.tried(
        read.words["person"], None, taught_on=None if works else day, tested_on=day if works else None,
        works=works == "yes" if works else None,
    )  # fmt: skip
    return Done("person", read.words["person"])


def _change_person(read: Read, told: Told) -> Done:
    person, values = read.words["person"], read.words["values"]
    base = None
    if told.base is not None:
        base, newer = seen_by_phone(person, dict(told.base), told.device, told.account, told.seq)
        values = {name: value for name, value in values.items() if name not in newer}
    origin = changing.Origin("field", told.row)
    return Done("person", person, requests.told(person, values, reason=_TOLD, origin=origin, base=base))


def _stop(payload: Payload, reach: Reach) -> Read:
    return Read(*sheets.stop(payload, reach))


def _new_door(payload: Payload, reach: Reach) -> Read:
    return Read(*sheets.door(payload, reach))


def _write(read: Read, told: Told) -> Done:
    return Done("sweep_stop", *sheets.write(read.words, told, read.courtyard))


KINDS: dict[str, Kind] = {
    "sweep_stop": Kind(N_("摸排"), _stop, _write),
    "sweep_new_door": Kind(N_("新的一户"), _new_door, _write),
    "wish": Kind(N_("心愿"), _signal, _heard("wish")),
    "hardship": Kind(N_("上报困难"), _signal, _heard("need")),
    "visit_done": Kind(N_("上门签到"), _visit, _visited),
    "visit_missed": Kind(N_("上门没见到人"), _visit, _missed),
    "one_touch": Kind(N_("一键拨号"), _one_touch, _dialled),
    "person_fields": Kind(N_("更正家庭成员"), _person, _change_person),
}
PHOTO = N_("照片")
