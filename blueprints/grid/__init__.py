"""Grid workers at the door, on a phone."""

from blueprints.grid import app, report, route, survey, sweep, sync, today, urgent, visit  # noqa: F401  routes register themselves
from blueprints.grid.door import bp

__all__ = ["bp"]
