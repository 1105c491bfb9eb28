"""Many wishes claimed by one person in the same moment: no more than one may hold."""

from collections import Counter
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from flask import Flask

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.catalogue.service import setting
from tenants.wishes import service
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once
from tests.rooms.test_wishes import PLAIN, a_volunteer

World = tuple[Desk, list[UUID], int]


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            most = int(setting("wish-claims-open"))
            wishes = [service.submit(f"想要一把轮椅 {n}").id for n in range(most + 4)]
            for wish in wishes:
                service.publish(wish, PLAIN)
        db.session.commit()
        yield here, wishes, most
        db.session.remove()


def _claim(wish: UUID, who: service.Claimer) -> Callable[[], str]:
    def do() -> str:
        service.claim(wish, who)
        return "claimed"

    return do


def test_nobody_holds_more_wishes_than_allowed_however_fast(app: Flask, world: World) -> None:
    here, wishes, most = world
    who = a_volunteer(here)
    said = at_once(app, here, *[_claim(wish, who) for wish in wishes])
    assert Counter("refused" if isinstance(each, Refused) else each for each in said) == {"claimed": most, "refused": 4}
