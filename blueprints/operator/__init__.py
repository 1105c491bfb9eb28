"""The platform's operator: streets, districts, components, health."""

from blueprints.operator import exports, founding, home, places  # noqa: F401  routes register themselves
from blueprints.operator.door import bp

__all__ = ["bp"]
