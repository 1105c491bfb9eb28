"""A provider that had no places is asked once, after a week, whether there are some again; one tap by link opens them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace import offers, vacancies
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from tenants.catalogue.service import due
from tenants.referrals import answering, service
from tenants.referrals.offering import places
from tests import casework

Made = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def asked(made: Made) -> dict[str, Any]:
    """An offer was declined for want of places; the bell of a week later, which has not rung."""

    def world() -> dict[str, Any]:
        family = casework.a_family()
        helper = casework.a_helper(family)
        with tenant_scope(family.tenant):
            (task,) = service.offer(family.need, [helper.service], casework.a_consent(family, helper), family.old_man)
            answering.decline([task.id], helper.id, "no-capacity")
            bell = db.session.execute(
                select(Outbox.payload, Outbox.run_after).where(Outbox.kind == "referrals.ask_places")
            ).one()
            assert bell.run_after == due("no-capacity-ask")
        return {"tenant": family.tenant, "helper": helper, "words": bell.payload}

    found: dict[str, Any] = made(world)
    return found


def _ring(asked: dict[str, Any]) -> list[str]:
    with tenant_scope(asked["tenant"]):
        places.ask_places(asked["words"])
        rows = db.session.scalars(
            select(Message).where(Message.purpose == "provider_places").order_by(Message.id)
        ).all()
        assert all(row.address == asked["helper"].phone for row in rows)
        return [row.text for row in rows]


def _left(service_id: UUID) -> int:
    return vacancies.free_places([service_id], today())[service_id]


def test_one_tap_by_link_opens_the_places_and_looking_changes_nothing(
    client: FlaskClient, made: Made, asked: dict[str, Any]
) -> None:
    service_id = asked["helper"].service
    assert made(lambda: len(_ring(asked))) == 1
    (text,) = made(lambda: _ring(asked))  # a bell that rings twice asks once
    path = "/provider/again/" + text.rsplit("/", 1)[1]
    page = client.get(path, follow_redirects=True)
    assert page.status_code == 200
    assert "有名额了吗" in page.text
    assert made(lambda: _left(service_id)) == 0, "GET opens nothing"
    done = client.post("/provider/again/yes")
    assert done.status_code == 200
    assert "每月" in done.text
    assert made(lambda: _left(service_id)) == 4
    assert client.post("/provider/again/yes").status_code == 404
    assert client.get(path).status_code == 404
    assert client.get("/provider/again/forged").status_code == 404


def test_who_has_places_already_or_said_so_again_is_not_asked(made: Made, asked: dict[str, Any]) -> None:
    def act() -> None:
        helper = asked["helper"]
        with tenant_scope(asked["tenant"]):
            later = {**asked["words"], "day": (now() + timedelta(days=3)).date().isoformat()}
            outbox.put("referrals.ask_places", later, after=now() + timedelta(days=10))
        with time_machine.travel(now() + timedelta(days=8), tick=False):
            assert _ring(asked) == [], "the later bell asks"
            offers.places_again(helper.id, helper.service)
            asked["words"] = later
            assert _ring(asked) == [], "there are places"

    made(act)
