"""Sheets of a sweep as a phone sends them, and what of them somebody at the desk may still take over."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from rongjiu.errors import Absent, Refused
from tenants.fieldwork import queries
from tenants.fieldwork.reading import Payload, Unreadable
from tenants.residents import changing
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import rules
from tenants.sweeps.service import Recorded, Seen, Sheet, new_door, record
from tenants.sweeps.sheets import CONTACTS, Rings

KEPT = "kept"
"""In place of a field: the door was done already, so the sheet changed nothing."""


def stop(payload: Payload, reach: Collection[UUID]) -> tuple[UUID, dict[str, Any]]:
    """The courtyard of a stop within reach, and what its verb is given; raises Absent."""
    stop_id = payload.id("stop")
    yard = queries.yard_of_stop(stop_id)
    if yard is None or yard not in reach:
        raise Absent("没有这一户。")
    return yard, {"stop": stop_id, "sheet": sheet(payload)}


def door(payload: Payload, reach: Collection[UUID]) -> tuple[UUID, dict[str, Any]]:
    """The same for a door that is on no list."""
    yard = payload.id("courtyard")
    if yard not in reach:
        raise Absent("没有这个院落。")
    place = Door(payload.text("building", 40), payload.text("unit", 40), payload.text("room", 40))
    return yard, {"sweep": payload.id("sweep"), "yard": yard, "door": place, "sheet": sheet(payload)}


def write(words: dict[str, Any], told: Any, yard: UUID) -> tuple[UUID, tuple[str, ...]]:
    """Write a sheet; the stop, and what was left alone as `<id>/<field>`."""
    paper = replace(words["sheet"], base=told.base)
    where: dict[str, Any] = {"client_key": told.client_id, "at": told.at, "courtyards": [yard]}
    if "stop" in words:
        got: Recorded = record(words["stop"], paper, **where)
    else:
        got = new_door(words["sweep"], words["yard"], words["door"], paper, **where)
    return got.stop_id, (KEPT,) if got.kept else tuple(f"{row}/{name}" for row, name in got.conflicts)


def take_over(payload: Payload, names: Collection[str], origin: changing.Origin) -> None:
    """Enter what a person at the desk has chosen of a sheet: `<person id>/status` as the worker saw it."""
    seen = {str(each.person_id): each.how for each in sheet(payload).people}
    for name in names:
        row, _, field = name.partition("/")
        if field != "status" or row not in payload.words("conflicts_of"):
            raise Unreadable
        changing.change_person(UUID(row), {"status": status(payload, seen.get(row, ""))}, origin=origin)


def status(payload: Payload, how: str) -> str:
    """What a sheet says became of a person, as the register calls it."""
    return "died" if how == "died" else "moved" if how == "moved" or payload.text("result") == "moved" else "here"


def sheet(payload: Payload) -> Sheet:
    """A sheet as the room of sweeps takes it; the room checks its codes."""
    return Sheet(
        result=payload.one("result", rules.RESULTS, ""),
        people=tuple(_seen(each) for each in payload.parts("people", 50)),
        new_people=tuple(_new(each) for each in payload.parts("new_people", 20)),
        deferred_until=payload.day("deferred_until"), note=payload.text("note"), wish=payload.text("wish"),
        urgent=payload.raw.get("urgent") is True, safety_risks=tuple(payload.words("risks")),
        possible_leak=payload.raw.get("leak") is True, leak_reason=payload.text("leak_reason", 40),
        occupancy=payload.text("occupancy", 20),
    )  # fmt: skip


def _seen(part: Payload) -> Seen:
    return Seen(
        part.id("person"), part.one("how", rules.TOLD, "unasked"), possible_leak=part.raw.get("leak") is True,
        leak_reason=part.text("leak_reason", 40), hardships=tuple(part.words("hardships")), contact=_rings(part),
        one_touch=part.raw.get("one_touch") is True,
    )  # fmt: skip


def _rings(part: Payload) -> Rings | None:
    told = part.part("contact")
    name, phone = told.text("name", 50).strip(), told.text("phone", 40).strip()
    return Rings(told.one("kind", CONTACTS, "family"), name, phone) if name or phone else None


def _new(part: Payload) -> NewPerson:
    age = part.text("age", 10)
    if age and not age.isdecimal():
        raise Refused("年龄请写 0 到 120 之间的整数。")
    return NewPerson(
        name=part.text("name", 50), relation=part.text("relation", 10), gender=part.text("gender", 10),
        age=int(age) if age else None, phone=part.text("phone", 40),
    )  # fmt: skip
