"""What machines ask: alive, ready, measured, which version."""

from blueprints.health import routes  # noqa: F401  routes register themselves
from blueprints.health.door import bp

__all__ = ["bp"]
