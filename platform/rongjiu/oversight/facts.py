"""News of this room."""

from dataclasses import dataclass
from uuid import UUID

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class StepSet(Fact):
    """Somebody acts next on a live object of a case (`object_id`), perhaps somebody else than before."""

    case_id: UUID
    mark: str
    """Short hash of who and what: the same holder with the same step has the same mark."""
