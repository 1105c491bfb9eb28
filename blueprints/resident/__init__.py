"""Residents: wish form, its tracking, and answers by link, without an account."""

from blueprints.resident import complain, confirm, progress, track, wish  # noqa: F401  routes register themselves
from blueprints.resident.door import bp

__all__ = ["bp"]
