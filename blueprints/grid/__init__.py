"""Grid workers at the door, on a phone."""

from blueprints.grid import (  # noqa: F401  routes register themselves
    app,
    hearings,
    prospect,
    report,
    route,
    survey,
    sweep,
    sync,
    today,
    urgent,
    visit,
)
from blueprints.grid.door import bp

__all__ = ["bp"]
