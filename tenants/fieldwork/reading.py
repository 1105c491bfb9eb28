"""Reading what a phone sends: nothing in it is believed, every part is checked before it is used."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from rongjiu.codes import N_
from rongjiu.errors import Refused

LONGEST = 2000
"""Signs of one text."""
UNREADABLE = N_("这一条的内容读不出来，没有记下。")


class Unreadable(Refused):
    """An item that no app of ours sends."""

    def __init__(self) -> None:
        super().__init__(UNREADABLE)


@dataclass(frozen=True, slots=True)
class Payload:
    """The parts of an item, each read as what it must be; anything else is Unreadable."""

    raw: Mapping[str, Any]

    def text(self, name: str, most: int = LONGEST) -> str:
        """A text without surrounding blanks, '' when it is absent."""
        value = self.raw.get(name, "")
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise Unreadable
        return value.strip()

    def id(self, name: str) -> UUID:
        """An id."""
        found = _uuid(self.raw.get(name))
        if found is None:
            raise Unreadable
        return found

    def id_or_none(self, name: str) -> UUID | None:
        """An id, or None when it is absent."""
        return None if self.raw.get(name) in (None, "") else self.id(name)

    def one(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of some words."""
        value = self.raw.get(name, default)
        if not isinstance(value, str) or value not in allowed:
            raise Unreadable
        return value

    def day(self, name: str) -> date | None:
        """A day written as 2015-05-01, or None when it is absent or empty."""
        value = self.text(name, 10)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError as error:
            raise Unreadable from error

    def part(self, name: str) -> "Payload":
        """A group of parts within the item."""
        value = self.raw.get(name, {})
        if not isinstance(value, dict):
            raise Unreadable
        return Payload(value)

    def parts(self, name: str, most: int = 30) -> list["Payload"]:
        """A list of groups of parts."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or len(value) > most or not all(isinstance(each, dict) for each in value):
            raise Unreadable
        return [Payload(each) for each in value]

    def words(self, name: str, most: int = 50) -> list[str]:
        """A list of short texts."""
        value = self.raw.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise Unreadable
        if not all(isinstance(each, str) and len(each) <= 100 and "\0" not in each for each in value):
            raise Unreadable
        return list(value)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it came."""

    id: UUID
    kind: str
    at: datetime
    seq: int
    payload: Payload
    base: Mapping[str, str]


def item(raw: Any) -> Item:
    """An item of the list; raises Unreadable."""
    if not isinstance(raw, dict) or not _writable(raw):
        raise Unreadable
    client_id, kind, seq = _uuid(raw.get("id")), raw.get("kind"), raw.get("seq")
    payload, base = raw.get("payload"), raw.get("base") or {}
    if client_id is None or not isinstance(kind, str) or not isinstance(payload, dict) or not isinstance(base, dict):
        raise Unreadable
    if isinstance(seq, bool) or not isinstance(seq, int) or not 0 <= seq < 2**31:
        raise Unreadable
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in base.items()):
        raise Unreadable
    return Item(client_id, kind, moment(raw.get("at")), seq, Payload(payload), base)


def _writable(raw: Any) -> bool:
    """Half a character (a lone surrogate), which JSON may carry, can be kept nowhere."""
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def moment(value: Any) -> datetime:
    """A moment of a phone's clock, in milliseconds since 1970; raises Unreadable."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unreadable from error


def id_of(raw: Any) -> str:
    """The id under which an unreadable item is answered, '' when it has none."""
    found = _uuid(raw.get("id")) if isinstance(raw, dict) else None
    return str(found) if found else ""


def _uuid(value: Any) -> UUID | None:
    if not isinstance(value, str) or len(value) != 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
