"""What signals announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class SignalReceived(Fact):
    """A signal reached the community (counts: signals_received)."""


@dataclass(frozen=True, kw_only=True)
class SignalCritical(Fact):
    """A signal is critical (急难), as it came or as it was sorted: it takes the express lane at once."""


@dataclass(frozen=True, kw_only=True)
class SignalMet(Fact):
    """Somebody of the community has met the family of a signal (counts: signals_met)."""
