"""The livestream desk."""

from blueprints.live import desk  # noqa: F401  routes register themselves
from blueprints.live.door import bp

__all__ = ["bp"]
