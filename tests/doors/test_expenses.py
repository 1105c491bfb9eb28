"""The income and expense sheet at the desk: sums of several months, expenses line by line, errors at their line."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from rongjiu.db import tenant_scope
from tests import factories, families

Make = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def sheet(client: FlaskClient, made: Make, login: Login) -> tuple[str, str]:
    """Address of the sheet of the 周某 family, where nothing is saved yet, and the first of its members."""

    def make() -> tuple[str, str, str]:
        community = factories.a_modelled_community()
        with tenant_scope(factories.tenant(community)):
            family = families.zhou(sheets=False)
        clerk = factories.a_person_with_role("assistance_clerk", "community", community.id)
        return f"/c/{community.slug}/desk/cases/{family.number}/income", str(family.people[0]), clerk.token

    address, member, token = made(make)
    login(client, token)
    return address, member


def typed(member: str, **more: str) -> dict[str, str]:
    return {
        "seen": "0", "rigid": "", "lines-0-member": member, "lines-0-kind": "pension", "lines-0-month": "2000", "lines-0-months": "1",
        "lines-1-member": member, "lines-1-kind": "business", "lines-1-month": "２4,000元", "lines-1-months": "12",
        "expenses-0-kind": "medical", "expenses-0-total": "14400", "expenses-0-months": "12", **more,
    }  # fmt: skip


def test_sources_per_head_rigid_expenses_and_months(client: FlaskClient, sheet: tuple[str, str]) -> None:
    address, member = sheet
    assert client.post(address, data=typed(member)).status_code == 303
    page = client.get(address).text
    for words in (
        "4 人，人均 1,000 元/月",
        "全家每月收入 4,000 元",
        "刚性支出占 30 %",
        "看病、吃药 · 一年合计 14,400 元",
        "（一年合计 24,000）",
    ):
        assert words in page, words
    assert 'value="24000.00"' in page and 'value="14400.00"' in page, "as it was told, ready to be changed"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"rigid": "30"}, "已经填了支出明细"), ({"expenses-0-total": ""}, "没有就填 0"), ({"expenses-0-kind": ""}, "请选花在哪里"),
        ({"expenses-0-total": "-5"}, "请填 0 到 999,999 元"), ({"expenses-0-months": "7"}, "请选这是几个月的"),
        ({"lines-1-months": "0"}, "请选这是几个月的"), ({"expenses-0-total": "一万"}, "请填数字"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named_and_everything_typed_stays(
    client: FlaskClient, sheet: tuple[str, str], more: dict[str, str], words: str
) -> None:
    address, member = sheet
    answer = client.post(address, data=typed(member, **more))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="2000"' in answer.text
    assert "第 1 版" not in client.get(address).text
