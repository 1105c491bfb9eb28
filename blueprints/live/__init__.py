"""The livestream desk."""

from blueprints.live.door import bp

__all__ = ["bp"]
