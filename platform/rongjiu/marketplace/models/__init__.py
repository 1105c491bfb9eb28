"""Providers, what they offer, who lets them in, and the one ledger of their capacity. Providers have no tenant."""

from rongjiu.marketplace.models.ledger import WHOLE_MONTH, Capacity, PlaceWait, Reservation, ServiceSlot
from rongjiu.marketplace.models.listings import Listing, ListingArea, OpenRecord
from rongjiu.marketplace.models.offers import Admission, ProviderInbox, ProviderService, ServiceArea
from rongjiu.marketplace.models.providers import (
    Provider,
    ProviderClaim,
    ProviderLocation,
    ProviderPaper,
    Signature,
    VettingEvent,
)

__all__ = [
    "Admission",
    "Capacity",
    "Listing",
    "ListingArea",
    "OpenRecord",
    "PlaceWait",
    "Provider",
    "ProviderClaim",
    "ProviderInbox",
    "ProviderLocation",
    "ProviderPaper",
    "ProviderService",
    "Reservation",
    "ServiceArea",
    "ServiceSlot",
    "Signature",
    "VettingEvent",
    "WHOLE_MONTH",
]
