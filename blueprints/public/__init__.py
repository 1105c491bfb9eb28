"""What anyone may read: the start page, a community's own pages, preferences."""

from blueprints.public import (  # noqa: F401  routes register themselves
    check,
    community,
    demo_phone,
    prefs,
    start,
    volunteer,
    wishes,
)
from blueprints.public.door import bp

__all__ = ["bp"]
