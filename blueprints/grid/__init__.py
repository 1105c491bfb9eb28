"""Grid workers at the door, on a phone."""

from blueprints.grid.door import bp

__all__ = ["bp"]
