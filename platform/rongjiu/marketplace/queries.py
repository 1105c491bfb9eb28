"""Reads over the marketplace: who can help in a street, and what each door shows of a provider."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    func,
    or_,
    select,
)

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.files import PlatformFile
from rongjiu.library.packfiles import read_pack
from rongjiu.marketplace import places, restricted, rules
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import (
    Admission,
    Capacity,
    Provider,
    ProviderInbox,
    ProviderPaper,
    ProviderService,
    ServiceArea,
    VettingEvent,
)
from rongjiu.tenancy.models import District, Membership, Street

Line: TypeAlias = Row[*tuple[Any, ...]]
"""One row of a list: the columns that its query names."""


def service_types() -> dict[str, tuple[str, str]]:
    """The 33 service types of the published model: code → name in Chinese and English."""
    return {row["id"]: (row["name_zh"], row["name_en"]) for row in read_pack()["services"]["services"]}


def special_groups() -> dict[str, tuple[str, str]]:
    """The 14 special groups of the published model: code → name in Chinese and English."""
    return {row["id"]: (row["name_zh"], row["name_en"]) for row in read_pack()["special_groups"]["groups"]}


def streets() -> list[tuple[UUID, str]]:
    """Id and name of every street, by district and name."""
    rows = db.session.execute(
        select(Street.id, Street.name).join(District, District.id == Street.district_id).order_by(
            District.slug, Street.slug
        )
    )  # fmt: skip
    return [(row.id, row.name) for row in rows]


def of_account(account_id: UUID) -> Line | None:
    """The newest provider that an account owns: id, state."""
    return db.session.execute(
        select(Provider.id, Provider.state, Provider.slug)
        .join(Membership, and_(Membership.scope_kind == "provider", Membership.scope_id == Provider.id))
        .where(Membership.account_id == account_id, Membership.role == "provider_owner", Membership.ends_at.is_(None))
        .order_by((Provider.state == "draft").desc(), Provider.created_at.desc())
        .limit(1)
    ).one_or_none()


def find(provider_id: UUID) -> Line | None:
    """One provider with the name of its street: everything its own people and its reviewers read."""
    return db.session.execute(
        select(
            Provider.id, Provider.slug, Provider.name, Provider.group, Provider.kind, Provider.uscc, Provider.phone,
            Provider.contact, Provider.address, Provider.intro, Provider.street_id, Provider.state,
            Provider.state_reason, Provider.due_at, Provider.invited_by, Provider.demo, Provider.verified_at,
            Provider.created_at, Provider.legal_form, Provider.public_name, Provider.public_consent_at,
            Provider.paused_at, Provider.paused_until, Provider.confirmed_on, Provider.insurance_note,
            Provider.insured_until, Provider.details, Provider.quiet, Provider.languages, Street.name.label("street"),
        )
        .outerjoin(Street, Street.id == Provider.street_id)
        .where(Provider.id == provider_id)
    ).one_or_none()  # fmt: skip


def names(ids: Collection[UUID]) -> dict[UUID, str]:
    """What these providers are called."""
    if not ids:
        return {}
    return {
        row.id: row.name for row in db.session.execute(select(Provider.id, Provider.name).where(Provider.id.in_(ids)))
    }


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a provider with its streets and this month's places."""

    id: UUID
    service_type: str
    title: str
    price_class: str
    price: Decimal | None
    usual_price: Decimal | None
    delivery_mode: str
    schedule: dict[str, Any]
    places_a_month: int
    state: str
    maximum: int
    reserved: int
    used: int
    slots_left: int
    """Places left in the slots of that month that can still be booked, beside those of the month."""
    slots_most: int
    terms: dict[str, Any]
    location_id: UUID | None
    streets: tuple[tuple[UUID, str], ...]


def services(provider_id: UUID, *, period: date | None = None, stopped: bool = False) -> list[Service]:
    """What a provider offers, oldest first, with the places of one month (default: this one) and of its coming
    slots."""
    month = rules.month(period or today())
    s = ProviderService
    query = (
        select(
            s.id, s.service_type, s.title, s.price_class, s.price, s.usual_price, s.delivery_mode, s.schedule,
            s.places_a_month, s.state, func.coalesce(Capacity.maximum, s.places_a_month).label("maximum"),
            func.coalesce(Capacity.reserved, 0).label("reserved"), func.coalesce(Capacity.used, 0).label("used"),
            places.slots_left(s.id, month).label("slots_left"), places.slots_most(s.id, month).label("slots_most"),
            s.terms, s.location_id,
        )
        .outerjoin(Capacity, and_(Capacity.service_id == s.id, Capacity.period == month))
        .where(s.provider_id == provider_id)
        .order_by(s.id)
    )  # fmt: skip
    if not stopped:
        query = query.where(s.state == "active")
    rows = db.session.execute(query).all()
    areas: dict[UUID, list[tuple[UUID, str]]] = {row.id: [] for row in rows}
    for area in db.session.execute(
        select(ServiceArea.service_id, Street.id, Street.name)
        .join(Street, Street.id == ServiceArea.street_id)
        .where(ServiceArea.service_id.in_(areas))
        .order_by(Street.slug)
    ):
        areas[area.service_id].append((area.id, area.name))
    return [Service(**row._mapping, streets=tuple(areas[row.id])) for row in rows]


