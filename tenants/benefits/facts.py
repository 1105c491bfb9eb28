"""News of this room."""

from rongjiu.facts import Fact


class BenefitsMoved(Fact):
    """What a household receives was noted, changed or struck out; `object_id` is the household's id."""
