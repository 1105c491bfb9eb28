"""News of this room."""

from dataclasses import dataclass
from uuid import UUID

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class OfVisit(Fact):
    """Something became of a visit; `object_id` is its id."""

    case_id: UUID
    kind: str


class VisitDone(OfVisit):
    """A visit was done."""


class VisitMissed(OfVisit):
    """A visit met nobody or was refused."""


class WorkClaimed(Fact):
    """A provider says that a job is done; `object_id` is the task. The family has not spoken yet."""


class VisitPlanned(Fact):
    """A round planned a visit of volunteers; `object_id` is its id."""


class VisitCancelled(OfVisit):
    """A planned visit is not made."""
