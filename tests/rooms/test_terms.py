"""Each community lets a provider in on its own terms; a stop in one leaves it working in another."""

from uuid import UUID

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, terms
from rongjiu.marketplace.admissions import service as admitting
from rongjiu.neighbours import service as neighbours
from rongjiu.tenancy.models import Community, Street
from rongjiu.tenancy.queries import Place
from tests import factories
from tests.desk_of import a_desk


def _place(community: Community) -> Place:
    return Place(
        kind="community", id=community.id, name=community.name, slug=community.slug, state="live",
        tenant=factories.tenant(community), street_id=community.street_id,
    )  # fmt: skip


def _two() -> tuple[Community, Community, UUID, UUID]:
    street = factories.a_street()
    here, there = factories.a_community(street), factories.a_community(street)
    provider = factories.a_provider(db.session.get_one(Street, street.id))
    offered = factories.a_service(provider, street, places=9)
    for each in (here, there):
        factories.an_admission(provider, each)
    return here, there, provider.id, offered.id


def test_a_stop_here_leaves_it_working_there(inside: None) -> None:
    here, there, provider, offered = _two()
    with tenant_scope(factories.tenant(here)):
        admitting.suspend(provider, _place(here), "两次没到")
        with pytest.raises(Refused):
            capacity.reserve(uuid7(), offered, today(), here.id)
    with tenant_scope(factories.tenant(there)):
        capacity.reserve(uuid7(), offered, today(), there.id)
    told = neighbours.learnt(there.id)
    assert [(one.kind, one.provider_id) for one in told] == [("stopped", provider)]
    assert "两次没到" not in str(told)
    with tenant_scope(factories.tenant(here)):
        admitting.admit(provider, _place(here), None)
    assert neighbours.learnt(there.id) == []


def test_days_and_courtyards_are_each_communitys_own(inside: None) -> None:
    here, there, provider, offered = _two()
    yard = uuid7()
    with tenant_scope(factories.tenant(here)):
        terms.limit(provider, here.id, ["WE", "MO"], [yard])
        capacity.reserve(uuid7(), offered, today(), here.id)
    found = terms.terms_of(here.id, [provider])[provider]
    assert (found.weekdays, found.courtyards, found.taken) == (("MO", "WE"), (str(yard),), 1)
    other = terms.terms_of(there.id, [provider])[provider]
    assert (other.weekdays, other.courtyards, other.taken) == ((), (), 0)


def test_only_the_admitted_have_terms(inside: None) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        with pytest.raises(Absent):
            terms.limit(uuid7(), here.tenant.uid, [], [])
        with pytest.raises(Refused):
            terms.limit(uuid7(), here.tenant.uid, ["XX"], [])
    assert db.session.scalar(select(Community.id).where(Community.id == here.tenant.uid))
