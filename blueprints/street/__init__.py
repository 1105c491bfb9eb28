"""The street office and the district: numbers, founding, vetting."""

from blueprints.street import acceptance, by_link, claims, coverage, desks, exports, founding, lines, overview, vetting  # noqa: F401  routes register themselves
from blueprints.street.door import bp

__all__ = ["bp"]
