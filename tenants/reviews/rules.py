"""Who may decide about a change that somebody asked for. Pure."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

DAILY_QUESTIONS = 20
"""Questions to other communities that one account may ask in a day: enough for work, too few to try a list."""
SHORTEST_REASON = 4
"""Signs of a reason that says something."""


def may_approve(
    asker: UUID | None, decider: UUID | None, secretaries: Collection[UUID]
) -> Literal["yes", "self", "no"]:
    """Nobody approves the own act; a single secretary may, and it is marked 自批 (`self`)."""
    if decider is None or decider not in secretaries:
        return "no"
    if decider != asker:
        return "yes"
    return "self" if set(secretaries) == {decider} else "no"
