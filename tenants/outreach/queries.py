"""Reads of outreach for screens: the list, one prospect with its history, who is to be asked again."""

from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.oversight.models import Step
from tenants.outreach.models import Prospect, ProspectEvent, ProspectTie

SIZE = 50


def page(
    *, state: str = "", kind: str = "", words: str = "", retry: bool = False, page: int = 1, size: int = SIZE
) -> tuple[list[Any], int]:
    """Prospects of the filters: those with something to do first, then the newest; and how many in all."""
    p = Prospect
    query = _narrow(
        select(p.id, p.number, p.kind, p.name, p.trade, p.address, p.state, p.reason, p.retry_on, p.service_type,
               p.owner_post, p.spoken_at, p.demo, p.provider_id, Step.actor, Step.verb, Step.due_at)
        .outerjoin(Step, (Step.id == p.id) & (Step.tenant_id == p.tenant_id)),
        state, kind, words, retry,
    )  # fmt: skip
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (Step.due_at.asc().nulls_last(), p.retry_on.asc().nulls_last(), p.number.desc())
    rows = db.session.execute(query.order_by(*order).limit(size).offset((page - 1) * size))
    return list(rows), total


def _narrow(
    query: Select[*tuple[Any, ...]], state: str, kind: str, words: str, retry: bool
) -> Select[*tuple[Any, ...]]:
    if state:
        query = query.where(Prospect.state == state)
    if kind:
        query = query.where(Prospect.kind == kind)
    if retry:
        query = query.where(Prospect.state == "declined", Prospect.retry_on <= today())
    if words:
        like = Prospect.name.contains(words, autoescape=True)
        query = query.where(or_(like, Prospect.address.contains(words, autoescape=True), Prospect.number == words))
    return query


def counts() -> dict[str, int]:
    """How many prospects stand in each state."""
    rows = db.session.execute(select(Prospect.state, func.count().label("n")).group_by(Prospect.state))
    return {row.state: row.n for row in rows}


def due_again() -> int:
    """How many that declined may be asked again now."""
    query = select(func.count()).select_from(Prospect)
    return db.session.scalar(query.where(Prospect.state == "declined", Prospect.retry_on <= today())) or 0


def one(number: str) -> Prospect | None:
    """A prospect by its number."""
    return db.session.scalar(select(Prospect).where(Prospect.number == number))


def history(prospect_id: UUID) -> list[ProspectEvent]:
    """What happened with a prospect, newest first."""
    query = select(ProspectEvent).where(ProspectEvent.prospect_id == prospect_id)
    return list(db.session.scalars(query.order_by(ProspectEvent.at.desc(), ProspectEvent.id.desc())))


def ties(prospect_id: UUID) -> list[Any]:
    """Who knows it: how, who, and the number and name of the other prospect."""
    other = aliased(Prospect)
    rows = db.session.execute(
        select(ProspectTie.how, ProspectTie.who, other.number, other.name)
        .outerjoin(other, (other.id == ProspectTie.other_id) & (other.tenant_id == ProspectTie.tenant_id))
        .where(ProspectTie.prospect_id == prospect_id)
        .order_by(ProspectTie.made_at)
    )
    return list(rows)


def others(prospect_id: UUID, most: int = 300) -> list[Any]:
    """The other prospects of the community, by name: id, number, name."""
    query = select(Prospect.id, Prospect.number, Prospect.name).where(Prospect.id != prospect_id)
    return list(db.session.execute(query.order_by(Prospect.name).limit(most)))


def mark(number: str) -> str:
    """What stands in the code of a leaflet for a prospect: it names the prospect to us alone, no person."""
    return sha256(number.encode()).hexdigest()[:8]


def registered(slug: str, number: str) -> Any:
    """The provider that registered through the leaflet of a prospect: id, name, state; None so far."""
    query = select(Provider.id, Provider.name, Provider.state).where(Provider.invited_by == f"{slug}.{mark(number)}")
    return db.session.execute(query.order_by(Provider.created_at.desc()).limit(1)).one_or_none()


def admitted(community_id: UUID) -> list[Any]:
    """Providers that a community has admitted, by name: id, name."""
    rows = db.session.execute(
        select(Provider.id, Provider.name)
        .join(Admission, Admission.provider_id == Provider.id)
        .where(Admission.community_id == community_id, in_force(), Provider.state == "active")
        .order_by(Provider.name)
    )
    return list(rows)


def spoken_since(day: date) -> int:
    """How many were spoken to since a day."""
    return db.session.scalar(select(func.count()).select_from(Prospect).where(Prospect.spoken_at >= day)) or 0
