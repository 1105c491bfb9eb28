"""Telling other communities what one learnt about a provider, and hearing a provider: facts without residents."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.db import current_tenant, db, telling
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.neighbours.models import Hearing, ProviderNotice
from rongjiu.tenancy.models import Community


def notify(provider_id: UUID, community_id: UUID, object_id: UUID, kind: str, category: str = "") -> None:
    """Say what was learnt: kind complaint_upheld | stopped. The same object again is told once."""
    words = {"category": category, "at": now(), "withdrawn_at": None}
    row = insert(ProviderNotice).values(
        id=uuid7(), provider_id=provider_id, community_id=community_id, object_id=object_id, kind=kind, **words
    )
    with telling(community_id=community_id):
        db.session.execute(row.on_conflict_do_update(index_elements=["kind", "object_id"], set_=words))


def withdraw(object_id: UUID, kind: str) -> None:
    """What was told by the community in force no longer holds: the matter was opened again."""
    with telling(community_id=current_tenant().uid):
        db.session.execute(
            update(ProviderNotice)
            .where(ProviderNotice.object_id == object_id, ProviderNotice.kind == kind)
            .values(withdrawn_at=now())
            .execution_options(synchronize_session=False)
        )


def notices(provider_id: UUID, *, beside: UUID | None = None) -> list[Any]:
    """What other communities (`beside` ours) learnt about a provider, newest first: community, kind, category, at."""
    n = ProviderNotice
    query = (
        select(n.kind, n.category, n.at, Community.name.label("community"))
        .join(Community, Community.id == n.community_id)
        .where(n.provider_id == provider_id, n.withdrawn_at.is_(None))
        .order_by(n.at.desc(), n.id)
        .limit(50)
    )
    return list(db.session.execute(query if beside is None else query.where(n.community_id != beside)))


def learnt(community_id: UUID) -> list[Any]:
    """What others learnt about providers that this community has admitted: provider, community, kind, category, at."""
    n = ProviderNotice
    rows = db.session.execute(
        select(
            n.provider_id, Provider.name.label("provider"), n.kind, n.category, n.at, Community.name.label("community")
        )
        .join(Admission, (Admission.provider_id == n.provider_id) & (Admission.community_id == community_id))
        .join(Provider, Provider.id == n.provider_id)
        .join(Community, Community.id == n.community_id)
        .where(n.community_id != community_id, n.withdrawn_at.is_(None), in_force())
        .order_by(n.at.desc(), n.id)
        .limit(50)
    )
    return list(rows)


def hear(
    hearing_id: UUID,
    provider_id: UUID,
    community_id: UUID,
    *,
    category: str,
    happened_on: date | None,
    due_at: datetime,
) -> None:
    """Ask a provider for its side of a matter by a day; again = the new day."""
    words = {"category": category, "happened_on": happened_on, "asked_at": now(), "due_at": due_at, "answered_at": None,
             "outcome": ""}  # fmt: skip
    row = insert(Hearing).values(id=hearing_id, provider_id=provider_id, community_id=community_id, **words)
    with telling(community_id=community_id):
        db.session.execute(row.on_conflict_do_update(index_elements=["id"], set_=words))


def settle(hearing_id: UUID, *, outcome: str = "", answered: bool = False) -> None:
    """Note in the community in force that the provider replied, or what was decided."""
    values: dict[str, Any] = {"outcome": outcome} if outcome else {}
    if answered:
        values["answered_at"] = now()
    mine = update(Hearing).where(Hearing.id == hearing_id).execution_options(synchronize_session=False)
    if values:
        with telling(community_id=current_tenant().uid):
            db.session.execute(mine.values(values))


def hearings(provider_id: UUID) -> list[Any]:
    """Matters about which a provider is or was heard, those that wait first."""
    h = Hearing
    query = (
        select(h.id, h.category, h.happened_on, h.asked_at, h.due_at, h.answered_at, h.outcome,
               Community.name.label("community"), Community.phone.label("phone"), Community.id.label("community_id"),
               Community.tenant_id.label("tenant_id"))
        .join(Community, Community.id == h.community_id)
        .where(h.provider_id == provider_id)
        .order_by(h.answered_at.is_not(None), h.due_at.desc())
        .limit(50)
    )  # fmt: skip
    with telling(provider_id=provider_id):
        return list(db.session.execute(query))
