"""急难 at the doors: two taps for every worker, 我来, full data without a reason and looked at afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu.db import db, tenant_scope
from tenants.express import service
from tenants.express.models import Emergency, EmergencyLook
from tenants.residents import service as residents
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def desk(made: Made) -> Desk:
    found: Desk = made(a_desk)
    return found


def alarms(app: Flask, desk: Desk) -> list[Any]:
    with app.app_context(), tenant_scope(desk.tenant):
        rows = db.session.execute(select(Emergency.id, Emergency.state, Emergency.owner_post, Emergency.helper_at))
        return list(rows)


@pytest.mark.parametrize("who", ["secretary", "clerk", "worker", "live"])
def test_any_worker_of_the_desk_flags_with_two_taps(
    who: str, app: Flask, client: FlaskClient, login: Login, desk: Desk
) -> None:
    login(client, getattr(desk, who).token)
    page = client.get(f"/c/{desk.slug}/desk/urgent/new")
    assert "马上呼叫" in page.text
    answer = client.post(f"/c/{desk.slug}/desk/urgent/new", data={})
    assert answer.status_code == 303
    assert len(alarms(app, desk)) == 1


def test_a_grid_worker_flags_with_two_taps_in_own_courtyards_only(
    app: Flask, client: FlaskClient, login: Login, desk: Desk
) -> None:
    login(client, desk.grid.token)
    assert f"/c/{desk.slug}/grid/urgent" in client.get(f"/c/{desk.slug}/grid/today").text
    assert client.post(f"/c/{desk.slug}/grid/urgent", data={"courtyard": str(desk.other_yard)}).status_code == 422
    assert client.post(f"/c/{desk.slug}/grid/urgent", data={"courtyard": str(desk.yard)}).status_code == 303
    assert len(alarms(app, desk)) == 1


def test_the_other_ways_of_a_grid_worker_and_the_live_desk_end_in_the_same_lane(
    app: Flask, client: FlaskClient, login: Login, desk: Desk
) -> None:
    login(client, desk.grid.token)
    told = {"words": "老人晕倒", "courtyard": str(desk.yard), "urgency": "critical"}
    assert client.post(f"/c/{desk.slug}/grid/report", data=told).status_code == 303
    login(client, desk.clerk.token)
    heard = {"words": "孩子一个人在家", "channel": "counter", "kind": "need", "urgency": "critical"}
    assert client.post(f"/c/{desk.slug}/desk/signals/new", data=heard).status_code == 303
    assert len(alarms(app, desk)) == 2


def known(desk: Desk, *, other: bool = False) -> str:
    with tenant_scope(desk.tenant):
        home = residents.register(desk.other_yard if other else desk.yard, DOOR, ZHOU).household_id
        return str(service.flag("counter", household_id=home))


def test_full_data_opens_without_a_reason_and_the_secretary_looks_at_it(
    app: Flask, made: Made, client: FlaskClient, login: Login, desk: Desk
) -> None:
    alarm = made(lambda: known(desk))
    for who, phone in (("clerk", True), ("secretary", True), ("worker", False)):
        login(client, getattr(desk, who).token)
        assert ("138 0000 1234" in client.get(f"/c/{desk.slug}/desk/urgent/{alarm}").text) == phone
    login(client, desk.grid.token)
    assert "138 0000 1234" in client.get(f"/c/{desk.slug}/grid/urgent/{alarm}").text
    with app.app_context(), tenant_scope(desk.tenant):
        roles = set(db.session.scalars(select(EmergencyLook.role)))
        reasons = list(
            db.session.scalars(text("SELECT reason FROM audit WHERE object_kind = 'emergency' AND verb = 'open'"))
        )
    assert roles == {"assistance_clerk", "secretary", "grid_worker"}
    assert sorted(reasons) == ["task", "急难", "急难", "急难"], "the worker saw it masked"
    login(client, desk.secretary.token)
    assert client.get(f"/c/{desk.slug}/desk/urgent/reviews").text.count("<li>测试员") == 3
    assert client.post(f"/c/{desk.slug}/desk/urgent/{alarm}/review", data={}).status_code == 303
    assert client.post(f"/c/{desk.slug}/desk/urgent/{alarm}/review", data={}).status_code == 404


def test_another_courtyards_alarm_is_not_there_for_a_grid_worker(
    made: Made, client: FlaskClient, login: Login, desk: Desk
) -> None:
    alarm = made(lambda: known(desk, other=True))
    login(client, desk.grid.token)
    assert client.get(f"/c/{desk.slug}/grid/urgent/{alarm}").status_code == 404
    assert client.post(f"/c/{desk.slug}/grid/urgent/{alarm}", data={"act": "take"}).status_code == 404


def test_take_aid_papers_and_the_flag_off(
    app: Flask, made: Made, client: FlaskClient, login: Login, desk: Desk
) -> None:
    alarm = made(lambda: known(desk))
    url = f"/c/{desk.slug}/desk/urgent/{alarm}"
    login(client, desk.worker.token)
    assert client.post(url, data={"act": "take"}).status_code == 303
    assert client.post(url, data={"act": "withdraw", "reason": "没有这回事"}).status_code == 422
    login(client, desk.clerk.token)
    assert client.post(url, data={"act": "take"}).status_code == 409
    assert client.post(url, data={"act": "helper", "helper": ""}).status_code == 422
    assert client.post(url, data={"act": "helper", "helper": "楼上王阿姨"}).status_code == 303
    assert client.post(url, data={"act": "end"}).status_code == 409
    assert client.post(url, data={"act": "withdraw", "reason": ""}).status_code == 422
    assert client.post(url, data={"act": "nothing"}).status_code == 422
    assert client.post(url, data={"act": "withdraw", "reason": "家里没事，误报"}).status_code == 303
    assert [row.state for row in alarms(app, desk)] == ["withdrawn"]


def test_the_board_says_no_name(made: Made, client: FlaskClient, login: Login, desk: Desk) -> None:
    made(lambda: known(desk))
    login(client, desk.clerk.token)
    page = client.get(f"/c/{desk.slug}/desk/urgent").text
    assert "我来" in page
    assert "周某" not in page
    home = client.get(f"/c/{desk.slug}/desk/").text
    assert "急难无人认领" in home
    assert f"/c/{desk.slug}/desk/urgent" in home
