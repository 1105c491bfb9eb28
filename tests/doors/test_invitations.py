"""Taking up a post by invitation."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.notify import queries as notify
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Invitation, Membership
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
PASSWORD = "雁塔下的一句话 2022"


def an_invitation(role: str = "community_worker", phone: str | None = None) -> dict[str, str]:
    community = factories.a_community()
    return {
        "token": tenancy.invite("community", community.id, role, post="专干", phone=phone), "name": community.name,
        "slug": community.slug,
    }  # fmt: skip


def last_code(phone: str) -> str:
    return next(row.text for row in notify.newest(10) if row.address == phone).split()[1][:6]


def open_link(client: FlaskClient, token: str) -> Any:
    return client.get(f"/account/invitation/{token}", follow_redirects=True)


def test_looking_changes_nothing_and_the_token_leaves_the_address(client: FlaskClient, made: Made) -> None:
    one = made(an_invitation)
    answer = client.get(f"/account/invitation/{one['token']}")
    assert answer.status_code == 303
    assert one["token"] not in answer.headers["Location"]
    page = open_link(client, one["token"])
    assert one["name"] in page.text
    assert one["token"] not in page.text
    assert made(lambda: db.session.scalar(select(Invitation.used_at))) is None


def test_a_newcomer_makes_an_account_and_starts_work(client: FlaskClient, made: Made) -> None:
    one = made(an_invitation)
    open_link(client, one["token"])
    asked = client.post("/account/invitation/code", data={"name": "李某", "address": "13800000031"})
    assert asked.status_code == 200
    data = {
        "name": "李某",
        "address": "13800000031",
        "code": made(lambda: last_code("13800000031")),
        "password": PASSWORD,
    }
    swapped = client.post("/account/invitation/account", data={**data, "address": "13800000032"})
    assert "不是发到这个号码" in swapped.text
    assert client.post("/account/invitation/account", data={**data, "password": "12345678"}).status_code == 422
    assert client.post("/account/invitation/account", data=data).status_code == 303
    page = client.get("/account/invitation")
    assert "亲属" in page.text
    assert client.post("/account/invitation", data={"kin": "yes"}).status_code == 422
    accepted = client.post("/account/invitation", data={"kin": "yes", "promise": "y"})
    assert accepted.status_code == 303
    role = made(lambda: db.session.scalar(select(Membership.role)))
    assert role == "community_worker"
    told = made(
        lambda: db.session.execute(text("SELECT count(*) FROM platform_audit WHERE verb = 'membership.start'")).scalar()
    )
    assert told == 1
    assert open_link(client, one["token"]).status_code == 404


def test_the_declaration_stands_in_the_communitys_record(client: FlaskClient, made: Made, login: Any) -> None:
    one = made(an_invitation)
    token = made(lambda: _signed_in("13800000033"))
    login(client, token)
    open_link(client, one["token"])
    client.post("/account/invitation", data={"kin": "no", "promise": "y"})
    query = "SELECT count(*) FROM audit WHERE verb = 'kinship.declare' AND detail->>'relatives' = 'false'"

    def count() -> int:
        slug = one["slug"]
        row = db.session.execute(
            text("SELECT tenant_id FROM community WHERE slug = :slug"), {"slug": slug}
        ).scalar_one()
        db.session.execute(text(f"SET LOCAL app.tenant_id = '{int(row)}'"))
        return int(db.session.execute(text(query)).scalar_one())

    assert made(count) == 1


def _signed_in(phone: str) -> str:
    account = identity.create_account("王某", phone, PASSWORD)
    return logins.start_session(account.id, None, None, address="", agent="")


def test_an_invitation_to_a_phone_is_for_its_owner_only(client: FlaskClient, made: Made, login: Any) -> None:
    one = made(lambda: an_invitation(phone="13800000034"))
    login(client, made(lambda: _signed_in("13800000035")))
    open_link(client, one["token"])
    refused = client.post("/account/invitation", data={"kin": "no", "promise": "y"})
    assert refused.status_code == 422
    assert "另一个手机号" in refused.text
    login(client, made(lambda: _signed_in("13800000034")))
    assert client.post("/account/invitation", data={"kin": "no", "promise": "y"}).status_code == 303


@pytest.mark.parametrize("how", ["unknown", "expired", "revoked"])
def test_dead_links_are_answered_alike(client: FlaskClient, made: Made, how: str) -> None:
    one = made(an_invitation)
    token = "x" * 32 if how == "unknown" else one["token"]
    if how == "revoked":
        made(lambda: db.session.execute(text("UPDATE invitation SET revoked_at = now()")))
    with time_machine.travel(now() + timedelta(hours=73 if how == "expired" else 0)):
        answer = client.get(f"/account/invitation/{token}")
    assert answer.status_code == 404
    assert "已用过或已过期" in answer.text