def papers(provider_id: UUID) -> list[Line]:
    """Papers of a provider, newest first: id, kind, ends_on, file_id, name, size."""
    query = (
        select(ProviderPaper.id, ProviderPaper.kind, ProviderPaper.ends_on, ProviderPaper.file_id,
               ProviderPaper.state, ProviderPaper.reason, PlatformFile.name,
               PlatformFile.mime, PlatformFile.size, PlatformFile.created_at)
        .join(PlatformFile, PlatformFile.id == ProviderPaper.file_id)
        .where(ProviderPaper.provider_id == provider_id)
        .order_by(PlatformFile.created_at.desc())
    )  # fmt: skip
    return list(db.session.execute(query))


def history(provider_id: UUID) -> list[Line]:
    """Steps of a provider's standing, newest first: at, state_from, state_to, actor_role, reason."""
    query = (
        select(VettingEvent.at, VettingEvent.state_from, VettingEvent.state_to, VettingEvent.actor_role, VettingEvent.reason)
        .where(VettingEvent.provider_id == provider_id)
        .order_by(VettingEvent.id.desc())
    )  # fmt: skip
    return list(db.session.execute(query))


def waiting(*, street_id: UUID | None = None, invited_by: str = "") -> list[Line]:
    """Applications that wait for a reviewer, the earliest due first: of a street, narrowed to one community's leaflet."""
    query = (
        select(Provider.id, Provider.name, Provider.kind, Provider.group, Provider.state, Provider.due_at,
               Provider.created_at, Provider.demo, Provider.invited_by)
        .where(Provider.state.in_(rules.WAITING), Provider.street_id == street_id)
        .order_by(Provider.due_at)
    )  # fmt: skip
    if invited_by:
        query = query.where(func.split_part(Provider.invited_by, ".", 1) == invited_by)
    return list(db.session.execute(query))


def of_street(street_id: UUID, *, state: str = "", words: str = "", forms: Collection[str] = ()) -> list[Line]:
    """Providers that a street vets or that serve it, by name: with services, admissions and earliest paper end."""
    serving = (
        select(ProviderService.provider_id)
        .join(ServiceArea, ServiceArea.service_id == ProviderService.id)
        .where(ServiceArea.street_id == street_id)
    )
    offered = _count(ProviderService.id, ProviderService.provider_id, ProviderService.state == "active")
    admitted = _count(Admission.id, Admission.provider_id, in_force())
    ends = (
        select(func.min(ProviderPaper.ends_on)).where(ProviderPaper.provider_id == Provider.id).correlate(Provider)
    ).scalar_subquery()
    query = (
        select(Provider.id, Provider.slug, Provider.name, Provider.kind, Provider.state, Provider.due_at, Provider.demo,
               Provider.street_id, Provider.legal_form, offered.label("services"), admitted.label("admissions"), ends.label("ends_on"))
        .where(or_(Provider.street_id == street_id, Provider.id.in_(serving)), Provider.state != "draft")
        .order_by(Provider.slug)
    )  # fmt: skip
    if state:
        query = query.where(Provider.state == state)
    if forms:
        query = query.where(Provider.legal_form.in_(forms))
    if words:
        query = query.where(Provider.name.contains(words, autoescape=True))
    return list(db.session.execute(query))


def _count(column: Any, owner: Any, condition: ColumnElement[bool]) -> Any:
    return select(func.count(column)).where(owner == Provider.id, condition).correlate(Provider).scalar_subquery()


def inbox(provider_id: UUID, states: Collection[str] = ()) -> list[Line]:
    """Offers before a provider, what is due first on top; only these states if any are named."""
    i = ProviderInbox
    query = (
        select(
            i.task_id,
            restricted.title_of(ProviderService.service_type, i.title).label("title"),
            i.community_name,
            i.area,
            i.state,
            i.sent_at,
            i.due_at,
        )
        .join(ProviderService, ProviderService.id == i.service_id)
        .where(i.provider_id == provider_id)
        .order_by(i.due_at.asc().nulls_last(), i.sent_at)
    )
    if states:
        query = query.where(i.state.in_(states))
    return list(db.session.execute(query))


def invited(slug: str) -> list[Line]:
    """Providers that registered through a leaflet of one community, newest first: name, state, since when."""
    query = (
        select(Provider.id, Provider.name, Provider.state, Provider.invited_by, Provider.created_at, Provider.demo)
        .where(func.split_part(Provider.invited_by, ".", 1) == slug)
        .order_by(Provider.created_at.desc())
        .limit(100)
    )
    return list(db.session.execute(query))


def senders(provider_id: UUID) -> list[Line]:
    """The communities that ever sent something to a provider: tenant_id, community_id, community_name."""
    i = ProviderInbox
    query = select(i.tenant_id, i.community_id, i.community_name).where(i.provider_id == provider_id).distinct()
    return list(db.session.execute(query.order_by(i.community_name)))
