"""What casework announces."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Fact):
    """A case was closed, or opened again (counts: cases_closed)."""
