"""The page of fifty policies at a glance: what stands behind a row is fetched when it is opened, or is a page of its own."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.screening import service
from tenants.screening.models import Screening
from tests import factories, families

Make = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def address(client: FlaskClient, made: Make, login: Login) -> str:
    """The page of the 周某 family's screening, opened by the 救助专干."""

    def make() -> tuple[str, str, str, UUID]:
        community = factories.a_modelled_community()
        with tenant_scope(factories.tenant(community)):
            family = families.zhou()
            taken = service.take(family.case_id, date(2022, 8, 10)).id
        clerk = factories.a_person_with_role("assistance_clerk", "community", community.id)
        return community.slug, clerk.token, family.number, taken

    slug, token, number, taken = made(make)
    login(client, token)
    return f"/c/{slug}/desk/cases/{number}/screening/{taken}"


def rows(page: str) -> dict[str, str]:
    """Policy → its row."""
    parts = re.split(r'<div class="verdict v-[a-z_]+" id="', page.partition("</section>")[0].partition("<section")[0])[
        1:
    ]
    return {part.partition('"')[0]: part.strip() for part in parts}


def test_fifty_rows_say_verdict_why_distance_what_next_and_papers_without_their_conditions(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).text
    found = rows(page)
    assert len(found) == 50
    assert "高出 410 元 55.4 %" in found["dibao"]
    assert "再看" in found["dibao-margin"]
    assert "交民政" in found["age-subsidy"]
    assert sum("缺：" in row for row in found.values()) == 7
    assert all("条件" in row and 'class="conditions"' not in row for row in found.values())
    assert len(page.encode()) < 68_000


def test_a_row_opens_to_its_conditions_and_is_a_page_without_script(client: FlaskClient, address: str) -> None:
    row = rows(client.get(address).text)["age-subsidy"]
    asked, linked = re.search(r'hx-get="([^"]+)"', row), re.search(r'<a href="([^"]+)">查看条件', row)
    assert asked and linked
    base = address.rpartition("/")[0]
    part = client.get(f"{base}/{asked[1]}").text
    assert [words in part for words in ("84 岁", "查看每个人的条件", "<html")] == [True, True, False]
    whole = client.get(f"{base}/{linked[1]}").text
    assert [words in whole for words in ("84 岁", "周* 84", "马* 81", "<html")] == [True] * 4
    refused = client.get(f"{address}/policies/dibao?part=1").text
    for words in ("1,150 元", "（线 740 元，临界线 888 元）", "西安市提高城乡低保标准", "须复核", "仍要申请"):
        assert words in refused, words
    assert client.get(f"{address}/policies/no-such?part=1").status_code == 404


def test_a_row_opens_to_its_papers_and_to_the_help_behind_the_need(client: FlaskClient, address: str) -> None:
    """What could be had names sum, term, place and each paper, lacking or there; what is missed names 助 instead."""

    def opened(policy: str) -> str:
        return client.get(f"{address}/policies/{policy}?part=1").text

    good = opened("age-subsidy")
    for words in ("大约给多少", "多久有答复", "材料", "还缺"):
        assert words in good, words
    assert "先用“助”接上" not in good
    near, missed = opened("dibao-margin"), opened("dibao")
    for part in (near, missed):
        assert "先用“助”接上" in part and "/needs" in part
    assert "还缺" in near and "还缺" not in missed


def test_a_screening_from_before_reads_the_same(client: FlaskClient, made: Make, address: str) -> None:
    now = rows(client.get(address).text)

    def forget() -> None:
        place = db.session.execute(
            select(Community.tenant_id, Community.id).where(Community.slug == address.split("/")[2])
        ).one()
        with tenant_scope(Tenant(*place)):
            db.session.execute(update(Screening).values(glance=None))

    made(forget)
    again = rows(client.get(address).text)
    assert list(again.items()) == list(now.items())


def test_the_page_reads_no_trace(client: FlaskClient, address: str, app: Flask) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get(address)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert not [each for each in seen if "determination" in each]
    assert len(seen) <= 14
