"""State machines as data: which step is permitted from where to where, who takes it, what must hold, what follows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step: from, to, who may do it, what must hold, which wait it starts (timers.json)."""

    source: str
    target: str
    actors: frozenset[str]
    guards: tuple[str, ...] = ()
    timer: str = ""
    effect: tuple[str, ...] = ()


def move(source: str, target: str, actors: str, guards: str = "", timer: str = "", effect: str = "") -> Move:
    """A step written in a row of a table: codes are separated by blanks."""
    return Move(source, target, frozenset(actors.split()), tuple(guards.split()), timer, tuple(effect.split()))


def find(table: Iterable[Move], source: str, target: str, actor: str) -> Move | None:
    """The step of a table that leads from one state to the other and is this actor's; None: refused."""
    wanted = (source, target)
    return next((each for each in table if (each.source, each.target) == wanted and actor in each.actors), None)


def as_rows(table: Iterable[Move], actors: Sequence[str]) -> list[dict[str, object]]:
    """A table as plain data, in its order; `from` is empty for what begins, actors stand in the order given."""
    return [
        {
            "from": each.source, "to": each.target, "actors": [who for who in actors if who in each.actors],
            "guards": list(each.guards), "timer": each.timer, "effect": list(each.effect),
        }
        for each in table
    ]  # fmt: skip
