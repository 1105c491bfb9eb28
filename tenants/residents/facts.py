"""What the register announces."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class HouseholdRegistered(Fact):
    """A household or people of it were entered (counts: households, persons)."""


@dataclass(frozen=True, kw_only=True)
class LabelsMoved(Fact):
    """Groups of people changed in a household (`object_id`), by rule or because somebody said so or is gone."""
