"""The states of a file at the 一门受理 desk, who moves it, how long silence lasts before whom. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rongjiu.codes import N_

HELD = "held_from"
"""Target that means: where the file stood before it was held."""
RUNNING = frozenset({"requested", "accepted", "in-progress"})
"""The clock of the desk runs."""
OPEN = RUNNING | {"on-hold"}
PERIODS = ("month", "year", "once")
DISTRICT = 2
GRANTED_LONGEST = timedelta(days=40 * 366)
FAST = "temp-emergency"
"""The policy of the express lane: small aid for an emergency."""


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step: from these states, to that one, by whom (desk | sender), what the next actor does."""

    sources: frozenset[str]
    target: str
    actor: str


def _move(sources: str, target: str, actor: str) -> Move:
    return Move(frozenset(sources.split()), target, actor)


MOVES: dict[str, Move] = {
    "accept": _move("requested", "accepted", "desk"),
    "ask_papers": _move("requested accepted in-progress", "on-hold", "desk"),
    "forward": _move("accepted in-progress", "in-progress", "desk"),
    "grant": _move("accepted in-progress", "completed", "desk"),
    "refuse": _move("requested accepted in-progress", "completed", "desk"),
    "supply": _move("on-hold", HELD, "sender"),
    "withdraw": _move("requested accepted in-progress on-hold", "cancelled", "sender"),
}
"""受理, 补正, 转办, 准予, 不予; 补齐, 撤回. Silence moves nothing: the file is chased, never returned."""


def target(verb: str, state: str, held_from: str = "") -> str | None:
    """Where a verb leads from a state, or None when it is not permitted there."""
    move = MOVES.get(verb)
    if move is None or state not in move.sources:
        return None
    return held_from if move.target == HELD else move.target


def verbs_for(state: str, actor: str) -> list[str]:
    """What an actor may do with a file in that state, in the order of the table."""
    return [verb for verb, move in MOVES.items() if move.actor == actor and state in move.sources]


def level(chase: int, most: int) -> int:
    """Who is told with the n-th chase when `most` chases precede each step up: 0 desk, 1 street, 2 district."""
    return min(max(chase - 1, 0) // max(most, 1), DISTRICT)


def track(current: str, *, standing: bool, refused: bool) -> str:
    """The track of a case ('' | jiu | zhu | both) after an act on a file: 救 while a file lies at the departments or was
    granted, beside 助 where that is walked too; a refusal with nothing else standing leads to 助."""
    if standing:
        return "both" if current in ("zhu", "both") else "jiu"
    if refused or current == "both":
        return "zhu"
    return current


def fast(policy: str, urgency: str) -> bool:
    """Is a file one of 急难: decided within calendar days, papers later?"""
    return policy == FAST and urgency == "critical"


def day_fault(day: date | None, last: date, today: date) -> str | None:
    """What is wrong with the day of an answer, in words, or None: it may lie back, never ahead of today."""
    if day is None:
        return N_("请填日期。")
    if day > today:
        return N_("日期不能晚于今天。")
    if day < last:
        return N_("日期不能早于上一步办理的日期。")
    return None


def amount_fault(amount: Decimal | None) -> str | None:
    """What is wrong with a granted amount in CNY, in words, or None; 0 stands for help in kind."""
    if amount is None or not amount.is_finite() or not Decimal(0) <= amount <= Decimal(1_000_000):
        return N_("请填 0 到 1000000 之间的金额；实物或服务填 0。")
    return None
