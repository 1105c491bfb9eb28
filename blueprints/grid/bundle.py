"""What a phone takes along for a day without signal: own courtyards only, names masked, no sealed field."""

from typing import Any
from uuid import UUID

from flask import session
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from blueprints.grid.app_words import words
from blueprints.guard import me, place
from blueprints.pages import language, show, when
from rongjiu.clock import now, today
from tenants.catalogue import service as catalogue
from tenants.fieldwork import queries
from tenants.residents import dialling
from tenants.residents import queries as residents
from tenants.residents import rules as people_rules
from tenants.signals import queries as signals


def bundle() -> dict[str, Any]:
    """The whole of it, as JSON takes it."""
    yards = residents.own_courtyards(me().courtyards)
    return {
        "account": str(me().account_id), "place": place().name, "token": generate_csrf(), "now": _ms(now()),
        "lang": language(), "elder": bool(session.get("elder")), "keep_days": int(catalogue.setting("offline-store")),
        "words": words(), "yards": [{"id": str(row.id), "name": row.name} for row in residents.courtyards(yards)],
        "homes": _homes(yards), "stops": [_stop(row, again) for row, again in queries.stops(yards)],
        "sweeps": [{"id": str(sweep), "yards": [str(yard) for yard in open_]} for sweep, open_ in queries.running(yards)],
        "visits": [_visit(row) for row in signals.visits(yards)],
        "dials": [str(each.id) for each in dialling.elders(yards) if each.late],
    }  # fmt: skip


def _homes(yards: list[UUID]) -> list[dict[str, Any]]:
    doors, people = queries.homes(yards)
    marks: dict[UUID, dict[str, str]] = {}
    for (person, name), mark in residents.versions(persons=[each.id for each in people]).items():
        marks.setdefault(person, {})[name] = mark
    living: dict[UUID, list[dict[str, Any]]] = {}
    for row in people:
        living.setdefault(row.household_id, []).append(_person(row, marks.get(row.id, {})))
    return [
        {"id": str(row.id), "yard": str(row.courtyard_id), "door": _door(row), "occupancy": row.occupancy,
         "people": living.get(row.id, [])}
        for row in doors
    ]  # fmt: skip


def _person(row: Any, base: dict[str, str]) -> dict[str, Any]:
    age = people_rules.age(row.birth_date, row.age_said, row.age_on, today())
    return {
        "id": str(row.id), "name": show("name", row.name), "relation": show("relation", row.relation),
        "age": show("age", age), "status": row.status, "base": base,
    }  # fmt: skip


def _stop(row: Any, again: Any) -> dict[str, Any]:
    people = [
        {"id": str(each.id), "name": show("name", each.name), "relation": show("relation", each.relation),
         "age": show("age", each.age), "status": "here", "result": each.result}
        for each in row.people
    ]  # fmt: skip
    return {
        "id": str(row.stop_id), "yard": str(row.courtyard_id), "household": str(row.household_id), "door": _door(row),
        "tries": row.tries, "evening": again.evening, "again": again.day.isoformat(), "people": people, "base": row.base,
    }  # fmt: skip


def _visit(row: Any) -> dict[str, Any]:
    head = show("name", row.head)
    return {
        "id": str(row.id), "first": row.kind == "first", "number": row.number, "yard": row.courtyard,
        "yard_id": str(row.courtyard_id), "door": _door(row), "family": _("%(name)s 一家", name=head) if head else "",
        "household": str(row.household_id or ""), "urgency": row.urgency, "due": _ms(row.planned_at),
        "due_text": when(row.planned_at),
    }  # fmt: skip


def _door(row: Any) -> str:
    return str(show("address", "-".join(filter(None, (row.building, row.unit, row.room)))))


def _ms(moment: Any) -> int:
    return int(moment.timestamp() * 1000)
