"""The street office and the district: numbers, founding, vetting."""

from blueprints.street.door import bp

__all__ = ["bp"]
