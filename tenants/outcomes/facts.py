"""News of this room."""

from rongjiu.facts import Fact


class OutcomeNoted(Fact):
    """The result of a case was written down (counts: saving_month in CNY); `object_id` is the case."""
