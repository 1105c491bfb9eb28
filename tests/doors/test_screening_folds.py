"""The page of fifty policies at a glance: what stands behind a row is fetched when it is opened, or is a page of its own."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Membership
from rongjiu.workdays import add_months
from tenants.cases.models import CaseFile
from tenants.casework.models import Plan
from tenants.screening.models import NearMiss, Screening
from tests.asked import statements
from tests.screened import Desk, Make, screened

Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def address(clerk: FlaskClient, made: Make, zhous: Desk) -> str:
    """The page of the 周某 family's screening, opened by the 救助专干."""
    return screened(made, zhous)


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


def words(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def test_each_miss_names_the_day_it_is_looked_at_again(
    clerk: FlaskClient, made: Make, zhous: Desk, address: str
) -> None:
    """After the community's wait; on the plan's review once there is one; a near miss by its place in the queue."""
    wait, review, queue = add_months(today(), 6), today() + timedelta(days=40), today() + timedelta(days=70)
    found = rows(clerk.get(address).text)
    assert f"{words(wait)} 再看" in found["dibao"] and "年" not in found["age-subsidy"].partition("v-next")[2]
    assert f"到 {words(wait)}，社区会再看一遍，不用您来问" in clerk.get(f"{address}/answer").text
    assert "确认后列入" in found["dibao-margin"]

    def plan() -> None:
        with tenant_scope(zhous.tenant):
            db.session.add(
                Plan(
                    id=uuid7(), case_id=zhous.family.case_id, companion_id=None, review_on=review, made_at=now(),
                    made_by=None, state="proposed",
                )
            )  # fmt: skip
            db.session.execute(update(NearMiss).values(look_again_on=queue))

    assert clerk.post(f"{address}/confirm").status_code == 303
    made(plan)
    found = rows(clerk.get(address).text)
    assert f"{words(review)} 再看（计划复盘）" in found["dibao"]
    assert f"{words(queue)} 再看" in found["dibao-margin"]
    answer = clerk.get(f"{address}/answer").text
    assert f"到 {words(review)}，社区会再看一遍" in answer
    assert f"标准变了，或到了 {words(queue)}，社区会再看一遍" in answer


def test_a_birthday_is_named_by_its_month_to_whom_the_facts_are_closed(
    clerk: FlaskClient, made: Make, zhous: Desk, address: str, login: Login
) -> None:
    def comes_of_age() -> None:
        with tenant_scope(zhous.tenant):
            row = db.session.scalars(select(Screening)).one()
            kept = json.loads(row.inputs)
            row.inputs = json.dumps({**kept, "looks": {**kept["looks"], "dibao": ["2027-03-05", "age"]}})
            holder = select(Membership.account_id).where(
                Membership.role == "community_worker", Membership.scope_id == zhous.tenant.uid
            )
            db.session.execute(update(CaseFile).values(worker_id=db.session.scalar(holder)))

    made(comes_of_age)
    assert "2027年3月5日 再看（到年龄）" in rows(clerk.get(address).text)["dibao"]
    login(clerk, zhous.tokens["community_worker"])
    seen = rows(clerk.get(address).text)["dibao"]
    assert "2027年3月 再看（到年龄）" in seen and "3月5日" not in seen


def test_a_screening_from_before_reads_the_same(client: FlaskClient, made: Make, zhous: Desk, address: str) -> None:
    now = rows(client.get(address).text)

    def forget() -> None:
        with tenant_scope(zhous.tenant):
            db.session.execute(update(Screening).values(glance=None))

    made(forget)
    again = rows(client.get(address).text)
    assert list(again.items()) == list(now.items())


def test_the_page_reads_no_trace(client: FlaskClient, address: str) -> None:
    with statements() as seen:
        client.get(address)
    assert not [each for each in seen if "determination" in each]
    assert len(seen) <= 14
