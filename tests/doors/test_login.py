"""Logging in, out, and waiting after wrong passwords."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from blueprints.app import create_app
from blueprints.entry import safe_next
from blueprints.guard import COOKIE
from blueprints.security import limiter
from rongjiu.clock import now
from rongjiu.config import Settings
from rongjiu.db import db
from rongjiu.identity import service as identity
from rongjiu.tenancy import service as tenancy
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
PASSWORD = "雁塔下的一句话 2022"


def a_worker(phone: str = "13800000001", role: str = "community_worker") -> dict[str, Any]:
    """An account with a password and one post; plain values."""
    community = factories.a_community()
    account = identity.create_account("测试员", phone, PASSWORD)
    tenancy.join(account.id, "community", community.id, role)
    return {"account": account.id, "slug": community.slug}


def sign_in(client: FlaskClient, address: str, password: str = PASSWORD, **query: str) -> Any:
    return client.post("/account/login", query_string=query, data={"address": address, "password": password})


def test_login_gives_a_host_cookie_and_leads_to_work(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    answer = sign_in(client, "138 0000 0001")
    assert answer.status_code == 303
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert client.get("/account/sessions").status_code == 200


def test_unknown_address_and_wrong_password_are_answered_alike(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    known = [sign_in(client, "13800000001", "falsch-falsch") for _each in range(12)]
    unknown = [sign_in(client, "13800000009", "falsch-falsch") for _each in range(12)]
    assert [one.status_code for one in known] == [one.status_code for one in unknown] == [422] * 12
    strip = lambda one: [line for line in one.text.splitlines() if "field-error" in line]  # noqa: E731
    assert [strip(one) for one in known] == [strip(one) for one in unknown]
    assert "分钟后再试" in known[-1].text
    assert "没有被锁死" in known[-1].text


def test_waiting_ends_by_itself(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    for _each in range(10):
        sign_in(client, "13800000001", "falsch-falsch")
    assert sign_in(client, "13800000001").status_code == 422
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        assert sign_in(client, "13800000001").status_code == 303


def test_a_disabled_account_is_like_an_unknown_one(client: FlaskClient, made: Made) -> None:
    def make() -> None:
        found = a_worker()
        identity.locked(found["account"]).disabled_at = now()

    made(make)
    assert "对不上" in sign_in(client, "13800000001").text


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/account/login",
        "/no/such/page", "/account/logout", "\t//evil", "/account/sessions\r\nX: y", "",
    ],
)  # fmt: skip
def test_only_pages_of_this_site_are_returned_to(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert safe_next(target) is None
        assert safe_next("/account/sessions?x=1") == "/account/sessions?x=1"


def test_login_returns_to_the_page_asked_for(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    away = client.get("/account/sessions")
    assert away.status_code == 302
    assert "next=/account/sessions" in away.headers["Location"]
    assert sign_in(client, "13800000001", next="/account/sessions").headers["Location"] == "/account/sessions"
    assert sign_in(client, "13800000001", next="//evil.example").headers["Location"] != "//evil.example"


def test_a_copied_cookie_is_dead_after_logout(client: FlaskClient, made: Made, login: Any) -> None:
    made(a_worker)
    sign_in(client, "13800000001")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    answer = client.post("/account/logout")
    assert answer.status_code == 303
    assert client.get_cookie(COOKIE) is None
    login(client, cookie.value)
    assert client.get("/account/sessions").status_code == 302


def test_idle_and_absolute_limits_hold_on_the_server(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    start = now()
    sign_in(client, "13800000001")
    with time_machine.travel(start + timedelta(minutes=31)):
        answer = client.get("/account/sessions")
        assert answer.status_code == 302
        page = client.get(answer.headers["Location"])
        assert "登录后接着做" in page.text
        assert "data-login" in page.text
    sign_in(client, "13800000001")
    start = now()
    for minutes in range(25, 13 * 60, 25):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            status = client.get("/account/sessions").status_code
            assert status == (200 if minutes < 12 * 60 else 302)


def test_several_posts_are_chosen_from(client: FlaskClient, made: Made) -> None:
    def make() -> str:
        found = a_worker()
        other = factories.a_community()
        tenancy.join(found["account"], "community", other.id, "grid_worker")
        return str(other.name)

    name = made(make)
    answer = sign_in(client, "13800000001")
    assert answer.headers["Location"] == "/account/places"
    assert name in client.get("/account/places").text


def test_forgotten_password_is_answered_alike_and_ends_every_login(client: FlaskClient, made: Made, app: Flask) -> None:
    made(a_worker)
    sign_in(client, "13800000001")
    cookie = client.get_cookie(COOKIE)
    other = app.test_client()
    known = other.post("/account/forgot", data={"address": "13800000001"})
    unknown = app.test_client().post("/account/forgot", data={"address": "13800000008"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    code = made(lambda: _last_code("13800000001"))
    wrong = other.post(
        "/account/forgot/code", data={"code": "000000" if code != "000000" else "111111", "new": "新的一句话 2026"}
    )
    assert "验证码不对" in wrong.text
    short = other.post("/account/forgot/code", data={"code": code, "new": "kurz"})
    assert "至少 8 位" in short.text
    assert other.post("/account/forgot/code", data={"code": code, "new": "新的一句话 2026"}).status_code == 303
    assert cookie is not None
    assert client.get("/account/sessions").status_code == 302
    assert sign_in(client, "13800000001").status_code == 422
    assert sign_in(client, "13800000001", "新的一句话 2026").status_code == 303


def _last_code(phone: str) -> str:
    from rongjiu.notify import queries

    return next(row.text for row in queries.newest(10) if row.address == phone).split()[1][:6]


def test_codes_to_one_phone_are_limited(client: FlaskClient) -> None:
    answers = [client.post("/account/forgot", data={"address": "13800000007"}).status_code for _each in range(7)]
    assert answers[:5] == [303] * 5
    assert answers[-1] == 429


def test_database_is_untouched_by_get(client: FlaskClient, made: Made) -> None:
    made(a_worker)
    client.get("/account/login")
    count = made(lambda: db.session.execute(db.text("SELECT count(*) FROM login_session")).scalar_one())
    assert count == 0


def test_public_forms_are_limited_per_address(settings: Settings, app: Flask) -> None:
    limited = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=True)
    try:
        client = limited.test_client()
        answers = [client.post("/account/forgot", data={}).status_code for _each in range(7)]
    finally:
        limiter.enabled = app.config["RATELIMIT_ENABLED"]  # one limiter serves every app of the process
    assert answers[:5] == [422] * 5
    assert answers[-1] == 429
