"""What an import announces."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class RegisterImported(Fact):
    """A file was written into the register (counts: households, persons)."""


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Fact):
    """What an import had entered was taken out again (counts below nought)."""
