"""Volunteers and their leads, on a phone."""

from blueprints.volunteer import hearings, home, lead, visit  # noqa: F401  routes register themselves
from blueprints.volunteer.door import bp

__all__ = ["bp"]
