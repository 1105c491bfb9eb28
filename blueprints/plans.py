"""Doors of a courtyard laid out as buildings, units, floors and rooms, for the drawn plan (macros/plan.html)."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Spot:
    """One door: the key by which its mark is found, and the words of its room."""

    key: Hashable
    room: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A staircase: its name and its floors from the top, each with its doors in order."""

    name: str
    floors: tuple[tuple[str, tuple[Spot, ...]], ...]

    @property
    def width(self) -> int:
        """Doors of the widest floor."""
        return max((len(spots) for _floor, spots in self.floors), default=0)


@dataclass(frozen=True, slots=True)
class Block:
    """A building with its staircases side by side."""

    name: str
    units: tuple[Unit, ...]

    @property
    def words(self) -> str:
        """What the building is called."""
        return building_words(self.name)

    @property
    def floors(self) -> int:
        """Rows that the drawing needs."""
        return max((len(unit.floors) for unit in self.units), default=0)

    @property
    def keys(self) -> list[Hashable]:
        """All doors of the building."""
        return [spot.key for unit in self.units for _floor, spots in unit.floors for spot in spots]


def blocks(doors: Iterable[tuple[Hashable, str, str, str]]) -> list[Block]:
    """Lay out doors given as (key, building, unit, room); buildings, units and rooms in natural order, top floor
    first. The floor is what stands in front of the last two digits of a room (501甲 → 5)."""
    tree: dict[str, dict[str, dict[str, list[Spot]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for key, building, unit, room in doors:
        tree[building][unit][floor_of(room)].append(Spot(key, room))
    return [
        Block(building, tuple(_unit(unit, tree[building][unit]) for unit in sorted(tree[building], key=natural)))
        for building in sorted(tree, key=natural)
    ]


def _unit(name: str, floors: dict[str, list[Spot]]) -> Unit:
    return Unit(
        name,
        tuple(
            (floor, tuple(sorted(floors[floor], key=lambda spot: natural(spot.room))))
            for floor in sorted(floors, key=natural, reverse=True)
        ),
    )


def floor_of(room: str) -> str:
    """The floor that a room's number tells, '' when it tells none (地下室, 3)."""
    found = _DIGITS.search(room)
    return found[0][:-2] if found and len(found[0]) >= 3 else ""


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which 2 comes before 10 and what is no number stands last."""
    return tuple((int(part), "") if part.isdigit() else (10**6, part) for part in re.findall(r"\d+|\D+", text))


def building_words(name: str) -> str:
    """3 → 3号楼 / Building 3; a name that already says what it is stays."""
    if not name:
        return str(_("没有写楼号"))
    return str(_("%(n)s号楼", n=name)) if name.isdecimal() or len(name) == 1 else name


def unit_words(name: str) -> str:
    """2 → 2单元 / Unit 2; a name that already says what it is stays."""
    if not name:
        return ""
    return str(_("%(n)s单元", n=name)) if name.isdecimal() or len(name) == 1 else name
