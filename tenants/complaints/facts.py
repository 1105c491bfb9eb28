"""What complaints announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ComplaintReceived(Fact):
    """Somebody complained; `object_id` is the complaint."""


@dataclass(frozen=True, kw_only=True)
class ComplaintUpheld(Fact):
    """A complaint was found to be right; `object_id` is the complaint."""
