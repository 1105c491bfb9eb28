"""What may be said of a need. Pure."""

URGENCIES = ("ordinary", "urgent", "critical")
RESULTS = ("solved", "partly", "not_solved", "unknown")
LONGEST = 1000
"""Characters of a need in the family's words."""


def solved_by(before: str, after: str) -> int:
    """How the number of solved needs moves when a result changes: -1, 0 or 1."""
    return int(after == "solved") - int(before == "solved")


def graver(first: str, second: str) -> str:
    """The more urgent of two urgencies."""
    return max(first, second, key=URGENCIES.index)
