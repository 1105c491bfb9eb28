"""The shared marketplace of providers."""

from blueprints.market.door import bp

__all__ = ["bp"]
