"""What sweeps announce."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class EntitledMoved(Fact):
    """A person who may have been missed was found entitled or applied (counts: entitled_found, entitled_applied)."""
