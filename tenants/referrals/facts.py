"""News of this room."""

from dataclasses import dataclass
from uuid import UUID

from rongjiu.facts import Fact


class OfferSent(Fact):
    """An offer went out; `object_id` is its task."""


class OfferAnswered(Fact):
    """A receiver accepted or declined; `object_id` is the task."""


class OfferMistaken(Fact):
    """An offer was entered in error and leaves the figures; `object_id` is the task."""


@dataclass(frozen=True, kw_only=True)
class TasksEnded(Fact):
    """Offers are over: declined, cancelled, failed, completed or entered in error."""

    task_ids: tuple[UUID, ...]
    """In the order in which they ended."""


class NoCandidate(Fact):
    """Nobody could be offered for a need; `object_id` is the need."""


class GapOpened(Fact):
    """Nobody is left who could take a slip; `object_id` is the request."""


class ServiceConfirmed(Fact):
    """The family said that a slip's service solved its need; `object_id` is the request."""


@dataclass(frozen=True, kw_only=True)
class SlipEnded(Fact):
    """A slip was taken back before its need was solved; `object_id` is the request."""

    case_id: UUID
