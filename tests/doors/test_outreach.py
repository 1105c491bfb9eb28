"""Outreach through the doors: the desk, the phone on the street, the table; what the list gives away."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from rongjiu import sheet
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Community, Street
from tenants.outreach import lists, service
from tenants.outreach.service import Typed
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def _world() -> dict[str, str]:
    here = a_desk()
    community = db.session.get_one(Community, here.tenant.uid)
    street = db.session.get_one(Street, community.street_id)
    other = factories.tenant(factories.a_modelled_community(street))
    with tenant_scope(other), acting(here.as_clerk()):
        row = service.add(Typed("雁味餐馆", address="雁北路 20 号"))
        service.talk(row.id, "visited")
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        person = service.add(Typed("王热心", "person", address="雁北新村 3-2-501", phone="13800001234"))
    return {
        "url": f"/c/{here.slug}", "clerk": here.clerk.token, "worker": here.worker.token, "grid": here.grid.token,
        "live": here.live.token, "person": person.number,
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    return made(_world)  # type: ignore[no-any-return]


def test_a_shop_is_entered_visited_and_printed_for(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["worker"])
    at = f"{world['url']}/desk/outreach"
    made = client.post(f"{at}/new", data={"kind": "shop", "name": "雁发理发店", "trade": "barber"})
    assert made.status_code == 303
    one = made.headers["Location"]
    assert client.post(one, data={"how": "visit", "after": "agreed"}).status_code == 409
    assert client.post(one, data={"how": "visit", "after": "visited", "note": "老板想一想"}).status_code == 303
    refused = client.post(one, data={"how": "call", "after": "declined", "note": "说完再说"})
    assert refused.status_code == 422
    assert "请选不愿意的原因" in refused.text
    assert "说完再说" in refused.text
    printed = client.post(f"{one}/agreement", data={"material": "agreement"}, follow_redirects=True)
    assert "一式两份" in printed.text
    assert "data:image/svg+xml" in printed.text
    page = client.get(one).text
    assert "老板想一想" in page
    assert "打印协议" in page
    assert "雁发理发店" in client.get(at).text


def test_the_neighbours_visit_is_shown_first(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["clerk"])
    at = f"{world['url']}/desk/outreach/new"
    typed = {"kind": "shop", "name": "雁味餐馆", "trade": "catering"}
    told = client.post(at, data=typed)
    assert told.status_code == 409
    assert "街道里已经有人谈过" in told.text
    assert "雁北路" not in told.text
    assert client.post(at, data={**typed, "seen": "1"}).status_code == 303


def test_a_walk_down_the_street_on_a_phone(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["grid"])
    at = f"{world['url']}/grid/prospect"
    assert client.get(at).status_code == 200
    assert client.post(at, data={"name": "", "said": "prospect"}).status_code == 422
    refused = client.post(at, data={"name": "雁来五金", "trade": "repair", "said": "declined"})
    assert refused.status_code == 422
    assert "雁来五金" in refused.text
    told = client.post(at, data={"name": "雁味餐馆", "trade": "catering", "said": "visited"})
    assert told.status_code == 409
    done = client.post(at, data={"name": "雁来五金", "trade": "repair", "said": "interested", "note": "愿意修水龙头"})
    assert done.status_code == 303
    assert client.get(f"{world['url']}/desk/outreach").status_code == 404


def test_a_table_is_read_entered_undone(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["clerk"])
    at = f"{world['url']}/desk/outreach/lists"
    template = client.get(f"{at}/template")
    assert CalamineWorkbook.from_filelike(BytesIO(template.data)).get_sheet_by_index(0).to_python()[0] == list(
        lists.HEAD
    )
    assert client.post(at, data={"name": "街", "file": (BytesIO(b"x"), "a.txt")}).status_code == 422
    book = sheet.workbook("x", [lists.HEAD, ("雁来五金", "商户", "维修"), ("雁味餐馆", "商户"), ("", "商户")])
    read = client.post(at, data={"name": "雁北路", "file": (BytesIO(book), "a.xlsx")})
    one = read.headers["Location"]
    page = client.get(one).text
    assert "别的社区谈过" in page
    assert "请写名称" in page
    assert "已登记 1 个" in client.post(one, follow_redirects=True).text
    assert "已撤销 1 个" in client.post(f"{one}/undo", follow_redirects=True).text


def test_list_and_export_hide_a_private_person(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["clerk"])
    at = f"{world['url']}/desk/outreach"
    assert "王热心" not in client.get(at).text
    file = client.post(f"{at}/export", data={"purpose": "下周走访"})
    cells = str(CalamineWorkbook.from_filelike(BytesIO(file.data)).get_sheet_by_index(0).to_python())
    assert world["person"] in cells
    assert not any(word in cells for word in ("王热心", "13800001234", "3-2-501"))


@pytest.mark.parametrize("who", ["live", "grid"])
def test_others_find_nothing_here(client: FlaskClient, login: Login, world: dict[str, str], who: str) -> None:
    login(client, world[who])
    for path in ("", "/new", f"/{world['person']}", "/lists", "/leaflets"):
        assert client.get(f"{world['url']}/desk/outreach{path}").status_code == 404
