"""The community's desk."""

from blueprints.desk import founding, outreach, providers, settings  # noqa: F401  routes register themselves
from blueprints.desk.door import bp

__all__ = ["bp"]
