"""At the door: one sheet for one household, written once however often it is sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.residents import changing
from tenants.residents import service as residents
from tenants.residents.changing import Origin
from tenants.residents.models import Household, Person
from tenants.residents.service import Door, NewPerson
from tenants.reviews import requests
from tenants.sweeps import following, planning, queries, rules, sheets, waiting
from tenants.sweeps.entitled import service as entitled
from tenants.sweeps.models import StopPerson, StopTry, Sweep, SweepCourtyard, SweepStop
from tenants.sweeps.sheets import Seen, Sheet
from tenants.sweeps.tries import Recorded, answered, earlier, fingerprint, texts

_TOLD = "摸排上门时得知"
"""The reason of a change that a sheet tells."""
__all__ = ["NewPerson", "Recorded", "Seen", "Sheet", "new_door", "record"]


@dataclass(frozen=True, slots=True)
class _Home:
    """A household as the register has it, locked: its people by name."""

    occupancy: str
    left_on: date | None
    people: dict[UUID, str]


def record(
    stop_id: UUID, sheet: Sheet, *, client_key: UUID, at: datetime, courtyards: Collection[UUID] | None = None
) -> Recorded:
    """Write a sheet of one door, seen at `at` (never later than now). The same `client_key` answers the same.

    People of the household whom the sheet does not name are "not asked yet": a visited door stays open for them.
    A different sheet for a door that is done is kept and changes nothing (`Recorded.kept`). Raises Absent for a stop
    outside `courtyards`, Clash when the courtyard is closed or the key came with another sheet, Refused naming a field.
    """
    stop = held(stop_id, courtyards)
    return _write(stop, sheet, client_key, _moment(at), fingerprint(sheet, stop.id))


def new_door(
    sweep_id: UUID, courtyard_id: UUID, door: Door, sheet: Sheet, *, client_key: UUID, at: datetime,
    courtyards: Collection[UUID] | None = None,
) -> Recorded:  # fmt: skip
    """Write a sheet of a door that is on no list: the household is registered and gets its stop; a door already known
    gets the sheet on its own stop. Raises as `record`, and Refused naming `room` or a field of `new_people-<n>`."""
    if courtyards is not None and courtyard_id not in courtyards:
        raise Absent("没有这个院落。")
    hold_courtyard(sweep_id, courtyard_id)
    body = fingerprint(sheet, door)
    if before := earlier(client_key, body):
        return before
    going_on(sweep_id, courtyard_id)
    sheets.check(sheet, at, waiting.waits())
    following.hold_numbers()
    household_id, fresh = residents.register_door(courtyard_id, door)
    stop = held(planning.add_stop(sweep_id, courtyard_id, household_id, at_door=fresh), None)
    return _write(stop, sheet, client_key, _moment(at), body)


def _write(stop: SweepStop, sheet: Sheet, client_key: UUID, at: datetime, body: bytes) -> Recorded:
    if before := earlier(client_key, body):
        return before
    going_on(stop.sweep_id, stop.courtyard_id)
    sheets.check(sheet, at, waiting.waits())
    home = _home(stop.household_id)
    results = _results(stop.id)
    lacking = [each for each in {*home.people, *results} if results.get(each, "") in rules.OPEN_PERSON]
    trial = StopTry(
        id=uuid7(), stop_id=stop.id, at=at, received_at=now(), worker_id=current_actor().account_id,
        worker=current_actor().name, result=sheet.result, evening=rules.is_evening(at), client_key=client_key, body=body,
        note=sheet.note.strip() or None, sheet=rules.canonical(texts(sheet.plain())), answer={}, kept=False,
        file_ids=[str(each) for each in sheet.file_ids],
    )  # fmt: skip
    if not rules.takes(stop.state, sheet.result, bool(lacking)):
        trial.kept = True
        return answered(stop, trial, sheet, pending=len(lacking))
    return _take(stop, sheet, trial, home, results)


def _take(stop: SweepStop, sheet: Sheet, trial: StopTry, home: _Home, results: dict[UUID, str]) -> Recorded:
    """Let a sheet change what stands: numbers of signals first, so that two requests never wait for each other."""
    said = {each.person_id: each for each in sheet.people}
    strangers = {*said} - {*home.people} - {*results}
    conflicts = [(str(said.pop(each).person_id), "person") for each in sorted(strangers)]
    heard = following.hear(stop, sheet)
    told = {str(each): word for each, word in results.items() if word not in (*rules.OPEN_PERSON, "unreached")}
    answers = {str(each): one.how for each, one in said.items()}
    found = rules.settled(sheet.result, told | answers, {str(each) for each in home.people})
    state = rules.state_after(sheet.result, found.values())
    conflicts += _people(stop, sheet, said, [UUID(each) for each, word in found.items() if word == "moved"])
    conflicts += _household(stop, state, sheet, home, trial.at)
    added = _newcomers(stop.household_id, sheet.new_people, home.people)
    found |= {str(each): "seen" for each in added if each not in said}
    for person, word in found.items():
        _result(stop.id, UUID(person), word, said.get(UUID(person)), trial.at, before=results.get(UUID(person)))
    following.care(sheet.people, said, trial.at)
    following.receive(stop, said.values(), trial.at)
    stop.state, stop.tries, stop.worker = state, stop.tries + 1, trial.worker  # together: one statement
    stop.deferred_until = sheets.until(sheet, state, trial.at)
    stop.final_at = None if rules.is_open(state) else trial.at
    db.session.flush()
    entitled.suspect(stop, sheet, [*said.values()], added or [*home.people], heard)
    pending = sum(word in rules.OPEN_PERSON for word in {**dict.fromkeys(map(str, home.people), ""), **found}.values())
    answer = answered(stop, trial, sheet, pending=pending, conflicts=conflicts, heard=heard)
    audit.record("sweep.stop", "sweep_stop", stop.id, result=sheet.result, state=stop.state, people=len(found))
    if not rules.is_open(stop.state) and not queries.open_doors(stop.sweep_id, stop.courtyard_id):
        waiting.step(stop.sweep_id)  # while a courtyard has open doors, nobody else's turn comes
    return answer


def _people(
    stop: SweepStop, sheet: Sheet, said: Mapping[UUID, Seen], moved: Collection[UUID]
) -> list[tuple[str, str]]:  # fmt: skip
    """Changes of the register that were seen, a death as a request to the secretary; answers what was left alone."""
    conflicts = list[tuple[str, str]]()
    for person_id in {*said, *moved}:
        seen = said.get(person_id)
        values: dict[str, Any] = {} if seen is None or seen.groups is None else {"groups": list(seen.groups)}
        if person_id in moved or (seen and seen.how == "died"):
            values["status"] = "moved" if person_id in moved else "died"
        if values:
            origin = Origin("sweep", stop.sweep_id)
            left = requests.told(person_id, values, reason=_TOLD, origin=origin, base=sheet.base_of(person_id))
            conflicts += [(str(person_id), name) for name in left]
    return conflicts


def _household(
    stop: SweepStop, state: str, sheet: Sheet, home: _Home, at: datetime
) -> list[tuple[str, str]]:  # fmt: skip
    values: dict[str, Any] = {}
    if state == "moved":
        values["left_on"] = at.astimezone(ZONE).date()
    elif state == "vacant":
        values["occupancy"] = "vacant"
    elif state == "visited":  # somebody lives there after all
        values = {"left_on": None} if home.left_on else {}
        if sheet.occupancy or home.occupancy == "vacant":
            values["occupancy"] = sheet.occupancy or "lived_in"
    if not values:
        return []
    origin, household_id = Origin("sweep", stop.sweep_id), stop.household_id
    done = changing.change_household(household_id, values, origin=origin, base=sheet.base_of(household_id))
    return [(str(household_id), name) for name in done.conflicts]


def _newcomers(household_id: UUID, people: Collection[NewPerson], here: Mapping[UUID, str]) -> list[UUID]:
    """People found at the door; one of the same name who is registered there is that person."""
    known = {name: person for person, name in here.items()}
    found = list[UUID]()
    for n, each in enumerate(people):
        person = known.get(each.name.strip())
        try:
            found.append(person or residents.add_person(household_id, each))
        except Refused as refused:
            raise Refused(refused.message, f"new_people-{n}-{refused.field}", refused.status, **refused.words) from None
    return found


def put_result(stop_id: UUID, person_id: UUID, word: str, at: datetime) -> None:
    """Say what became of one person without a sheet."""
    _result(stop_id, person_id, word, None, at, before=None)


def _result(
    stop_id: UUID, person_id: UUID, word: str, seen: Seen | None, at: datetime, *, before: str | None
) -> None:  # fmt: skip
    if seen is None and word == before:
        return
    values: dict[str, Any] = {"result": word, "at": at}
    if seen is not None:
        observed = {"policies": seen.policy_now_received, "hardships": seen.hardships}
        values |= {
            "possible_leak": seen.possible_leak, "leak_reason": seen.leak_reason,
            "observation": rules.canonical(observed) if any(observed.values()) else None,
        }  # fmt: skip
    whole = {"possible_leak": False, "leak_reason": "", "observation": None} | values
    row = insert(StopPerson).values(
        tenant_id=current_tenant().id, id=uuid7(), stop_id=stop_id, person_id=person_id, person_then=person_id, **whole
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "stop_id", "person_id"], set_={name: row.excluded[name] for name in values}
        )
    )


def held(stop_id: UUID, courtyards: Collection[UUID] | None) -> SweepStop:
    """A stop, locked behind its courtyard, so that closing and writing go one after the other."""
    row = db.session.execute(
        select(SweepStop.sweep_id, SweepStop.courtyard_id).where(SweepStop.id == stop_id)
    ).one_or_none()
    if row is None or (courtyards is not None and row.courtyard_id not in courtyards):
        raise Absent("没有这一户。")
    hold_courtyard(row.sweep_id, row.courtyard_id)
    stop: SweepStop = db.session.scalars(
        select(SweepStop).where(SweepStop.id == stop_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    return stop


def hold_courtyard(sweep_id: UUID, courtyard_id: UUID) -> None:
    """Lock a courtyard of a sweep: writing and closing go one after the other. Raises Absent."""
    row = select(SweepCourtyard.id).where(
        SweepCourtyard.sweep_id == sweep_id, SweepCourtyard.courtyard_id == courtyard_id, SweepCourtyard.in_scope
    )
    if db.session.scalar(row.with_for_update()) is None:
        raise Absent("这个院落不在这次摸排里。")


def going_on(sweep_id: UUID, courtyard_id: UUID) -> None:
    """Raises Clash unless the sweep is running and the courtyard open."""
    row = db.session.execute(
        select(Sweep.state, SweepCourtyard.state.label("courtyard"))
        .join(SweepCourtyard, SweepCourtyard.sweep_id == Sweep.id)
        .where(Sweep.id == sweep_id, SweepCourtyard.courtyard_id == courtyard_id)
    ).one()
    if row.state != "running":
        raise Clash("这次摸排没有在进行。")
    if row.courtyard != "open":
        raise Clash("这个院落的摸排已经结束。")


def _home(household_id: UUID) -> _Home:
    home = db.session.execute(
        select(Household.occupancy, Household.left_on).where(Household.id == household_id).with_for_update()
    ).one()
    rows = db.session.execute(
        select(Person.id, Person.name)
        .where(Person.household_id == household_id, Person.status == "here")
        .order_by(Person.seq, Person.id)
        .with_for_update()
    )
    return _Home(home.occupancy, home.left_on, {row.id: row.name for row in rows})


def _results(stop_id: UUID) -> dict[UUID, str]:
    rows = db.session.execute(select(StopPerson.person_id, StopPerson.result).where(StopPerson.stop_id == stop_id))
    return {row.person_id: row.result for row in rows}


def _moment(at: datetime) -> datetime:
    return min(at, now())
