"""What is written at a door, checked before anything is kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from rongjiu.clock import ZONE
from rongjiu.errors import Refused
from tenants.residents.service import NewPerson
from tenants.sweeps import rules

CONTACTS = ("family", "neighbour")
"""Whom a worker may write down at a door; members of staff are chosen at the desk."""
LONGEST = 1000
"""Signs of a note or wish."""


@dataclass(frozen=True, slots=True)
class Rings:
    """Whom a person's one button is to ring: family | neighbour, as told at the door."""

    kind: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found of one person: `how` is one of rules.TOLD; `groups` replaces the slugs of the register unless
    None; the rest as codes of the form."""

    person_id: UUID
    how: str
    groups: tuple[str, ...] | None = None
    policy_now_received: tuple[str, ...] = ()
    possible_leak: bool = False
    leak_reason: str = ""
    hardships: tuple[str, ...] = ()
    contact: Rings | None = None
    one_touch: bool = False
    """One-touch dialling was taught at this door."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet for one door. `base` is what `queries.bundle` gave ("<id>/<field>" → version); None = seen just now."""

    result: str
    people: tuple[Seen, ...] = ()
    new_people: tuple[NewPerson, ...] = ()
    deferred_until: date | None = None
    note: str = ""
    urgent: bool = False
    safety_risks: tuple[str, ...] = ()
    wish: str = ""
    possible_leak: bool = False
    """Of the household as a whole, when nobody in particular was meant."""
    leak_reason: str = ""
    occupancy: str = ""
    """'' as it was | lived_in | rented_out."""
    consent: bool = False
    """The family was told why and agreed to be recorded."""
    file_ids: tuple[UUID, ...] = ()
    place: str = ""
    """Latitude, longitude, accuracy in metres; proof of presence, removed after 30 days."""
    base: Mapping[str, str] | None = None

    def base_of(self, row: UUID) -> dict[str, str] | None:
        """The versions that the writer had seen of one person or household."""
        if self.base is None:
            return None
        head = f"{row}/"
        return {key.removeprefix(head): version for key, version in self.base.items() if key.startswith(head)}

    def plain(self) -> dict[str, Any]:
        """All of it as plain values, for keeping and comparing; the place is kept elsewhere, for its days only."""
        return {name: value for name, value in asdict(self).items() if name not in ("base", "place")}


def check(sheet: Sheet, at: datetime, waits: rules.Waits) -> None:
    """Raises Refused naming result, people, note, wish, safety_risks, leak_reason, occupancy or deferred_until."""
    _one_of(sheet.result, rules.RESULTS, "result")
    for each in sheet.people:
        _one_of(each.how, rules.TOLD, "people")
        _one_of(each.leak_reason, ("", *rules.LEAK_REASONS), "people")
        _all_of(each.hardships, rules.HARDSHIPS, "people")
    _one_of(sheet.leak_reason, ("", *rules.LEAK_REASONS), "leak_reason")
    _one_of(sheet.occupancy, ("", "lived_in", "rented_out"), "occupancy")
    _all_of(sheet.safety_risks, rules.RISKS, "safety_risks")
    for name in ("note", "wish"):
        if len(getattr(sheet, name)) > LONGEST:
            raise Refused("请写短一点，%(n)s 字以内。", field=name, n=LONGEST)
    _put_off(sheet, at, waits)


def until(sheet: Sheet, state: str, at: datetime) -> date | None:
    """To which day a door is put off; when nothing was said, to the day after."""
    if state != "deferred":
        return None
    return sheet.deferred_until or at.astimezone(ZONE).date() + timedelta(days=1)


def _put_off(sheet: Sheet, at: datetime, waits: rules.Waits) -> None:
    if sheet.result != "deferred" or sheet.deferred_until is None:
        return
    day = at.astimezone(ZONE).date()
    if not day <= sheet.deferred_until <= rules.latest_day(day, waits):
        raise Refused("改约的日子请在 %(n)s 天以内。", field="deferred_until", n=waits.deferred)


def _one_of(value: str, allowed: Any, field: str) -> None:
    if value not in allowed:
        raise Refused("请选一项", field=field)


def _all_of(values: tuple[str, ...], allowed: Any, field: str) -> None:
    for value in values:
        _one_of(value, allowed, field)
