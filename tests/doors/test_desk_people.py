"""The people of the desk: reveals with a reason, search, corrections, households; nobody beyond the own scope."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from rongjiu.db import tenant_scope
from tenants.residents import service as residents
from tests.desk_of import DeskWithCase, desk_with_case

NUMBER = "610103194001011235"
Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def other_desk(made: Made) -> DeskWithCase:
    """The same in another community."""
    return desk_with_case(made)


@pytest.mark.parametrize(
    ("who", "fields", "seen", "unseen"),
    [
        ("clerk", ("name", "phone", "address", "id_number", "condition"), ("周某", "138 0000 1234", "3号楼", "501甲室", NUMBER, "高位截瘫"), ()),
        ("secretary", ("phone", "id_number", "condition"), ("138 0000 1234", "高位截瘫"), (NUMBER,)),
        ("secretary", ("id_number",), ("您的岗位不能看",), (NUMBER,)),
    ],
)  # fmt: skip
def test_a_reveal_opens_what_the_role_may_see_and_is_written_down(
    client: FlaskClient, login: Login, desk: DeskWithCase, made: Made, who: str, fields: tuple[str, ...],
    seen: tuple[str, ...], unseen: tuple[str, ...],
) -> None:  # fmt: skip
    def number() -> None:
        with tenant_scope(desk.here.tenant):
            residents.amend_person(desk.head, id_number=NUMBER)

    made(number)
    login(client, desk.tokens[who])
    url = desk.url(f"people/{desk.head}/reveal")
    page = client.post(url, data={"fields": list(fields), "reason": "visit", "reason_text": "电话回访"})
    for words in seen:
        assert words in page.text, words
    for words in unseen:
        assert words not in page.text
    rows = desk.audits("reveal")
    if unseen and len(fields) == 1:
        assert page.status_code == 422
        assert rows == []
    else:
        assert rows[0][3] == "visit 电话回访"
        assert set(rows[0][4]["fields"]) <= set(fields)
        assert "1380000" not in str(rows)


def test_a_reveal_without_a_reason_shows_nothing(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["clerk"])
    url = desk.url(f"people/{desk.head}/reveal")
    page = client.post(url, data={"fields": "phone"}, headers={"HX-Request": "true"})
    assert "请选一个理由" in page.text
    assert "0000 1234" not in page.text and "00001234" not in page.text
    assert desk.audits("reveal") == []


def test_a_worker_sees_own_cases_only_and_another_community_nothing(
    client: FlaskClient, login: Login, desk: DeskWithCase, other_desk: DeskWithCase
) -> None:
    paths = (
        f"cases/{desk.number}x",
        f"cases/{desk.number}",
        f"households/{desk.household}",
        f"cases/{desk.number}/needs",
    )
    login(client, desk.tokens["worker"])
    assert desk.number not in client.get(desk.url("cases")).text
    for path in paths:
        assert client.get(desk.url(path)).status_code == 404
    assert (
        client.post(desk.url(f"people/{desk.head}/reveal"), data={"fields": "phone", "reason": "visit"}).status_code
        == 404
    )
    assert "没有找到" in client.get(desk.url("search?q=周某")).text
    before = len(other_desk.audits("absent"))
    login(client, other_desk.tokens["secretary"])
    for path in paths[2:3]:
        assert client.get(other_desk.url(path)).status_code == 404
    assert (
        client.post(
            other_desk.url(f"people/{desk.head}/reveal"), data={"fields": "phone", "reason": "visit"}
        ).status_code
        == 404
    )
    assert client.get(desk.url("cases")).status_code == 404
    assert len(other_desk.audits("absent")) == before + 2
    assert len(other_desk.audits("refused")) == 1
    assert desk.audits("reveal") == []


@pytest.mark.parametrize("who", ["grid", "live"])
def test_grid_and_live_have_no_desk(client: FlaskClient, login: Login, desk: DeskWithCase, who: str) -> None:
    login(client, desk.tokens[who])
    for path in ("", "cases", f"cases/{desk.number}", "search?q=周某", "households", "signals"):
        assert client.get(desk.url(path)).status_code == 404


def test_search_finds_masked_people_and_numbers_are_found_or_not(
    client: FlaskClient, login: Login, desk: DeskWithCase
) -> None:
    login(client, desk.tokens["secretary"])
    for text in ("周某", "zhoumou", "zm", "138 0000 1234", desk.number.lower()):
        page = client.get(desk.url("search"), query_string={"q": text}).text
        assert "周*" in page or desk.number in page, text
        assert "周某之子" not in page.replace('value="周某"', "")
    assert "没有登记过" in client.get(desk.url(f"search?q={NUMBER}")).text
    assert desk.audits("search")[0][4] == {"found": 1}


def test_households_list_and_file(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["clerk"])
    page = client.get(desk.url("households")).text
    assert "周* 一家" in page
    file = client.get(desk.url(f"households/{desk.household}")).text
    assert desk.number in file
    assert "84 岁" in file
    assert "501甲" not in file
    assert UUID(str(desk.household))
    assert "我的一天" in client.get(desk.url("day")).text


def test_a_person_is_corrected_and_one_more_registered(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["clerk"])
    url = desk.url(f"people/{desk.head}/edit")
    page = client.get(url).text
    assert "周*" in page
    assert "13800001234" not in page
    bad = client.post(url, data={"id_number": "610103194001011230"})
    assert bad.status_code == 422
    assert "最后一位对不上" in bad.text
    assert client.post(url, data={"id_number": NUMBER, "groups": ["orphans"]}).status_code == 303
    assert "已登记" in client.get(desk.url(f"search?q={NUMBER}")).text
    assert "孤儿" in client.get(desk.url("cases")).text
    more = desk.url(f"households/{desk.household}/people")
    assert client.get(more).status_code == 200
    assert client.post(more, data={"name": ""}).status_code == 422
    assert client.post(more, data={"name": "周某女", "relation": "30", "age": "x"}).status_code == 422
    assert client.post(more, data={"name": "周某女", "relation": "30", "age": "48"}).status_code == 303
    assert "48 岁" in client.get(desk.url(f"households/{desk.household}")).text
    login(client, desk.tokens["secretary"])
    assert "id_number" not in client.get(url).text
    login(client, desk.tokens["worker"])
    assert client.get(url).status_code == 404
    assert client.get(more).status_code == 404
