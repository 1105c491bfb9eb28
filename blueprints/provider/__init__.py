"""Providers: inbox, shop, and one job by link without an account."""

from blueprints.provider import hearings, home, job, link, standing, store  # noqa: F401  routes register themselves
from blueprints.provider.door import bp

__all__ = ["bp"]
