"""What a founding announces."""

from dataclasses import dataclass

from rongjiu.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ModelCloned(Fact):
    """A community has its own copy of a model."""


@dataclass(frozen=True, kw_only=True)
class FoundingSubmitted(Fact):
    """A community asked its street office, or the operator, for approval."""


@dataclass(frozen=True, kw_only=True)
class CommunityWentLive(Fact):
    """A founding was approved; residents may be entered from now on."""
