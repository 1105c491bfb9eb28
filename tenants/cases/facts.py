"""What cases announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Fact):
    """A case was opened (counts: cases_opened)."""
