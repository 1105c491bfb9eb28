"""What the second look at the register announces."""

from dataclasses import dataclass
from uuid import UUID

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ChangeDropped(Fact):
    """A change that somebody had asked for will not happen: refused or taken back. `object_id` is the person, `fields`
    what it would have changed, `source_id` the sweep, file or item that it came from."""

    fields: tuple[str, ...] = ()
    source_id: UUID | None = None
