"""News of this room."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from rongjiu.facts import Fact


class Set(NamedTuple):
    """The step of one live object of a case."""

    object_id: UUID
    case_id: UUID
    mark: str
    """Short hash of who and what: the same holder with the same step has the same mark."""


@dataclass(frozen=True, kw_only=True)
class StepsSet(Fact):
    """Somebody acts next on live objects of cases, perhaps somebody else than before."""

    steps: tuple[Set, ...]
