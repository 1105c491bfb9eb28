"""Providers: inbox, shop, and one job by link without an account."""

from blueprints.provider import (  # noqa: F401  routes register themselves
    figures,
    hearings,
    home,
    job,
    link,
    log,
    medical,
    near,
    oncall,
    openings,
    places_again,
    portal,
    route,
    slots,
    standing,
    store,
)
from blueprints.provider.door import bp

__all__ = ["bp"]
