"""A community and a provider that it may let in, for the tests of admissions."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity
from rongjiu.marketplace.admissions import rules
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Street
from rongjiu.tenancy.queries import Place
from tests import factories

CLERK, SECRETARY = Actor(None, "assistance_clerk", "救助专干"), Actor(None, "secretary", "社区书记")
ONE_PRESS = ["applied", "under_review", "approved", "active"]


@dataclass(frozen=True)
class World:
    """Plain values, so that they outlive the rows."""

    tenant: Tenant
    place: Place
    street: UUID
    provider: UUID
    offered: UUID


@contextmanager
def a_world() -> Iterator[World]:
    """A community, and a provider of its street that it does not know yet; the secretary acts."""
    street = factories.a_street()
    community = factories.a_community(street)
    provider = factories.a_provider(db.session.get_one(Street, street.id))
    offered = factories.a_service(provider, street, places=9)
    tenant = factories.tenant(community)
    place = Place(
        kind="community", id=community.id, name=community.name, slug=community.slug, state="live", tenant=tenant,
        street_id=street.id,
    )  # fmt: skip
    found = World(tenant, place, street.id, provider.id, offered.id)
    with tenant_scope(tenant), acting(SECRETARY):
        yield found


def row_of(world: World) -> Admission:
    """The admission as it stands."""
    return db.session.scalars(select(Admission).where(Admission.provider_id == world.provider)).one()


def events(world: World) -> list[Any]:
    """What happened to it, the oldest first."""
    with telling(community_id=world.tenant.uid):
        return list(db.session.scalars(select(AdmissionEvent).order_by(AdmissionEvent.at, AdmissionEvent.id)))


def way(world: World) -> list[str]:
    """The states that the events tell of; they form a chain that ends where the admission stands."""
    found, before = events(world), ""
    for event in found:
        assert event.state_from == before
        assert rules.find(event.state_from, event.state_to, event.actor), "a drawn step"
        before = event.state_to
    assert before == row_of(world).state
    return [event.state_to for event in found]


def steps() -> list[tuple[str, str]]:
    """Who acts next on every live admission; each has a due time, and no other has one."""
    rows = db.session.execute(select(Admission.id, Admission.state, Admission.due_at)).all()
    for row in rows:
        assert (row.due_at is not None) == (row.state in rules.LIVE)
    found = db.session.execute(select(Step.id, Step.actor_role, Step.verb).where(Step.object_kind == "admission")).all()
    assert {row.id for row in rows if row.state in rules.LIVE} <= {row.id for row in found}
    return [(row.actor_role, row.verb) for row in found]


def told(kind: str = "provider_told") -> list[str]:
    """Which texts were left for the provider, or of another kind."""
    box = outbox.Outbox
    query = select(box.payload["what"].astext).where(box.kind == kind).order_by(box.created_at, box.id)
    return list(db.session.scalars(query))


def reserve(world: World) -> None:
    """Hold a place, as sending an offer does."""
    capacity.reserve(uuid7(), world.offered, today(), world.tenant.uid)


def provider_of(world: World) -> Any:
    """The provider's row."""
    return db.session.get_one(factories.Provider, world.provider)


def community_of(world: World) -> Any:
    """The community's row."""
    return db.session.get_one(factories.Community, world.tenant.uid)
