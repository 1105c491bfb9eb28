"""The platform's operator: streets, districts, components, health."""

from blueprints.operator.door import bp

__all__ = ["bp"]
