"""Two claims of one listing granted in the same moment: one owner, and nobody waits for the other for ever."""

from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Clash
from rongjiu.marketplace import claims
from rongjiu.marketplace.service import publish
from rongjiu.tenancy.models import Community, Membership, Street
from rongjiu.tenancy.queries import Place
from tests import factories
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once

World = tuple[Desk, UUID, Place, list[UUID]]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        here = a_desk()
        street = db.session.get_one(Street, db.session.get_one(Community, here.tenant.uid).street_id)
        provider = factories.a_provider(street)
        for person in (here.grid, here.live, here.worker):
            claims.ask(provider.id, person.account.id, "法人是我")
        publish(provider.id)  # what is committed here stands when others look at the whole market
        asked = [row.id for row in claims.waiting(street.id)]
        made = provider.id, Place("street", street.id, street.slug, street.name), asked
        db.session.commit()
        yield here, *made
        db.session.remove()


def _grant(claim: UUID, by: Place) -> Callable[[], str]:
    def do() -> str:
        claims.decide(claim, by, granted=True, reason="打过电话")
        return "granted"

    return do


def test_one_listing_has_one_owner_however_fast_it_is_given(app: Flask, world: World) -> None:
    here, provider, street, asked = world
    said = at_once(app, here, *[_grant(claim, street) for claim in asked])
    assert Counter("clash" if isinstance(each, Clash) else each for each in said) == {"granted": 1, "clash": 2}
    with app.app_context():
        owners = select(Membership.account_id).where(Membership.scope_id == provider, Membership.ends_at.is_(None))
        assert len(db.session.scalars(owners).all()) == 1
