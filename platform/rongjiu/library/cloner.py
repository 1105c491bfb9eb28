"""What a room brings along when a community is cloned from a pack: rows of the model, never people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from rongjiu.db import Tenant

Content = dict[str, Any]
"""A pack by file stem, as `packfiles.read_pack()` answers it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the clone's report: what was copied and how many."""

    name: str
    count: int


class Cloner(Protocol):
    """One part of a room that travels in a pack; `requires` names the parts that must stand before it."""

    @property
    def name(self) -> str:
        """Name of the part, also its key in the report."""

    @property
    def requires(self) -> tuple[str, ...]:
        """Names of the parts that come first."""

    def clone(self, pack: Content, origin: str, tenant: Tenant) -> list[Line]:
        """Write the rows of this part into the community in force; `origin` is slug@version, kept on each row."""


@dataclass(frozen=True, slots=True)
class Part:
    """A Cloner made of a function."""

    name: str
    requires: tuple[str, ...]
    work: Callable[[Content, str, Tenant], int]

    def clone(self, pack: Content, origin: str, tenant: Tenant) -> list[Line]:
        """Run the function and report its count under the part's name."""
        return [Line(self.name, self.work(pack, origin, tenant))]


def in_order(cloners: Iterable[Cloner]) -> list[Cloner]:
    """The parts with each after what it requires, else as given; raises ValueError for an unknown or circular need."""
    named = {cloner.name: cloner for cloner in cloners}
    found: dict[str, Cloner] = {}

    def place(name: str, above: tuple[str, ...]) -> None:
        if name not in named:
            raise ValueError(f"unknown parts: {name}")
        if name in above:
            raise ValueError(f"parts require each other: {' → '.join((*above, name))}")
        if name not in found:
            for need in named[name].requires:
                place(need, (*above, name))
            found[name] = named[name]

    for name in named:
        place(name, ())
    return list(found.values())
