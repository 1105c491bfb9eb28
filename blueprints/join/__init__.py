"""Joining: found a community, register as a provider."""

from blueprints.join import check, place, provider, provider_claim, provider_steps, setup, start  # noqa: F401  routes register themselves
from blueprints.join.door import bp

__all__ = ["bp"]
