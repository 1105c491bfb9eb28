"""The community's desk."""

from blueprints.desk.door import bp

__all__ = ["bp"]
