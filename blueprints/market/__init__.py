"""The shared marketplace of providers."""

from blueprints.market import pages  # noqa: F401  routes register themselves
from blueprints.market.door import bp

__all__ = ["bp"]
