"""Needs near a shop that it could meet: what and where, never whose."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from rongjiu.clock import now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.marketplace import queries as market
from rongjiu.marketplace import restricted
from rongjiu.marketplace import rules as times
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.marketplace.terms import terms_of
from rongjiu.tenancy.models import Community
from tenants.cases.models import CaseFile
from tenants.catalogue.queries import service_types
from tenants.nearby.models import Willing
from tenants.needs.models import Need
from tenants.referrals import queries as referrals
from tenants.referrals.matching.rules import entitled
from tenants.referrals.matching.service import whose_of
from tenants.referrals.models import ReferralRequest

MOST = 30
COMMUNITIES = 20
BUSY = ("active", "awaiting_confirmation")
"""States of a slip on which somebody is at work already."""


@dataclass(frozen=True, slots=True)
class Near:
    """One need that a shop could meet: the service it offers for it, how urgent, since when. No person, no illness: the
    need itself is not named, only the shop's own service."""

    need_id: UUID
    service_id: UUID
    title: str
    urgency: str
    since: datetime
    slots: tuple[datetime, ...]
    community_id: UUID
    community: str = ""


def around(provider_id: UUID) -> list[Near]:
    """Needs of all communities that admit a provider, of the kinds it offers in their street, with the beginnings of its
    quiet hours in the next days on which it may come there; the urgent first. Without quiet hours there are none."""
    found: list[Near] = []
    for tenant, name in list(_admitting(provider_id)):
        with tenant_scope(tenant):
            found += [_named(row, name) for row in open_here(provider_id)]
    order = ("critical", "urgent", "ordinary")
    return sorted(found, key=lambda row: (order.index(row.urgency), row.since))[:MOST]


def _named(row: Near, name: str) -> Near:
    return Near(
        row.need_id, row.service_id, row.title, row.urgency, row.since, row.slots, row.community_id, name
    )  # fmt: skip


def tenant_of(provider_id: UUID, community_id: UUID) -> Tenant | None:
    """What storage knows a community by that admits a provider; None when it does not."""
    return next((tenant for tenant, _name in _admitting(provider_id) if tenant.uid == community_id), None)


def _admitting(provider_id: UUID) -> Iterator[tuple[Tenant, str]]:
    rows = db.session.execute(
        select(Community.tenant_id, Community.id, Community.name)
        .join(Admission, Admission.community_id == Community.id)
        .where(Admission.provider_id == provider_id, in_force(), Community.state == "live")
        .order_by(Community.slug)
        .limit(COMMUNITIES)
    ).all()
    yield from ((Tenant(row.tenant_id, row.id), row.name) for row in rows)


def open_here(provider_id: UUID) -> list[Near]:
    """The needs of the community in force that a provider could meet in its quiet hours, none of which has a slip under
    way or was taken by it before; within the agreed days, courtyards and quota, and for people who may have the service."""
    here = referrals.here()
    row = db.session.execute(
        select(Provider.state, Provider.quiet, Provider.paused_at, Provider.paused_until).where(
            Provider.id == provider_id
        )
    ).one()
    terms = terms_of(here.id, [provider_id]).get(provider_id)
    stopped = row.state != "active" or times.paused(row.paused_at, row.paused_until, now().date())
    if stopped or terms is None or (terms.monthly_limit is not None and terms.taken >= terms.monthly_limit):
        return []
    slots = times.quiet_slots(row.quiet, now(), terms.weekdays)
    offered = _offered(provider_id, here.street_id) if slots else {}
    if not offered:
        return []
    rows = db.session.execute(_open(provider_id, offered, terms.courtyards)).all()
    people = whose_of(rows)
    found = [(one, offered[one.item_slug]) for one in rows]
    return [
        Near(one.id, fit.id, fit.title, one.urgency, one.opened_at, tuple(slots[:4]), here.id)
        for one, fit in found
        if not entitled(times.whom(times.terms(fit.terms)), people[one.id])
    ]


def _offered(provider_id: UUID, street_id: UUID | None) -> dict[str, market.Service]:
    """Item of need → the service that answers it, of services with a place left this month in the street."""
    own = {
        one.service_type: one
        for one in market.services(provider_id)
        if one.service_type not in restricted.CODES
        and street_id in {key for key, _name in one.streets}
        and one.maximum - one.reserved - one.used > 0
    }
    return {
        item: own[kind["id"]] for kind in service_types() if kind["id"] in own for item in kind.get("need_item_ids", ())
    }


def _open(provider_id: UUID, items: dict[str, Any], courtyards: tuple[str, ...]) -> Any:
    busy = exists().where(ReferralRequest.need_id == Need.id, ReferralRequest.state.in_(BUSY))
    taken = exists().where(Willing.need_id == Need.id, Willing.provider_id == provider_id)
    query = (
        select(Need.id, Need.item_slug, Need.urgency, Need.person_id, CaseFile.household_id, CaseFile.opened_at)
        .join(CaseFile, CaseFile.id == Need.case_id)
        .where(Need.result == "", Need.item_slug.in_(items), CaseFile.closed_at.is_(None), ~busy, ~taken)
        .order_by(CaseFile.opened_at)
        .limit(MOST)
    )
    return query.where(CaseFile.courtyard_id.in_([UUID(one) for one in courtyards])) if courtyards else query


def of_need(need_id: UUID) -> list[Any]:
    """Providers that are willing to come for a need and wait for the desk: id, provider_id, provider, slot_at."""
    return list(
        db.session.execute(
            select(Willing.id, Willing.provider_id, Provider.name.label("provider"), Willing.slot_at)
            .join(Provider, Provider.id == Willing.provider_id)
            .where(Willing.need_id == need_id, Willing.state == "asked")
            .order_by(Willing.at)
        )
    )
