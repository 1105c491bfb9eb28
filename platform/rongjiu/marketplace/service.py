"""Who is listed: the projection that anyone may search. Who is let in stands in `admissions`."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, select

from rongjiu.actor import current_actor
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace import opendata, restricted, rules, signing
from rongjiu.marketplace.models import (
    Listing,
    ListingArea,
    Provider,
    ProviderPaper,
    ProviderService,
    ServiceArea,
)
from rongjiu.tenancy.models import Membership

MAX_LIMIT = 9999

_STAMPED = (
    "id", "slug", "name", "group", "kind", "demo", "verified_at", "state", "public_name", "public_consent_at",
    "confirmed_on", "paused_at", "paused_until", "insured_until",
)  # fmt: skip


def publish(provider_id: UUID) -> int:
    """Write the listings and open records of a provider anew from what it offers, or remove them when it is not
    active; answers how many listings there are. The only writer of `listing`, `listing_area` and `open_record`."""
    db.session.flush()
    provider = db.session.execute(
        select(*(getattr(Provider, name) for name in _STAMPED))
        .where(Provider.id == provider_id)
        .with_for_update(key_share=True)
    ).one()
    db.session.execute(delete(Listing).where(Listing.provider_id == provider_id))
    if not signing.listable(provider_id, provider.group, provider.kind):
        opendata.remove(provider_id)
        return 0
    opendata.write(provider_id)
    if provider.state != "active":
        return 0
    services = db.session.execute(
        select(
            ProviderService.id, ProviderService.service_type, ProviderService.title, ProviderService.price_class,
            ProviderService.price, ProviderService.delivery_mode, ProviderService.places_a_month, ProviderService.terms,
        ).where(ProviderService.provider_id == provider_id, ProviderService.state == "active")
    ).all()  # fmt: skip
    if not services:
        return 0
    papers = [(row.kind, row.ends_on) for row in db.session.execute(_papers(provider_id))]
    db.session.execute(insert(Listing), [_listing(provider, row, papers) for row in services])
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


def _papers(provider_id: UUID) -> Select[str, date | None]:
    """Papers that somebody has looked at; a new one counts from then on."""
    return select(ProviderPaper.kind, ProviderPaper.ends_on).where(
        ProviderPaper.provider_id == provider_id, ProviderPaper.state == "accepted"
    )


def _listing(provider: Any, row: Any, papers: Collection[tuple[str, date | None]]) -> dict[str, Any]:
    public = None if row.service_type in restricted.CODES else opendata.public_name(provider)
    team_at_home = provider.group == "volunteer_team" and row.delivery_mode == "at_home"
    return {
        "service_id": row.id, "provider_id": provider.id, "provider_slug": provider.slug,
        "provider_name": provider.name, "public_name": public, "group": provider.group, "kind": provider.kind,
        "service_type": row.service_type, "title": row.title, "price_class": row.price_class, "price": row.price,
        "delivery_mode": row.delivery_mode, "places_a_month": row.places_a_month,
        "words": opendata.search_words(public or "", row.title), "demo": provider.demo,
        "verified_at": provider.verified_at, "confirmed_on": provider.confirmed_on,
        "paused": rules.paused(provider.paused_at, provider.paused_until, today()),
        "fit_until": rules.fit_until(papers, insured=(provider.insured_until,) if team_at_home else ()),
        "who": rules.whom(rules.terms(row.terms)),
        "fresh_until": rules.fresh_until(provider.confirmed_on, provider.verified_at),
    }  # fmt: skip


def not_own(provider_id: UUID) -> None:
    """Raises Refused when the one who acts works for this provider: nobody decides about the own organisation."""
    own = select(Membership.id).where(
        Membership.scope_kind == "provider", Membership.scope_id == provider_id, Membership.account_id == _actor()
    )
    if db.session.scalar(own.limit(1)):
        raise Refused("这是您自己的店,请同事来办。")


def serves(provider_id: UUID, street_id: UUID | None) -> bool:
    """Is one of the provider's services listed for this street?"""
    listed = select(ListingArea.service_id).join(Listing, Listing.service_id == ListingArea.service_id)
    here = listed.where(Listing.provider_id == provider_id, ListingArea.street_id == street_id).limit(1)
    return db.session.scalar(here) is not None


def serving(provider_id: UUID, street_id: UUID | None) -> None:
    """Raises Refused, in words that say why, when a provider does not serve a street now; Absent for an unknown one."""
    if serves(provider_id, street_id):
        return
    state = db.session.scalar(select(Provider.state).where(Provider.id == provider_id))
    if state is None:
        raise Absent
    if state != "active":
        raise Refused("这家服务方还没有通过审核,或已暂停。", status=409)
    raise Refused("这家服务方不服务本街道。可以请它在服务里加上本街道。")


def _actor() -> UUID | None:
    return current_actor().account_id
