"""Slots on the screens: laid out by the owner, booked at the desk, taken at that very time, cancelled with a reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace.models import Capacity, Provider
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralTask
from tests import casework, factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class World:
    """A clinic with an owner and staff, a family whose community admits it, a clerk and a stranger."""

    def __init__(self, client: FlaskClient, made: Made, login: Login) -> None:
        self.client, self.made = client, made
        self.login = lambda who: login(client, self.tokens[who])

        def build() -> tuple[casework.Family, casework.Helper, dict[str, str]]:
            family = casework.a_family()
            helper = casework.a_helper(family, "home-checkup")
            other = casework.a_helper(family, "home-checkup")
            db.session.get_one(Provider, helper.id).details = {
                "clinic_days": "每周三", "booking": "社区预约", "medical_licence": "PDY1"
            }  # fmt: skip
            people = {
                "owner": factories.a_person_with_role("provider_owner", "provider", helper.id),
                "staff": factories.a_person_with_role("provider_staff", "provider", helper.id),
                "stranger": factories.a_person_with_role("provider_owner", "provider", other.id),
                "clerk": factories.a_person_with_role("assistance_clerk", "community", family.community_id),
            }
            with tenant_scope(family.tenant):
                casework.a_consent(family, helper)
                matching.match(family.need)
            return family, helper, {who: one.token for who, one in people.items()}

        self.family, self.helper, self.tokens = made(build)
        self.offer = (
            f"/c/{self.family.slug}/desk/cases/{self.family.number}/needs/w1/offer?service={self.helper.service}"
        )

    def form(self, **words: Any) -> dict[str, Any]:
        given = {
            "service": str(self.helper.service), "first": str(today() + timedelta(days=3)), "begins": "09:00",
            "ends": "11:00", "places": "2", "weeks": "1",
        }  # fmt: skip
        return {**given, **words}

    def laid(self) -> UUID:
        self.login("owner")
        assert self.client.post("/provider/slots/new", data=self.form()).status_code == 303
        return UUID(str(self.made(lambda: db.session.scalars(
            select(Capacity.slot_id).where(Capacity.service_id == self.helper.service, Capacity.maximum == 2)
        ).one())))  # fmt: skip

    def book(self, slot: UUID) -> Any:
        self.login("clerk")
        return self.client.post(self.offer, data={"person_id": str(self.family.old_man), "slot": str(slot)})

    def task(self) -> tuple[UUID, str, Any]:
        def read() -> tuple[UUID, str, Any]:
            with tenant_scope(self.family.tenant):
                row = db.session.scalars(select(ReferralTask)).one()
                return row.id, row.state, row.slot_at

        return self.made(read)  # type: ignore[no-any-return]


@pytest.fixture
def world(client: FlaskClient, made: Made, login: Login) -> World:
    return World(client, made, login)


def test_an_owner_lays_out_slots_and_what_is_typed_wrongly_stays(world: World) -> None:
    slot = world.laid()
    page = world.client.get("/provider/slots").text
    assert str(slot) in page
    assert "09:00–11:00" in page
    assert str(slot) not in world.client.get("/provider/slots?state=cancelled").text
    assert str(slot) not in world.client.get("/provider/slots?past=1").text
    bad = world.client.post("/provider/slots/new", data=world.form(ends="08:00", places="7"))
    assert bad.status_code == 422
    assert "结束要晚于开始" in bad.text
    assert 'value="7"' in bad.text
    file = world.client.post("/provider/slots/export", data={"purpose": "排班"})
    assert file.status_code == 200
    assert "spreadsheet" in file.headers["Content-Type"]


def test_staff_see_but_do_not_lay_out_and_strangers_see_nothing(world: World) -> None:
    slot = world.laid()
    world.login("staff")
    assert str(slot) in world.client.get("/provider/slots").text
    assert world.client.get("/provider/slots/new").status_code in (403, 404)
    assert world.client.post(f"/provider/slots/{slot}/cancel", data={"reason": "x"}).status_code in (403, 404)
    world.login("stranger")
    assert world.client.get(f"/provider/slots/{slot}").status_code == 404
    for path in ("places", "cancel"):
        answer = world.client.post(f"/provider/slots/{slot}/{path}", data={"reason": "x", "places": "1"})
        assert answer.status_code == 404
    assert str(slot) not in world.client.get("/provider/slots").text


def test_the_desk_picks_a_slot_and_the_provider_takes_that_very_time(world: World) -> None:
    slot = world.laid()
    world.login("clerk")
    assert "约哪个时段" in world.client.get(world.offer).text
    answer = world.book(slot)
    assert answer.status_code == 303, answer.text
    task, _state, at = world.task()
    world.login("owner")
    page = world.client.get(f"/provider/slots/{slot}").text
    assert str(task) in page
    assert not any(word in page for word in (casework.NAME, casework.PHONE))
    low = world.client.post(f"/provider/slots/{slot}/places", data={"places": "0"})
    assert low.status_code == 422
    taken = world.client.post(f"/provider/jobs/{task}/accept", data={"slot": "2099-01-01T09:00:00+08:00"})
    assert taken.status_code == 303, taken.text
    assert world.task() == (task, "accepted", at), "a booked time is nobody's to choose"
    moved = world.client.post(f"/provider/jobs/{task}/move", data={"day": str(today() + timedelta(days=5))})
    assert moved.status_code == 422
    assert "由社区改约" in moved.text


def test_a_slot_that_is_gone_keeps_what_was_typed(world: World) -> None:
    slot = world.laid()
    assert world.client.post(f"/provider/slots/{slot}/cancel", data={"reason": ""}).status_code == 422
    assert world.client.post(f"/provider/slots/{slot}/cancel", data={"reason": "停电"}).status_code == 303
    answer = world.book(slot)
    assert answer.status_code == 409
    assert "已经取消" in answer.text


def test_cancelling_returns_the_booking_and_says_so(world: World) -> None:
    slot = world.laid()
    world.book(slot)
    world.login("owner")
    answer = world.client.post(f"/provider/slots/{slot}/cancel", data={"reason": "医生出差"}, follow_redirects=True)
    assert "已约的 1 单已通知" in answer.text
    assert world.task()[1] == "cancelled"
    world.login("clerk")
    assert "约好的时段取消了" in world.client.get(world.offer).text
