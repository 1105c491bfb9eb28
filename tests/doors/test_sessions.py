"""Seeing and ending other logins, switching posts, and ended memberships."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.guard import COOKIE
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity import service as identity
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Membership
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
PASSWORD = "雁塔下的一句话 2022"
PHONE = "13800000051"


def a_person(posts: int = 2) -> list[str]:
    """An account with posts in several communities; their slugs."""
    account = identity.create_account("两个岗位", PHONE, PASSWORD)
    slugs = []
    for _each in range(posts):
        community = factories.a_community()
        tenancy.join(account.id, "community", community.id, "community_worker")
        slugs.append(community.slug)
    return slugs


def sign_in(client: FlaskClient, agent: str = "Mozilla/5.0 (Windows) Chrome/120") -> None:
    client.post("/account/login", data={"address": PHONE, "password": PASSWORD}, headers={"User-Agent": agent})


def posts_of() -> list[str]:
    return [str(each) for each in db.session.scalars(select(Membership.id).order_by(Membership.starts_at)).all()]


def test_other_logins_are_seen_and_ended(client: FlaskClient, made: Made, app: Flask) -> None:
    made(lambda: a_person(1))
    sign_in(client)
    other = app.test_client()
    sign_in(other, "Mozilla/5.0 (iPhone) MicroMessenger/8")
    page = client.get("/account/sessions").text
    assert "微信 · iPhone" in page
    assert "Chrome · Windows" in page
    assert client.post("/account/sessions/end-others").status_code == 303
    assert other.get("/account/sessions").status_code == 302
    assert client.get("/account/sessions").status_code == 200


def test_nobody_ends_anothers_login(client: FlaskClient, made: Made, app: Flask) -> None:
    made(lambda: a_person(1))
    sign_in(client)

    def stranger() -> str:
        community = factories.a_community()
        return factories.a_person_with_role("community_worker", "community", community.id).token

    token = made(stranger)
    other = app.test_client()
    other.set_cookie(COOKIE, token, domain="localhost", secure=True)
    from rongjiu.identity.models import LoginSession

    mine = made(lambda: str(db.session.scalars(select(LoginSession.id).order_by(LoginSession.id)).first()))
    other.post(f"/account/sessions/{mine}/end")
    assert client.get("/account/sessions").status_code == 200


def test_switching_gives_a_new_session_id(client: FlaskClient, made: Made, app: Flask) -> None:
    slugs = made(a_person)
    sign_in(client)
    first, second = made(posts_of)
    client.post(f"/account/places/{first}")
    before = client.get_cookie(COOKIE)
    answer = client.post(f"/account/places/{second}", data={"next": "//evil.example"})
    after = client.get_cookie(COOKIE)
    assert "evil" not in answer.headers["Location"]
    assert before is not None
    assert after is not None
    assert before.value != after.value
    old = app.test_client()
    old.set_cookie(COOKIE, before.value, domain="localhost", secure=True)
    assert old.get("/account/sessions").status_code == 302
    assert slugs[0] != slugs[1]


def test_a_post_of_somebody_else_cannot_be_taken(client: FlaskClient, made: Made) -> None:
    made(a_person)
    sign_in(client)

    def stranger() -> str:
        community = factories.a_community()
        return str(factories.a_person_with_role("secretary", "community", community.id).membership.id)

    assert client.post(f"/account/places/{made(stranger)}").status_code == 404


def test_an_ended_membership_is_refused_at_the_next_request(client: FlaskClient, made: Made, login: Any) -> None:
    def make() -> tuple[str, str]:
        street = factories.a_street()
        return street.slug, factories.a_person_with_role("street_overseer", "street", street.id).token

    slug, token = made(make)
    login(client, token)
    assert client.get(f"/street/{slug}/").status_code == 200

    def end() -> None:
        for row in db.session.scalars(select(Membership)):
            row.ends_at = now()

    made(end)
    assert client.get(f"/street/{slug}/").status_code == 404


def test_password_change_needs_the_present_one_and_ends_other_logins(
    client: FlaskClient, made: Made, app: Flask
) -> None:
    made(lambda: a_person(1))
    sign_in(client)
    other = app.test_client()
    sign_in(other)
    data = {"password": "nicht dieses", "new": "新的一句话 2026"}
    assert client.post("/account/password", data=data).status_code == 422
    assert "太常见" in client.post("/account/password", data={"password": PASSWORD, "new": "12345678"}).text
    assert client.post("/account/password", data={**data, "password": PASSWORD}).status_code == 303
    assert client.get("/account/sessions").status_code == 200
    assert other.get("/account/sessions").status_code == 302
