"""What the neighbours' board listens to: a community stopped a provider, or lets it in again."""

from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.facts import Fact, subscribe
from rongjiu.marketplace.facts import ProviderAdmitted, ProviderStopped
from rongjiu.marketplace.models import Admission
from rongjiu.neighbours import service
from rongjiu.tenancy.models import Community


def _admission(fact: Fact) -> tuple[UUID, UUID, UUID] | None:
    row = db.session.execute(
        select(Admission.id, Admission.provider_id, Admission.community_id)
        .join(Community, Community.id == Admission.community_id)
        .where(Admission.provider_id == fact.object_id, Community.tenant_id == fact.tenant_id)
    ).one_or_none()
    return (row.id, row.provider_id, row.community_id) if row else None


def stopped(fact: Fact) -> None:
    """Others learn that it was stopped here, not why: the reason is between the two."""
    if found := _admission(fact):
        service.notify(found[1], found[2], found[0], "stopped")


def admitted(fact: Fact) -> None:
    """It is let in again: what was told no longer holds."""
    if found := _admission(fact):
        service.withdraw(found[0], "stopped")


subscribe(ProviderStopped, stopped)
subscribe(ProviderAdmitted, admitted)
