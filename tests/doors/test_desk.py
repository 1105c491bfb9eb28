"""The desk: first page, list of cases, case page, needs, double submits, statements a page, export."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.needs.models import Need
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tests.asked import statements
from tests.desk_of import WISHES, DeskWithCase, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_the_first_page_shows_alarms_pillars_and_who_should_be_helped(
    client: FlaskClient, login: Login, desk: DeskWithCase
) -> None:
    login(client, desk.tokens["secretary"])
    page = client.get(desk.url())
    assert page.status_code == 200
    for words in (
        "急难无人认领",
        "超期",
        "可享受未申请",
        "联系人缺接手",
        "周* 一家",
        "雁北新村",
        "重度残疾人",
        "完成甄别研判",
        "我的一天",
    ):
        assert words in page.text, words
    assert "周某" not in page.text
    assert "13800001234" not in page.text


def test_an_empty_desk_says_where_to_begin(client: FlaskClient, login: Login, made: Made) -> None:
    slug, token = made(lambda: (lambda d: (d.slug, d.clerk.token))(a_desk()))
    login(client, token)
    page = client.get(f"/c/{slug}/desk/").text
    assert "还没有个案" in page
    assert "记一条线索" in page


@pytest.mark.parametrize("families", [1, 40])
def test_the_list_takes_at_most_six_statements_whatever_the_rows(
    app: Flask, client: FlaskClient, login: Login, desk: DeskWithCase, made: Made, families: int
) -> None:
    def more() -> None:
        with tenant_scope(desk.here.tenant), acting(desk.here.as_clerk()):
            for n in range(families):
                case = cases.open_case(desk.here.yard)
                home = residents.register(desk.here.yard, Door("9", "1", str(n)), [NewPerson("李某")])
                cases.attach_household(case.id, home.household_id)

    made(more)
    login(client, desk.tokens["clerk"])
    client.get(desk.url("cases"))
    with statements() as seen:
        page = client.get(desk.url("cases"))
    assert page.text.count("data-row") == families + 1
    assert len(seen) <= 6, seen


def test_filters_sort_and_an_unknown_page(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["clerk"])
    for query, found in (
        (f"courtyard={desk.here.yard}", True), (f"courtyard={desk.here.other_yard}", False), ("group=disabled-elderly", True),
        ("group=orphans", False), ("state=closed", False), ("due=late", True), ("sort=number&dir=asc", True), ("page=7", False),
        (f"worker={desk.accounts['clerk']}", True), ("size=20", True), ("courtyard=nonsense", True), (f"q={desk.number[-4:]}", True),
    ):  # fmt: skip
        page = client.get(desk.url(f"cases?{query}"))
        assert page.status_code == 200
        assert (desk.number in page.text) is found, query


def test_a_case_answers_the_five_questions_with_masked_names_and_its_opening_is_logged(
    client: FlaskClient, login: Login, desk: DeskWithCase
) -> None:
    login(client, desk.tokens["clerk"])
    page = client.get(desk.url(f"cases/{desk.number}"))
    assert page.status_code == 200
    for words in (
        "谁该帮",
        "帮什么",
        "谁来帮",
        "帮到哪",
        "帮得怎么样",
        "2 项心愿",
        "缺口 2",
        WISHES[0],
        "由儿子照护",
        "下一步",
        "建立个案",
    ):
        assert words in page.text, words
    for secret in ("周某之子", "13800001234", "高位截瘫", "501甲"):
        assert secret not in page.text, secret
    opened = desk.audits("open")
    assert any(row[1] == desk.accounts["clerk"] and row[2] == desk.number and row[3] == "task" for row in opened)


def test_a_case_is_handed_to_a_worker_who_then_sees_it(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["clerk"])
    answer = client.post(desk.url(f"cases/{desk.number}/assign"), data={"worker": str(desk.accounts["worker"])})
    assert answer.status_code == 303
    login(client, desk.tokens["worker"])
    page = client.get(desk.url(f"cases/{desk.number}"))
    assert "交办给 社区工作者" in page.text
    assert "id_number" not in page.text
    assert "身体情况" not in page.text


def test_needs_are_added_sorted_and_a_double_submit_counts_once(
    client: FlaskClient, login: Login, desk: DeskWithCase, made: Made
) -> None:
    login(client, desk.tokens["clerk"])
    url = desk.url(f"cases/{desk.number}/needs")
    body = {"words": "儿子全职照护，没有收入", "item_slug": "job-income", "urgency": "ordinary", "_key": str(uuid4())}
    assert [client.post(url, data=body).status_code for _ in range(2)] == [303, 303]
    assert client.post(url, data=body | {"words": "别的"}).status_code == 409
    sorted_ = {
        "w1-words": WISHES[0],
        "w1-item_slug": "home-medical",
        "w1-urgency": "urgent",
        "w1-person_id": str(desk.head),
    }
    assert client.post(f"{url}/w1", data=sorted_).status_code == 303
    bad = client.post(f"{url}/w1", data=sorted_ | {"w1-words": " "})
    assert bad.status_code == 422
    assert "请用家里人的原话" in bad.text
    assert client.post(f"{url}/w9", data=sorted_).status_code == 404
    empty = client.post(url, data={"words": "", "item_slug": "elder-canteen"})
    assert empty.status_code == 422
    assert 'value="elder-canteen" selected' in empty.text or 'selected value="elder-canteen"' in empty.text

    def rows() -> list[tuple[int, str | None, str]]:
        with tenant_scope(desk.here.tenant):
            found = db.session.execute(select(Need.seq, Need.item_slug, Need.urgency).order_by(Need.seq))
            return [(row.seq, row.item_slug, row.urgency) for row in found]

    assert made(rows) == [(1, "home-medical", "urgent"), (2, None, "ordinary"), (3, "job-income", "ordinary")]
    page = client.get(desk.url(f"cases/{desk.number}")).text
    assert "3 项需求" in page
    assert "急" in page


def test_the_pillars_open(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["secretary"])
    page = client.get(desk.url("departments")).text
    assert page.count("data-row") == 13
    helping = client.get(desk.url("help")).text
    assert f"{desk.number} w1" in helping
    assert "没有等答复的派单" in helping
    login(client, desk.tokens["worker"])
    assert desk.number not in client.get(desk.url("help")).text


def test_the_list_is_exported_masked_with_a_purpose(client: FlaskClient, login: Login, desk: DeskWithCase) -> None:
    login(client, desk.tokens["secretary"])
    assert "desk/cases/export" in client.get(desk.url("cases?state=open")).text
    url = desk.url("cases/export?state=open")
    assert client.post(url, data={"purpose": " "}).status_code == 303
    assert desk.audits("export") == []
    answer = client.post(url, data={"purpose": "街道月报"})
    assert answer.headers["Content-Disposition"].endswith(".xlsx")
    text = ZipFile(BytesIO(answer.data)).read("xl/sharedStrings.xml").decode()
    for words in ("用途：街道月报", desk.number, "周*", "重度残疾人", "完成甄别研判"):
        assert words in text, words
    assert "周某" not in text
    assert desk.audits("export")[0][3:] == ("街道月报", {"rows": 1})
    login(client, desk.tokens["clerk"])
    assert client.post(url, data={"purpose": "看看"}).status_code == 404
