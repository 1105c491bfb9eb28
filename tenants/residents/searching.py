"""One box finds people: name, pinyin, initials, a whole phone or identity number, a group, an address, or words of
several kinds together. One community's rows through its indexes; no sealed field is opened."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from rongjiu import crypto
from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from tenants.catalogue import queries as catalogue
from tenants.residents import rules
from tenants.residents.models import Courtyard, Household, Person

SIZE = 50
"""People on a page."""
_NAME = r"[0-9A-Z甲乙丙丁戊]+"
_WRITTEN = re.compile(
    rf"^(?P<yard>\D*?)(?:(?P<building>{_NAME})(?:号楼|号院|栋|幢|楼))?(?:(?P<unit>{_NAME})(?:单元|门))?"
    rf"(?:(?P<room>\d{{1,5}}[甲乙丙丁A-Z]?)(?:室|号|户)?)?$"
)
_DASHED = re.compile(
    rf"^(?P<yard>[^0-9-]*?)-?(?P<building>{_NAME})-(?:(?P<unit>{_NAME})-)?(?P<room>\d{{1,5}}[甲乙丙丁A-Z]?)$"
)
_UMLAUT = str.maketrans("üÜ", "vV")
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Address:
    """A door as somebody writes it, as far as it goes; `yard` is the beginning or a part of a courtyard's name."""

    yard: str = ""
    building: str = ""
    unit: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What was sought and a page of people, or of doors where nobody lives, with how many there are in all."""

    kind: str
    """phone | id_number | words | '' too short."""
    rows: list[Any] = field(default_factory=list)
    total: int = 0


def tokens(text: str) -> list[str]:
    """The words of a search; full-width signs made narrow, dashes of any kind alike."""
    plain = re.sub(r"[‐-―−－—~～]", "-", unicodedata.normalize("NFKC", text).strip()).translate(_UMLAUT)
    return [each for each in re.split(r"[\s,，、;；]+", plain) if each]


def address_of(word: str) -> Address | None:
    """A word read as an address: 3号楼2单元501, 3-2-501甲, 雁北新村3号楼, 501室, 501; None when it names no door."""
    upper = word.upper()
    found = _DASHED.match(upper) or _WRITTEN.match(upper)
    if found is None:
        return None
    door = Address(**{name: value or "" for name, value in found.groupdict().items()})
    if door.building and not door.unit and door.room.isdecimal() and len(door.room) < 3:  # 3-2: a staircase
        return Address(door.yard, door.building, door.room, "")
    if door.building or door.unit:
        return door
    says_so = upper[-1] in "室号户" or 3 <= len(re.sub(r"\D", "", door.room)) <= 4
    return door if door.room and says_so else None


def search(text: str, *, ids: Collection[UUID] | None = None, page: int = 1) -> Found:
    """Find people by one box; all words must fit. `ids` narrows to these households."""
    kind, number = rules.sought(text, today())
    if kind in ("phone", "id_number"):
        column = Person.phone_index if kind == "phone" else Person.id_index
        return _page(kind, column == crypto.blind(number, current_tenant().uid, kind), ids, page, doors=False)
    words = tokens(text)
    if not words:
        return Found("")
    known = _Known()
    fits = [known.fits(word) for word in words]
    if any(each is None for each in fits):
        return Found("")
    everywhere = all(known.is_place(word) for word in words)
    return _page("words", and_(*(each for each in fits if each is not None)), ids, page, doors=everywhere)


class _Known:
    """The community's courtyards and special groups, read once for a search."""

    def __init__(self) -> None:
        self.yards = [(row.id, row.name) for row in db.session.execute(select(Courtyard.id, Courtyard.name))]
        self.groups = [
            (row["id"], row["name_zh"], (row.get("name_en") or "").lower()) for row in catalogue.groups()
        ]  # fmt: skip

    def fits(self, word: str) -> ColumnElement[bool] | None:
        """What one word may mean, as a condition; None when it is too short to mean anything."""
        ways: list[ColumnElement[bool]] = []
        if (door := address_of(word)) is not None:
            ways.append(self._at(door))
            if any(sign.isdecimal() for sign in word):
                return ways[0]
        if yards := self._yards(word):
            ways.append(Household.courtyard_id.in_(yards))
        ways += [
            or_(Person.groups.op("?")(slug), Person.labels.op("?")(slug)) for slug in self._slugs(word)
        ]  # fmt: skip
        if word.isascii():
            if not word.isalpha():
                return or_(*ways) if ways else None
            low = word.lower()
            ways += [_starts(Person.pinyin, each) for each in _spelt(low)]
            ways.append(func.strpos(Person.pinyin, f" {low}") > 0)
        else:
            ways.append(_starts(Person.name, word))
            if len(word) > 1:
                ways.append(func.strpos(Person.name, word) > 0)
        return or_(*ways)

    def is_place(self, word: str) -> bool:
        """Does the word name a courtyard or a door, so that doors without people are answers too?"""
        return address_of(word) is not None or bool(self._yards(word))

    def _yards(self, word: str) -> list[UUID]:
        return [yard for yard, name in self.yards if len(word) > 1 and word in name]

    def _slugs(self, word: str) -> list[str]:
        low = word.lower()
        return [
            slug for slug, zh, en in self.groups
            if len(word) > 1 and word in zh or len(low) > 3 and low in en.split()
        ]  # fmt: skip

    def _at(self, door: Address) -> ColumnElement[bool]:
        parts = [
            column == value for column, value in ((Household.building, door.building), (Household.unit, door.unit))
            if value
        ]  # fmt: skip
        if door.room:
            more = Household.room.op("~")(f"^{door.room}[^0-9]")
            parts.append(
                Household.room == door.room if door.room[-1:].isalpha() else or_(Household.room == door.room, more)
            )
        if door.yard:
            parts.append(Household.courtyard_id.in_(self._yards(door.yard) or [_NOWHERE]))
        return and_(*parts)


_NOWHERE = UUID(int=0)


def _spelt(word: str) -> tuple[str, ...]:
    """Pinyin as it is kept, of what somebody types for ü: 吕 is found by lv and by lu."""
    return tuple(dict.fromkeys((word, word.replace("lu", "lv").replace("nu", "nv"))))


def _starts(column: Any, text: str) -> ColumnElement[bool]:
    """Begins with the text, by comparisons that an index with text_pattern_ops answers behind the row policy."""
    return and_(column.op("~>=~")(text), column.op("~<~")(text + _LAST))


def _page(kind: str, fits: ColumnElement[bool], ids: Collection[UUID] | None, page: int, *, doors: bool) -> Found:
    """One page with the number of all; people who are here first, then by pinyin."""
    lives = and_(Person.household_id == Household.id, Person.status != "merged")
    query = (
        select(
            Person.id, Household.id.label("household_id"), Person.name, Person.birth_date, Person.age_said,
            Person.age_on, Person.relation, Person.groups, Person.labels, Person.status, Household.courtyard_id,
            Courtyard.name.label("courtyard"), Household.occupancy, func.count().over().label("total"),
        )
        .select_from(Household)
        .join(Person, lives, isouter=doors)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(fits, Household.merged_into.is_(None))
        .order_by(Person.status != "here", Person.pinyin, Person.id)
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    )  # fmt: skip
    if ids is not None:
        query = query.where(Household.id.in_(ids))
    rows = list(db.session.execute(query))
    if not rows and page > 1:
        return Found(kind, [], _page(kind, fits, ids, 1, doors=doors).total)
    return Found(kind, rows, rows[0].total if rows else 0)
