"""Who may decide about a change that somebody asked for, and how a merge writes down what was. Pure."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Literal
from uuid import UUID

DAILY_QUESTIONS = 20
"""Questions to other communities that one account may ask in a day: enough for work, too few to try a list."""
SHORTEST_REASON = 4
"""Signs of a reason that says something."""
_KEPT = (
    "name", "pinyin", "gender", "relation", "birth_date", "age_said", "age_on", "groups", "languages", "labels", "status",
    "status_on", "household_id", "seq",
)  # fmt: skip
"""The open fields of a person that a merge writes down to be undone."""
_DATES = frozenset({"birth_date", "age_on", "status_on"})


def may_approve(
    asker: UUID | None, decider: UUID | None, secretaries: Collection[UUID]
) -> Literal["yes", "self", "no"]:
    """Nobody approves the own act; a single secretary may, and it is marked 自批 (`self`)."""
    if decider is None or decider not in secretaries:
        return "no"
    if decider != asker:
        return "yes"
    return "self" if set(secretaries) == {decider} else "no"


def as_json(person: object) -> dict[str, Any]:
    """The open fields of a person of the register as JSON keeps them."""
    values = {name: getattr(person, name) for name in _KEPT}
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value
        for name, value in values.items()
    }


def from_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same as the register keeps them."""
    return {
        name: date.fromisoformat(value)
        if name in _DATES and value
        else UUID(value)
        if name == "household_id"
        else value
        for name, value in values.items()
    }
