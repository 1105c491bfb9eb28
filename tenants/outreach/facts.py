"""What outreach announces."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ProspectMoved(Fact):
    """A prospect went on in its pipeline; `object_id` is the prospect."""


@dataclass(frozen=True, kw_only=True)
class GapClosed(Fact):
    """A gap of service was closed by a provider; `object_id` is the target."""
