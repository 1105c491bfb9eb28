"""The projection that anyone may search: written here and nowhere else."""

from uuid import UUID

from sqlalchemy import delete, insert, select

from rongjiu import pinyin
from rongjiu.db import db
from rongjiu.marketplace.models import Listing, ListingArea, Provider, ProviderService, ServiceArea

_STAMPED = ("id", "slug", "name", "group", "kind", "demo", "verified_at", "state")


def publish(provider_id: UUID) -> int:
    """Write the listings of a provider anew from what it offers, or remove them when it is not active; answers how
    many there are. The only writer of `listing` and `listing_area`."""
    db.session.flush()
    provider = db.session.execute(
        select(*(getattr(Provider, name) for name in _STAMPED)).where(Provider.id == provider_id).with_for_update()
    ).one()
    db.session.execute(delete(Listing).where(Listing.provider_id == provider_id))
    if provider.state != "active":
        return 0
    services = db.session.execute(
        select(
            ProviderService.id, ProviderService.service_type, ProviderService.title, ProviderService.price_class,
            ProviderService.price, ProviderService.delivery_mode, ProviderService.places_a_month,
        ).where(ProviderService.provider_id == provider_id, ProviderService.state == "active")
    ).all()  # fmt: skip
    if not services:
        return 0
    db.session.execute(
        insert(Listing),
        [
            {
                "service_id": row.id, "provider_id": provider.id, "provider_slug": provider.slug,
                "provider_name": provider.name, "group": provider.group, "kind": provider.kind,
                "service_type": row.service_type, "title": row.title, "price_class": row.price_class,
                "price": row.price, "delivery_mode": row.delivery_mode, "places_a_month": row.places_a_month,
                "words": _words(provider.name, row.title), "demo": provider.demo, "verified_at": provider.verified_at,
            }
            for row in services
        ],
    )  # fmt: skip
    types = {row.id: row.service_type for row in services}
    areas = db.session.execute(
        select(ServiceArea.service_id, ServiceArea.street_id).where(ServiceArea.service_id.in_(types))
    ).all()
    if areas:
        db.session.execute(
            insert(ListingArea),
            [
                {"service_id": row.service_id, "street_id": row.street_id, "service_type": types[row.service_id]}
                for row in areas
            ],
        )
    return len(services)


def _words(*texts: str) -> list[str]:
    """Bigrams of the texts, and each character alone, so that a search for one character finds too."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(pinyin.bigrams(text)))
        found.update(dict.fromkeys(letter for letter in text.lower() if letter.isalnum()))
    return list(found)
