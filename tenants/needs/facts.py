"""What needs announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class NeedAnswered(Fact):
    """The result of a need was said, or said otherwise (counts: needs_solved)."""
