"""News of this room."""

from rongjiu.facts import Fact


class VisitDone(Fact):
    """A visit was done; `object_id` is its id."""


class VisitMissed(Fact):
    """A visit met nobody or was refused; `object_id` is its id."""


class WorkClaimed(Fact):
    """A provider says that a job is done; `object_id` is the task. The family has not spoken yet."""


class VisitPlanned(Fact):
    """A round planned a visit of volunteers; `object_id` is its id."""


class VisitCancelled(Fact):
    """A planned visit is not made; `object_id` is its id."""
