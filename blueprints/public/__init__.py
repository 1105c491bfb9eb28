"""What anyone may read: the start page, a community's own pages, preferences."""

from blueprints.public.door import bp

__all__ = ["bp"]
