"""The public form: no account, what happens next, traps and limits."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from rongjiu.db import Tenant, db, tenant_scope
from tenants.signals import rules
from tenants.signals.models import Signal
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
WISH = {"about": "self", "kind": "wish", "words": "想请人上门理发", "phone": "137 0000 4444", "caller": "李阿姨"}


@pytest.fixture
def place(made: Made) -> tuple[str, Tenant]:
    return made(lambda: (lambda d: (d.slug, d.tenant))(a_desk()))  # type: ignore[no-any-return]


def _signals(made: Made, tenant: Tenant) -> list[tuple[Any, ...]]:
    def rows() -> list[tuple[Any, ...]]:
        with tenant_scope(tenant):
            return [
                tuple(row)
                for row in db.session.execute(select(Signal.channel, Signal.kind, Signal.phone).order_by(Signal.id))
            ]

    return made(rows)  # type: ignore[no-any-return]


ANSWERS = dict(rules.KNOWN)
NUMBER = f"([{rules.CHINESE}])"


def solve(page: str) -> tuple[str, str]:
    """The token of the question on a page, and its right answer."""
    token = re.search(r'name="token" value="([^"]+)"', page)
    said = re.search(r'id="riddle-said">([^<]+)<', page)
    assert token and said
    text = said[1]
    if text in ANSWERS:
        return token[1], str(ANSWERS[text])
    found = re.fullmatch(f"{NUMBER}([加减]){NUMBER}等于几？", text)
    assert found, text
    a, b = rules.CHINESE.index(found[1]), rules.CHINESE.index(found[3])
    return token[1], str(a + b if found[2] == "加" else a - b)


def send(client: FlaskClient, url: str, **words: str) -> TestResponse:
    """Send a form, answering the small question when one is asked."""
    answer = client.post(url, data=WISH | words)
    if 'name="token"' not in answer.text:
        return answer
    token, right = solve(answer.text)
    return client.post(url, data=WISH | words | {"token": token, "riddle": right})


def test_a_wish_becomes_a_signal_and_the_page_says_what_happens_next(
    client: FlaskClient, made: Made, place: tuple[str, Tenant]
) -> None:
    slug, tenant = place
    url = f"/c/{slug}/wish"
    page = client.get(url)
    assert page.status_code == 200
    assert "雁北新村" in page.text
    answer = client.post(url, data=WISH)
    assert answer.status_code == 303
    thanks = client.get(answer.headers["Location"]).text
    for words in ("谢谢", "CS-X-", "救助专干", "最晚"):
        assert words in thanks
    assert "李阿姨" not in thanks
    assert _signals(made, tenant) == [("self", "wish", "13700004444")]
    assert send(client, url, about="neighbour").status_code == 303
    assert _signals(made, tenant)[1][0] == "neighbour"
    assert send(client, url).status_code == 303
    late = send(client, url)
    assert late.status_code == 429
    assert "已经提交了 3 次" in late.text
    assert "想请人上门理发" in late.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"words": " "}, "请写下想说的话"),
        ({"phone": ""}, "请留一个电话"),
        ({"phone": "12"}, "手机号应为 11 位"),
        ({"kind": "x"}, ""),
    ],
)
def test_what_is_missing_is_said(
    client: FlaskClient, made: Made, place: tuple[str, Tenant], words: dict[str, str], said: str
) -> None:
    slug, tenant = place
    page = client.post(f"/c/{slug}/wish", data=WISH | words)
    assert page.status_code == 422
    assert said in page.text
    assert _signals(made, tenant) == []


def test_a_machine_in_the_trap_is_thanked_and_forgotten(
    client: FlaskClient, made: Made, place: tuple[str, Tenant]
) -> None:
    slug, tenant = place
    answer = client.post(f"/c/{slug}/wish", data=WISH | {"website": "spam"}, follow_redirects=True)
    assert "尽快联系您" in answer.text
    assert _signals(made, tenant) == []


def test_without_words_the_thanks_page_still_answers(client: FlaskClient, place: tuple[str, Tenant]) -> None:
    assert client.get(f"/c/{place[0]}/wish/thanks").status_code == 200
    assert client.get("/c/no-such-place/wish").status_code == 404
