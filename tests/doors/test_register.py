"""The register at the desk: search, courtyards drawn, the community's figures."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.db import tenant_scope
from tenants.residents import changing, places, service
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Register:
    """A community with three doors, as plain values."""

    def __init__(self) -> None:
        desk = a_desk()
        self.base = f"/c/{desk.slug}/desk"
        self.slug, self.tenant, self.yard = desk.slug, desk.tenant, desk.yard
        self.secretary, self.clerk, self.worker = desk.secretary.token, desk.clerk.token, desk.worker.token
        with tenant_scope(desk.tenant):
            self.home = service.register(desk.yard, DOOR, ZHOU).household_id
            alone = service.register(desk.yard, Door("3", "1", "102"), [NewPerson("张示例", "female", age=77)])
            self.alone, self.old = alone.household_id, alone.person_ids[0]
            empty = service.register(desk.yard, Door("5", "1", "101"), [NewPerson("李某", age=40)])
            changing.change_person(empty.person_ids[0], {"status": "moved"})
            changing.change_household(empty.household_id, {"occupancy": "vacant"})
            self.empty, self.gone = empty.household_id, empty.person_ids[0]


@pytest.fixture
def register(made: Made) -> Register:
    return made(Register)  # type: ignore[no-any-return]


def test_the_box_finds_by_words_together_and_masks(client: FlaskClient, login: Login, register: Register) -> None:
    login(client, register.clerk)
    page = client.get(f"{register.base}/search?q=张 独居").text
    assert "张**" in page
    assert "张示例" not in page.replace('value="张 独居"', "")
    assert "独居老人" in page
    assert f"/households/{register.alone}" in page
    assert "已搬走" in client.get(f"{register.base}/search?q=李某").text
    assert "没有找到" in client.get(f"{register.base}/search?q=9-9-901").text
    login(client, register.worker)  # sees the households of own cases only
    assert "没有找到" in client.get(f"{register.base}/search?q=张 独居").text


def test_a_courtyard_is_drawn_with_a_table_that_says_the_same(
    client: FlaskClient, login: Login, register: Register
) -> None:
    login(client, register.clerk)
    page = client.get(f"{register.base}/courtyards/{register.yard}").text
    assert page.count('<g class="plan-door') == 3 + 5  # three doors, five kinds in the legend
    assert page.count("plan-door plan-blank") == 2
    assert "501甲 有人要每周走访" in page
    assert "张示例" not in page and "周某" not in page
    assert "data-chart=" in page and "ages-drawn" in page
    assert "雁北新村" in client.get(f"{register.base}/courtyards").text
    login(client, register.worker)
    assert client.get(f"{register.base}/courtyards/{register.yard}").status_code == 404


def test_a_building_keeps_what_was_typed_when_refused(client: FlaskClient, login: Login, register: Register) -> None:
    login(client, register.clerk)
    url = f"{register.base}/courtyards/{register.yard}/buildings"
    wrong = client.post(url, data={"name": "3", "floors": "many", "note": "门朝东"})
    assert (wrong.status_code, "门朝东" in wrong.text) == (422, True)
    said = client.post(url, data={"name": "3", "floors": "6", "lift": "no", "barriers": ["steps"]})
    assert said.status_code == 303
    page = client.get(f"{register.base}/courtyards/{register.yard}").text
    assert "门口有台阶" in page and "没有电梯" in page
    assert client.post(f"{register.base}/courtyards/{register.yard}/estate", data={"old": "1"}).status_code == 303
    assert "老旧小区" in client.get(f"{register.base}/courtyards").text


def test_sources_that_disagree_both_stand_and_the_page_says_so(
    client: FlaskClient, login: Login, register: Register, made: Made
) -> None:
    def state() -> None:
        with tenant_scope(register.tenant):
            places.save_stat("courtyards", "14", source="社区简介")

    made(state)
    login(client, register.secretary)
    assert "没有替您选一个" not in client.get(f"{register.base}/profile").text
    data = {"kind": "courtyards", "value": "13", "as_of": "2022-07-25", "source": "摸排通稿"}
    assert client.post(f"{register.base}/profile", data=data).status_code == 303
    page = client.get(f"{register.base}/profile").text
    assert "没有替您选一个" in page and "社区简介" in page and "摸排通稿" in page
    assert "系统登记，现在数出来的" in page
    wrong = client.post(f"{register.base}/profile", data=data | {"source": "", "note": "留着我"})
    assert (wrong.status_code, "留着我" in wrong.text) == (422, True)
    login(client, register.clerk)
    assert client.post(f"{register.base}/profile", data=data).status_code == 404
