"""News of this room."""

from rongjiu.facts import Fact


class VisitDone(Fact):
    """A visit was done; `object_id` is its id."""


class VisitMissed(Fact):
    """A visit met nobody or was refused; `object_id` is its id."""
