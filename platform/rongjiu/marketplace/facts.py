"""What the marketplace announces about a community: ids only."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ProviderAdmitted(Fact):
    """A community let a provider in, or changed its terms; `object_id` is the provider."""


@dataclass(frozen=True, kw_only=True)
class ProviderStopped(Fact):
    """A community no longer sends to a provider; `object_id` is the provider."""


@dataclass(frozen=True, kw_only=True)
class AdmissionOver(Fact):
    """A provider is no longer let in here: stopped, at its end, or gone by itself; `object_id` is the provider."""


@dataclass(frozen=True, kw_only=True)
class TurnCame(Fact):
    """A task's turn in a line for a place: its place is held, or the wait ended without one; `object_id` is the task."""
