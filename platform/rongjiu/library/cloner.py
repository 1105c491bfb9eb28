"""What a room brings along when a community is cloned from a pack: rows of the model, never people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
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
    """The parts with each after what it requires; raises ValueError for an unknown or circular requirement."""
    named = {cloner.name: cloner for cloner in cloners}
    unknown = {need for cloner in named.values() for need in cloner.requires} - set(named)
    if unknown:
        raise ValueError(f"unknown parts: {sorted(unknown)}")
    try:
        order = list(TopologicalSorter({name: cloner.requires for name, cloner in named.items()}).static_order())
    except CycleError as error:
        raise ValueError(f"parts require each other: {error.args[1]}") from error
    return [named[name] for name in order]
