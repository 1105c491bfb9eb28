"""Providers: inbox, shop, and one job by link without an account."""

from blueprints.provider.door import bp

__all__ = ["bp"]
