"""Joining: found a community, register as a provider."""

from blueprints.join.door import bp

__all__ = ["bp"]
