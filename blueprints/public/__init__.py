"""What anyone may read: the start page, a community's own pages, preferences."""

from blueprints.public import check, community, demo_phone, prefs, start, volunteer  # noqa: F401  routes register themselves
from blueprints.public.door import bp

__all__ = ["bp"]
