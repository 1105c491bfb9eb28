"""How long things are kept: the secretary reads the rules and what the nights removed; a cleared file says so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from tenants.cases.models import CaseFile
from tenants.keeping import service
from tenants.keeping.models import KeepingRun
from tests import casework, factories, screened

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        family = casework.a_family()
        staff = {
            role: factories.a_person_with_role(role, "community", family.community_id).token
            for role in ("secretary", "assistance_clerk")
        }
        with tenant_scope(family.tenant):
            db.session.add(KeepingRun(at=now(), what="wish", things=7))
            db.session.execute(update(CaseFile).values(closed_at=now(), cleared_at=now()))
        return {"desk": f"/c/{family.slug}/desk", "number": family.number, **staff}

    found: dict[str, Any] = made(make)
    return found


def test_the_secretary_reads_rules_and_figures(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    url = f"{world['desk']}/settings/keeping"
    login(client, world["secretary"])
    page = client.get(url).text
    for words in ("90 天", "5 年", "180 天", "办完的心愿", "墙上的匿名文字", ">7<"):
        assert words in page, words
    assert "没有清除过" in client.get(f"{url}?what=case").text
    assert ">7<" in client.get(f"{url}?q=心愿").text.split('id="runs"')[1]
    assert "没有清除过" in client.get(f"{url}?q=投诉").text
    assert url in client.get(f"{world['desk']}/settings").text
    file = client.post(f"{url}/export", data={"purpose": "月度自查"})
    assert file.status_code == 200
    assert file.headers["Content-Disposition"].startswith("attachment")
    login(client, world["assistance_clerk"])
    assert client.get(url).status_code == 404


def test_a_screening_says_when_and_by_which_rule_its_grounds_went(
    client: FlaskClient, login: Login, made: Made, zhous: screened.Desk
) -> None:
    desk = zhous
    address = screened.screened(made, desk)

    def clear() -> None:
        with tenant_scope(desk.tenant):
            db.session.execute(update(CaseFile).values(closed_at=now() - timedelta(days=4 * 366)))
            service.clear()

    made(clear)
    login(client, desk.tokens["secretary"])
    page = client.get(address).text
    for words in (
        "依据已经清除",
        f"{today():%-m月%-d日}",
        "按“研判的依据”一条清除",
        "/settings/keeping",
        "rongjiulianzhu-huangyan",
        "最低生活保障",
    ):
        assert words in page, words
    for gone in ("周*", "高出", "1,150"):
        assert gone not in page, gone
    for part in ("answer", "questions"):
        assert client.get(f"{address}/{part}").location == address
    assert client.get(f"{address}/policies/dibao").status_code == 404
    login(client, desk.tokens["assistance_clerk"])
    for part in ("income", "facts", "screening/new", ""):
        assert client.get(f"{desk.case}/{part}".rstrip("/")).status_code == 200, part


def test_a_cleared_case_says_why_its_words_are_gone(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["assistance_clerk"])
    assert "已过保存期限" in client.get(f"{world['desk']}/cases/{world['number']}").text


def test_the_secretary_sets_the_days_that_are_the_communitys_own(
    client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    page, url = f"{world['desk']}/settings/keeping", f"{world['desk']}/settings/keeping/days"
    login(client, world["secretary"])
    days = {
        "keep-lead": "200",
        "keep-live-contact": "60",
        "keep-sweep-location": "45",
        "keep-screening": "4",
        "keep-dispute": "2",
    }
    short = client.post(url, data={**days, "keep-sweep-location": "20", "keep-screening": "2"})
    assert short.status_code == 422 and "请填 3 到 10 年" in short.text
    wrong = client.post(url, data=days)
    assert wrong.status_code == 422
    assert "请填 1 到 30 天" in wrong.text
    assert 'value="200"' in wrong.text, "what was typed stays"
    assert "180 天" in client.get(page).text, "and nothing was half saved"
    assert client.post(url, data={**days, "keep-sweep-location": "20", "keep-case": "1"}).status_code == 303
    shown = client.get(page).text
    for words in ("200 天", "60 天", "20 天", "5 年", "4 年", "2 年"):
        assert words in shown, words
    login(client, world["assistance_clerk"])
    assert client.post(url, data=days).status_code == 404
