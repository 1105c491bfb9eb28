"""The steps of a complaint as a table; who may look into it. Pure."""

from dataclasses import dataclass
from uuid import UUID

ABOUT = ("provider", "volunteer", "worker", "unknown")
CHANNELS = ("phone", "paper", "link", "page")
CATEGORIES = ("late", "rude", "price", "quality", "unsafe", "sales", "privacy", "money", "other")
HOWS = ("call", "in_person", "letter", "unreachable")
LONGEST = 2000
MOVES: dict[str, tuple[frozenset[str], str]] = {
    "take": (frozenset({"received"}), "received"),
    "ask": (frozenset({"received"}), "hearing"),
    "reply": (frozenset({"hearing"}), "hearing"),
    "decide": (frozenset({"received", "hearing"}), "decided"),
    "answer": (frozenset({"decided"}), "answered"),
    "reopen": (frozenset({"decided", "answered"}), "received"),
}
"""Verb → the states in which it may be done, and where it leads."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What decides who may look into a complaint and when it may be decided."""

    about: str
    staff_id: UUID | None
    heard: bool
    """Were those complained about asked?"""
    replied: bool
    hearing_over: bool
    """Has their time to reply passed?"""


def target(verb: str, state: str) -> str | None:
    """Where a verb leads from a state, None when it is not permitted there."""
    move = MOVES.get(verb)
    return move[1] if move and state in move[0] else None


def outside(account_id: UUID | None, matter: Matter) -> bool:
    """Is somebody outside the matter? Never the one complained about; staff by name, always."""
    return account_id is not None and account_id != matter.staff_id


def may_uphold(matter: Matter) -> bool:
    """Nobody is found at fault unheard: they replied, or their time to reply has passed. What is about nobody known
    cannot be upheld against anybody."""
    return matter.about != "unknown" and matter.heard and (matter.replied or matter.hearing_over)
