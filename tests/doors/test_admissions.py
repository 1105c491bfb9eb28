"""A community and a provider about an admission: what each reads, what each may press."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu import workbook
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.marketplace.admissions import calendar, rules
from rongjiu.marketplace.models import Admission
from rongjiu.tenancy.models import Street
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


class World:
    """A desk of a community, and a shop of its street."""

    def __init__(self, client: FlaskClient, login: Login, made: Made) -> None:
        self.client, self.login, self.made = client, login, made
        vars(self).update(made(self._rows))

    def _rows(self) -> dict[str, Any]:
        here = a_desk()
        street = db.session.get_one(Street, db.session.get_one(factories.Community, here.tenant.uid).street_id)
        shop = factories.a_provider(street, name="雁发理发店")
        factories.a_service(shop, street)
        owner = factories.a_person_with_role("provider_owner", "provider", shop.id)
        vetting = factories.a_person_with_role("street_vetting", "street", street.id)
        desk = f"/c/{here.slug}/desk"
        return {
            "tenant": here.tenant, "desk": desk, "one": f"{desk}/providers/{shop.id}", "shop": shop.id,
            "tokens": {"secretary": here.secretary.token, "clerk": here.clerk.token, "worker": here.worker.token, "owner": owner.token, "vetting": vetting.token},
            "vetted": f"/street/{street.slug}/vetting/{shop.id}",
            "ask": f"/provider/status/ask/{here.tenant.uid}", "out": f"/provider/status/step-out/{here.tenant.uid}",
        }  # fmt: skip

    def as_(self, who: str) -> FlaskClient:
        self.login(self.client, self.tokens[who])  # type: ignore[attr-defined]
        return self.client

    def state(self) -> str:
        query = select(Admission.state).where(Admission.provider_id == self.shop)  # type: ignore[attr-defined]
        return str(self.made(lambda: db.session.scalar(query)))

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@pytest.fixture
def world(client: FlaskClient, login: Login, made: Made) -> World:
    return World(client, login, made)


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_request_waits_on_the_desk_is_looked_at_and_answered(world: World) -> None:
    world.as_("owner").post(world.ask)
    page = world.client.get("/provider/status").text
    assert "待准入" in page and "先由救助专干看" in page and "撤回申请" in page
    clerk = world.as_("clerk")
    assert "看准入请求" in clerk.get(f"{world.desk}/").text and "雁发理发店" in clerk.get(f"{world.desk}/day").text
    assert world.one in clerk.get(f"{world.desk}/day").text
    page = clerk.get(world.one).text
    assert "先看一看" in page and "不同意准入" not in page and 'name="limit"' not in page
    for verb in ("admit", "deny", "stop"):
        assert clerk.post(f"{world.one}/{verb}", data={"reason": "不行"}).status_code == 404
    answer = clerk.post(f"{world.one}/review", data={"note": "电话问过价格"}, follow_redirects=True)
    assert "等书记决定" in answer.text and world.state() == "under_review"
    secretary = world.as_("secretary")
    home = secretary.get(f"{world.desk}/").text
    assert "决定是否准入" in home and "等准入" in home and "providers?state=waiting" in home
    page = _text(secretary.get(world.one).text)
    assert "电话问过价格" in page and "准入经过" in page
    listed = _text(secretary.get(f"{world.desk}/providers?state=waiting").text)
    assert "雁发理发店" in listed and "决定是否准入" in listed
    assert "电话问过价格" not in world.as_("owner").get("/provider/status").text


def test_the_street_sees_how_its_communities_stand_and_not_what_was_said(world: World) -> None:
    world.as_("owner").post(world.ask)
    page = world.as_("vetting").get(world.vetted).text
    assert "本街道社区的准入" in page and "待准入" in page
    world.as_("secretary").post(f"{world.one}/deny", data={"reason": "本社区已有三家"})
    page = world.as_("vetting").get(world.vetted).text
    assert "未获准入" in page and "本社区已有三家" not in page


def test_a_worker_reads_and_presses_nothing(world: World) -> None:
    world.as_("owner").post(world.ask)
    worker = world.as_("worker")
    assert "我来看" not in worker.get(world.one).text
    for verb in ("review", "admit", "deny", "stop"):
        assert worker.post(f"{world.one}/{verb}").status_code == 404


def test_one_press_admits_whoever_asked(world: World) -> None:
    world.as_("owner").post(world.ask)
    answer = world.as_("secretary").post(f"{world.one}/admit", data={"limit": ""}, follow_redirects=True)
    assert "已准入。派单时可以选它了。" in answer.text and world.state() == "active"
    assert "看准入请求" not in world.client.get(f"{world.desk}/").text


def test_a_no_says_why_and_leaves_a_way(world: World) -> None:
    world.as_("owner").post(world.ask)
    secretary = world.as_("secretary")
    answer = secretary.post(f"{world.one}/deny", data={"reason": ""})
    assert answer.status_code == 422 and "请写明原因" in answer.text
    assert secretary.post(f"{world.one}/deny", data={"reason": "本社区已有三家"}).status_code == 303
    assert "本社区已有三家" in secretary.get(world.one).text
    assert "雁发理发店" in secretary.get(f"{world.desk}/providers?state=gone").text
    page = world.as_("owner").get("/provider/status").text
    assert "社区说：本社区已有三家" in page and "再申请" in page
    world.client.post(world.ask)
    assert world.state() == "applied"


def test_a_provider_takes_its_request_back_and_leaves(world: World) -> None:
    world.as_("owner").post(world.ask)
    assert "已告诉社区" in world.client.post(world.out, follow_redirects=True).text
    assert world.state() == "withdrawn"
    secretary = world.as_("secretary")
    page = secretary.get(world.one).text
    assert "自己退出了本社区" in page and 'name="limit"' not in page
    assert secretary.post(f"{world.one}/admit", data={"limit": ""}).status_code == 409
    world.as_("owner").post(world.ask)
    world.as_("secretary").post(f"{world.one}/admit", data={"limit": "3"})
    assert "退出这个社区" in world.as_("owner").get("/provider/status").text
    world.client.post(world.out)
    assert world.state() == "withdrawn"
    assert world.client.post("/provider/status/step-out/01890000-0000-7000-8000-000000000000").status_code == 404


def test_days_are_typed_kept_and_renewed_in_one_press(world: World) -> None:
    secretary = world.as_("secretary")
    answer = secretary.post(f"{world.one}/admit", data={"limit": "7", "ends_on": "2020-01-01"})
    assert answer.status_code == 422 and "最后一天不能早于今天" in answer.text and 'value="7"' in answer.text
    day = today() + timedelta(days=5)
    answer = secretary.post(f"{world.one}/admit", data={"limit": "7", "starts_on": str(day)}, follow_redirects=True)
    assert "到那天自动开始派单" in answer.text and world.state() == "approved"
    assert "已同意，未开始" in world.as_("owner").get("/provider/status").text
    secretary = world.as_("secretary")
    secretary.post(f"{world.one}/admit", data={"limit": "7", "ends_on": str(today())})
    assert world.state() == "active" and "续准入，不续就到期" in secretary.get(world.one).text
    yesterday = today() - timedelta(days=1)

    def over() -> None:
        db.session.execute(update(Admission).where(Admission.provider_id == world.shop).values(ends_on=yesterday))
        db.session.flush()

    world.made(over)
    page = secretary.get(world.one).text
    assert "准入已到期" in page and "续准入" in page

    def night() -> None:
        with tenant_scope(world.tenant):
            calendar.nightly()

    world.made(night)
    assert world.state() == "expired"
    renewed = today() + timedelta(days=rules.RENEWED)
    page = secretary.get(world.one).text
    assert f'value="{renewed}"' in page and 'value="7"' in page, "what one press sends"
    secretary.post(f"{world.one}/admit", data={"limit": "7", "ends_on": str(renewed)})
    assert world.state() == "active"
    file = secretary.post(f"{world.desk}/resources/export", data={"purpose": "例会"})
    rows = workbook.rows(file.data, "resources.xlsx")
    assert any("已准入" in str(row) and "雁发理发店" in str(row) for row in rows)


def test_a_wrong_reason_keeps_the_terms_on_the_page(world: World) -> None:
    secretary = world.as_("secretary")
    secretary.post(f"{world.one}/admit", data={"limit": "6"})
    answer = secretary.post(f"{world.one}/stop", data={"reason": " "})
    assert answer.status_code == 422 and 'value="6"' in answer.text
    secretary.post(f"{world.one}/stop", data={"reason": "两次没到"})
    page = secretary.get(world.one).text
    assert "恢复派单" in page and "看能不能恢复派单" in page and "两次没到" in page
    assert "两次没到" in world.as_("owner").get("/provider/status").text


def test_a_shop_that_left_the_market_has_nothing_to_be_answered(world: World) -> None:
    world.as_("owner").post(world.ask)
    world.client.post("/provider/status/withdraw")
    assert world.state() == "withdrawn"
    assert "看准入请求" not in world.as_("clerk").get(f"{world.desk}/").text


def test_the_table_is_printed(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["admissions", "table"])
    assert answer.exit_code == 0 and json.loads(answer.output) == rules.as_rows()
