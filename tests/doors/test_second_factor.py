"""The second factor: set up once, asked at every log-in, a code counts once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import time_machine
from flask.testing import FlaskClient

from blueprints.guard import COOKIE
from rongjiu.clock import now
from rongjiu.identity import service as identity
from rongjiu.tenancy import service as tenancy
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
PASSWORD = "雁塔下的一句话 2022"
PHONE = "13800000041"


def an_overseer() -> str:
    street = factories.a_street()
    account = identity.create_account("督导", PHONE, PASSWORD)
    tenancy.join(account.id, "street", street.id, "street_overseer")
    return street.slug


def sign_in(client: FlaskClient) -> Any:
    return client.post("/account/login", data={"address": PHONE, "password": PASSWORD})


def set_up(client: FlaskClient, slug: str) -> str:
    """Log in, scan, type the code; answers the secret."""
    sign_in(client)
    page = client.get(f"/street/{slug}/", follow_redirects=True).text
    secret = re.sub(r"\s", "", re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[1])  # type: ignore[index]
    offer = re.search(r'name="offer"[^>]*value="([^"]+)"', page)
    assert offer
    answer = client.post("/account/second-factor", data={"offer": offer[1], "code": pyotp.TOTP(secret).now()})
    assert answer.status_code == 303
    return secret


def test_the_page_draws_a_code_without_a_third_party(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    sign_in(client)
    page = client.get(f"/street/{slug}/", follow_redirects=True).text
    assert "data:image/svg+xml" in page
    assert client.get("/account/second-factor").text.count("<svg") >= 1


def test_set_up_then_enter_under_a_new_session_id(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    with time_machine.travel(now(), tick=False) as clock:
        secret = set_up(client, slug)
        assert client.get(f"/street/{slug}/").status_code == 200
        client.post("/account/logout")
        clock.shift(timedelta(minutes=1))
        sign_in(client)
        before = client.get_cookie(COOKIE)
        away = client.get(f"/street/{slug}/")
        assert away.headers["Location"] == f"/account/second-factor?next=/street/{slug}/?"
        code = pyotp.TOTP(secret).at(now())
        answer = client.post(f"/account/second-factor?next=/street/{slug}/", data={"code": code})
        assert answer.headers["Location"] == f"/street/{slug}/"
        after = client.get_cookie(COOKIE)
        assert before is not None
        assert after is not None
        assert before.value != after.value
        assert client.get(f"/street/{slug}/").status_code == 200
        client.post("/account/logout")
        sign_in(client)
        again = client.post("/account/second-factor", data={"code": code})
        assert again.status_code == 422
        assert "已用过" in again.text


def test_the_old_session_id_is_dead(client: FlaskClient, made: Made, app: Any) -> None:
    slug = made(an_overseer)
    sign_in(client)
    old = client.get_cookie(COOKIE)
    assert old is not None
    other = app.test_client()
    with time_machine.travel(now(), tick=False):
        set_up(client, slug)
    other.set_cookie(COOKIE, old.value, domain="localhost", secure=True)
    assert other.get("/account/sessions").headers["Location"].startswith("/account/login")


def test_without_the_code_not_even_account_pages_open(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    with time_machine.travel(now(), tick=False):
        set_up(client, slug)
    client.post("/account/logout")
    sign_in(client)
    for path in ("/account/sessions", "/account/places", "/account/password"):
        assert client.get(path).headers["Location"].startswith("/account/second-factor")


def test_a_new_password_does_not_pass_the_second_factor(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    with time_machine.travel(now(), tick=False):
        set_up(client, slug)
    client.post("/account/logout")
    client.post("/account/forgot", data={"address": PHONE})
    code = made(_last_code)
    client.post("/account/forgot/code", data={"code": code, "new": "另一句新的话 2026"})
    client.post("/account/login", data={"address": PHONE, "password": "另一句新的话 2026"})
    assert client.get(f"/street/{slug}/").headers["Location"].startswith("/account/second-factor")


def _last_code() -> str:
    from rongjiu.notify import queries

    return next(row.text for row in queries.newest(5)).split()[1][:6]


def test_moving_to_another_phone_needs_password_and_old_code(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    with time_machine.travel(now(), tick=False) as clock:
        secret = set_up(client, slug)
        clock.shift(timedelta(minutes=1))
        page = client.get("/account/second-factor").text
        fresh = re.sub(r"\s", "", re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page)[1])  # type: ignore[index]
        offer = re.search(r'name="offer"[^>]*value="([^"]+)"', page)[1]  # type: ignore[index]
        data = {"offer": offer, "code": pyotp.TOTP(fresh).at(now())}
        assert client.post("/account/second-factor", data=data).status_code == 422
        assert client.post("/account/second-factor", data={**data, "password": PASSWORD}).status_code == 422
        old = pyotp.TOTP(secret).at(now())
        moved = client.post("/account/second-factor", data={**data, "password": PASSWORD, "old_code": old})
        assert moved.status_code == 303


def test_guessing_codes_makes_one_wait(client: FlaskClient, made: Made) -> None:
    slug = made(an_overseer)
    with time_machine.travel(now(), tick=False) as clock:
        secret = set_up(client, slug)
        client.post("/account/logout")
        sign_in(client)
        clock.shift(timedelta(minutes=1))
        right = pyotp.TOTP(secret).at(now())
        for _each in range(10):
            client.post("/account/second-factor", data={"code": "000000" if right != "000000" else "111111"})
        assert "分钟后再试" in client.post("/account/second-factor", data={"code": right}).text
