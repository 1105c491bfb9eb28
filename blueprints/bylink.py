"""A provider's work by link without an account: what the cookie of a proved link opens."""

from dataclasses import dataclass
from datetime import datetime

from rongjiu import links
from rongjiu.errors import Absent
from rongjiu.tenancy import queries
from rongjiu.tenancy.queries import Place

COOKIE = "__Secure-provider"
PATH = "/provider"
PURPOSE = "provider_portal"


@dataclass(frozen=True, slots=True)
class Opened:
    """A live link whose holder has typed the code."""

    place: Place
    until: datetime


def opened(token: str) -> Opened | None:
    """What the cookie's link opens; None when it is dead, waits for its code, or its provider is not active."""
    if not token:
        return None
    try:
        row = links.find(token, PURPOSE)
    except Absent:
        return None
    if row.provider_id is None or row.detail.get("proved") is not True:
        return None
    place = queries.provider(row.provider_id)
    return Opened(place, row.expires_at) if place else None
