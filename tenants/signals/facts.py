"""What signals announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SignalReceived(Fact):
    """A signal reached the community (counts: signals_received)."""


@dataclass(frozen=True, kw_only=True)
class SignalMet(Fact):
    """Somebody of the community has met the family of a signal (counts: signals_met)."""
