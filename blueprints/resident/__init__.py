"""Residents: wish form and answers by link, without an account."""

from blueprints.resident import confirm, wish  # noqa: F401  routes register themselves
from blueprints.resident.door import bp

__all__ = ["bp"]
