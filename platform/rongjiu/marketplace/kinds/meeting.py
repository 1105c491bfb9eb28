"""Providers of one kind that a community has let in, and when they can be met: law firms with their hours of advice and
talks, clinics with their days."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, true

from rongjiu.db import db
from rongjiu.marketplace import slots
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider, ProviderService
from rongjiu.marketplace.queries import Line


def admitted(community_id: UUID, kinds: Collection[str] | None = None) -> list[Line]:
    """Active providers, of some kinds or of all, that a community has let in, by name: id, name, kind."""
    return list(
        db.session.execute(
            select(Provider.id, Provider.name, Provider.kind)
            .join(Admission, Admission.provider_id == Provider.id)
            .where(
                Admission.community_id == community_id, in_force(), Provider.state == "active",
                true() if kinds is None else Provider.kind.in_(kinds),
            )
            .order_by(Provider.slug)
        )
    )  # fmt: skip


def coming(provider_ids: Collection[UUID], most: int = 6) -> list[Line]:
    """Their next slots with a place left, the earliest first (slots.open_of)."""
    services = select(ProviderService.id).where(
        ProviderService.provider_id.in_(provider_ids), ProviderService.state == "active"
    )
    found = list(db.session.scalars(services))
    return slots.open_of(found, most) if found else []
