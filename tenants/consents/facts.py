"""News of this room."""

from rongjiu.facts import Fact


class ConsentGiven(Fact):
    """A consent was given; `object_id` is its id."""


class ConsentWithdrawn(Fact):
    """A consent was withdrawn; `object_id` is its id. Whatever stands on it ends in the same transaction."""
