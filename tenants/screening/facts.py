"""News of this room."""

from dataclasses import dataclass
from uuid import UUID

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ScreeningTaken(Fact):
    """All policies were judged for a household; `object_id` is the screening's id."""

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class ScreeningConfirmed(Fact):
    """A named person has checked a screening and stands by it; `object_id` is its id.

    need_id: the family's question about policies that it answered, if there was one open. refused_policy and
    refused_department: what was asked about and is not open to the family, so that the slip of the question ends
    as not-eligible without any task.
    """

    case_id: UUID
    track: str
    need_id: UUID | None = None
    refused_policy: str = ""
    refused_department: str = ""


@dataclass(frozen=True, kw_only=True)
class PathWalked(Fact):
    """A path task was done, or taken back; `object_id` is its id."""

    case_id: UUID
    done: bool


@dataclass(frozen=True, kw_only=True)
class KnownAnew(Fact):
    """A household's income or facts were kept anew; `object_id` is the household's id."""
