"""Providers: inbox, shop, and one job by link without an account."""

from blueprints.provider import figures, hearings, home, job, link, store  # noqa: F401  routes register themselves
from blueprints.provider.door import bp

__all__ = ["bp"]
