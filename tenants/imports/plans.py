"""What a file would do to the register: homes, people, changes, and what is said of its rows."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tenants.imports.lines import Fault, Line

DoorKey = tuple[Any, str, str, str]


@dataclass(slots=True)
class Home:
    """A household of the register, or one that the file brings."""

    id: UUID
    courtyard: Any
    """Its id, or the name of a courtyard that is still to be made."""
    fresh: bool = False
    vacant: bool = False
    people: list[Any] = field(default_factory=list)
    """Rows of the register."""
    incoming: list["Incoming"] = field(default_factory=list)


@dataclass(slots=True)
class Incoming:
    """A person to be entered, with the keyed hashes by which it is found."""

    line: Line
    id: UUID
    id_index: bytes | None
    phone_index: bytes | None


@dataclass(slots=True)
class Changed:
    """A person of the register whose fields the file tells otherwise: new values by field."""

    person: Any
    line: Line
    values: dict[str, Any]


@dataclass(slots=True)
class Noticed:
    """What is said of a row."""

    row: int
    kind: str
    fault: Fault
    name: str
    household_id: UUID | None = None


@dataclass
class Plan:
    """What a file would do to the register."""

    homes: dict[DoorKey, Home] = field(default_factory=dict)
    changes: list[Changed] = field(default_factory=list)
    noticed: list[Noticed] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    yards: Counter[str] = field(default_factory=Counter)
    """People of the file by courtyard."""
    new_yards: dict[str, UUID] = field(default_factory=dict)

    def each_home(self) -> Collection[Home]:
        """Every household once; one whose door is written in two ways stands under both."""
        return {home.id: home for home in self.homes.values()}.values()
