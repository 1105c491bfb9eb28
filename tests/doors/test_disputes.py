"""Dispute files through the door: a cover for the secretary, all of it for the holder, nothing for anybody else."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Community, Street
from rongjiu.tenancy.queries import community
from tenants.keeping import service as keeping
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
MATTER, ONE = "楼上漏水泡了楼下的墙", "三楼李某"


def _world() -> dict[str, str]:
    here = a_desk()
    community = db.session.get_one(Community, here.tenant.uid)
    firm = factories.a_provider(db.session.get_one(Street, community.street_id), name="雁和律师事务所")
    firm.kind = "law_firm"
    factories.an_admission(firm, community)
    owner = factories.a_person_with_role("provider_owner", "provider", firm.id)
    return {
        "url": f"/c/{here.slug}/desk/disputes", "secretary": here.secretary.token, "clerk": here.clerk.token,
        "worker": here.worker.token, "clerk_id": str(here.clerk.account.id), "firm": str(firm.id), "grid": here.grid.token,
        "owner": owner.token,
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, str]:
    return made(_world)  # type: ignore[no-any-return]


def _opened(client: FlaskClient, world: dict[str, str]) -> str:
    typed = {"matter": MATTER, "party_1": ONE, "party_2": "二楼王某", "phone_2": "", "provider": world["firm"]}
    answer = client.post(f"{world['url']}/new", data=typed)
    assert answer.status_code == 303, answer.text
    return answer.location


def test_the_holder_keeps_the_file_and_ends_it(client: FlaskClient, login: Login, world: dict[str, str]) -> None:
    login(client, world["worker"])
    kept = client.post(f"{world['url']}/new", data={"matter": MATTER, "party_1": ONE}).text
    assert MATTER in kept and "请写下双方" in kept
    one = _opened(client, world)
    assert MATTER in client.get(one).text
    assert client.post(f"{one}/talk", data={"words": ""}).status_code == 422
    assert client.post(f"{one}/talk", data={"words": "看了水表", "next_on": ""}).status_code == 303
    picture = (BytesIO(b"\xff\xd8\xff\xe0" + b"0" * 64), "wall.jpg")
    assert client.post(f"{one}/paper", data={"title": "照片", "file": picture}).status_code == 303
    page = client.get(one).text
    assert "看了水表" in page and "照片" in page
    paper = one + "/papers/" + page.split("/papers/")[1].split('"')[0]
    got = client.get(paper)
    assert got.mimetype == "image/jpeg" and "attachment" in got.headers["Content-Disposition"]
    assert client.post(f"{one}/end", data={"state": "settled", "words": "楼上修管"}).status_code == 303
    assert "楼上修管" in client.get(one).text


def test_everybody_else_is_kept_out_and_the_secretary_sees_a_cover(
    client: FlaskClient, login: Login, world: dict[str, str]
) -> None:
    login(client, world["worker"])
    one = _opened(client, world)
    for who in ("clerk", "grid", "owner"):
        login(client, world[who])
        assert client.get(one).status_code == 404
        assert client.post(f"{one}/talk", data={"words": "我来"}).status_code == 404
    login(client, world["clerk"])
    number = one.rsplit("/", 1)[1]
    assert number not in client.get(world["url"]).text
    login(client, world["secretary"])
    listed, cover = client.get(world["url"]).text, client.get(one).text
    book = client.post(f"{world['url']}/export", data={"purpose": "月报"})
    cells = str(CalamineWorkbook.from_filelike(BytesIO(book.data)).get_sheet_by_index(0).to_python())
    assert number in listed and number in cells and "封起来的卷" in cover
    assert not any(word in listed + cover + cells for word in (MATTER, ONE))
    assert client.post(f"{one}/hand", data={"heir": world["clerk_id"], "reason": "leaving"}).status_code == 404


def test_another_communitys_secretary_finds_nothing(
    client: FlaskClient, login: Login, world: dict[str, str], made: Made
) -> None:
    login(client, world["worker"])
    one = _opened(client, world)

    def other() -> tuple[str, str]:
        there = a_desk()
        return there.slug, there.secretary.token

    slug, secretary = made(other)
    login(client, secretary)
    number = one.rsplit("/", 1)[1]
    assert client.get(one).status_code == 404
    assert client.get(f"/c/{slug}/desk/disputes/{number}").status_code == 404
    assert number not in client.get(f"/c/{slug}/desk/disputes").text


def test_handing_on_moves_the_right_to_read_and_each_opening_is_logged(
    client: FlaskClient, login: Login, world: dict[str, str], made: Made
) -> None:
    login(client, world["worker"])
    one = _opened(client, world)
    assert client.post(f"{one}/hand", data={"heir": "", "reason": "leaving"}).status_code == 422
    assert client.post(f"{one}/hand", data={"heir": world["clerk_id"], "reason": "leaving"}).status_code == 303
    assert client.get(one).status_code == 404
    login(client, world["clerk"])
    assert MATTER in client.get(one).text
    slug, number = world["url"].split("/")[2], one.rsplit("/", 1)[1]

    def logged() -> list[tuple[str, str]]:
        place = community(slug)
        assert place is not None and place.tenant is not None
        with tenant_scope(place.tenant):
            rows = db.session.query(Audit).filter(Audit.verb == "open", Audit.object_id == number)
            return [(row.object_kind, row.actor_role) for row in rows]

    assert made(logged) == [("dispute", "assistance_clerk")]


def test_a_file_after_its_term_is_a_cover_that_says_so(
    client: FlaskClient, login: Login, world: dict[str, str], made: Made
) -> None:
    login(client, world["worker"])
    with time_machine.travel(now() - timedelta(days=4 * 366), tick=False):
        login(client, world["worker"])
        one = _opened(client, world)
        client.post(f"{one}/end", data={"state": "settled", "words": "楼上修管"})
    number = one.rsplit("/", 1)[1]

    def clear() -> None:
        place = community(world["url"].split("/")[2])
        assert place is not None and place.tenant is not None
        with tenant_scope(place.tenant):
            assert keeping.clear()["dispute"] == 1

    made(clear)
    for who in ("worker", "secretary"):
        login(client, world[who])
        page = client.get(one).text
        assert "卷里的内容已经清除" in page and "谈妥了" in page and number in page
        assert not any(word in page for word in (MATTER, ONE, "楼上修管", "交给别人办"))
        assert number in client.get(world["url"]).text
