"""A provider's whole daily work by link: nothing before the code, no address before acceptance, closed within a day."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from rongjiu.audit import Audit
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db, tenant_scope
from rongjiu.links import Link
from rongjiu.marketplace.models import Provider
from rongjiu.notify.models import Message
from rongjiu.outbox import PlatformOutbox
from tenants.accompaniment import work
from tenants.referrals import answering, jobs
from tenants.referrals import service as referrals
from tenants.referrals.offering import opening
from tests import casework

Made = Callable[[Callable[[], object]], Any]
PAGES = ("route", "inbox", "calendar", "log", "figures", "sheet", "near", "quiet", "hearings", "slots")
SECRETS = (casework.NAME, casework.PHONE, "7楼", "301房", "长期卧床")


def _noon(days: int = 1) -> datetime:
    day = now().astimezone(ZONE).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)


def _world() -> dict[str, Any]:
    """One job taken for tomorrow noon, one offer of another family at eleven that nobody has answered, and the link."""
    family = casework.a_family()
    helper = casework.a_helper(family, "home-checkup", "catheter-change")
    with tenant_scope(family.tenant):
        consent = casework.a_consent(family, helper)
        taken = referrals.offer(family.need, [helper.service], consent, family.old_man)[0].id
        answering.accept([taken], helper.id, _noon())
        asked = referrals.offer(family.need, [helper.second], consent, family.old_man)[0]
        asked.slot_at = _noon() - timedelta(hours=1)
        asked.due_at = now() + timedelta(days=2)
        asked_id = asked.id
        db.session.flush()
    jobs.portal_link({"provider": str(helper.id), "key": "k"})
    return {
        "helper": helper.id, "phone": helper.phone, "tenant": family.tenant, "taken": taken, "asked": asked_id,
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    return made(_world)  # type: ignore[no-any-return]


def _messages(made: Made, phone: str) -> str:
    def read() -> str:
        rows = db.session.execute(select(Message.address, Message.text).order_by(Message.id)).all()
        return " ".join(row.text for row in rows if row.address == phone)

    return str(made(read))


def _path(made: Made, world: dict[str, Any]) -> str:
    return re.findall(r"(/provider/open/\S+)", _messages(made, world["phone"]))[-1]


def _unlock(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    client.get(_path(made, world))
    assert client.post("/provider/open/code").status_code == 303
    code = re.findall(r"验证码 (\d{6})", _messages(made, world["phone"]))[-1]
    answer = client.post("/provider/open/unlock", data={"code": code})
    assert answer.status_code == 303
    assert answer.location == "/provider/route"


def test_the_message_opens_nothing_before_the_code(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    moved = client.get(_path(made, world))
    assert moved.status_code == 303
    assert moved.location == "/provider/open/"
    for part in ("Path=/provider", "HttpOnly", "Secure", "SameSite=Lax"):
        assert part in moved.headers["Set-Cookie"]
    page = client.get("/provider/open/")
    assert page.status_code == 200
    for secret in (*SECRETS, "周先生", "雁北新村", str(world["taken"])):
        assert secret not in page.text
    for name in PAGES:
        assert client.get(f"/provider/{name}").location.startswith("/account/login"), name
    assert client.get(f"/provider/jobs/{world['taken']}").status_code == 302
    assert client.post("/provider/open/unlock", data={"code": "123456"}).status_code == 422


def test_after_the_code_every_page_of_the_day_opens(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    _unlock(client, made, world)
    for name in PAGES:
        page = client.get(f"/provider/{name}")
        assert page.status_code == 200, name
        assert "自动关闭" in page.text, name
    for name in ("status", "services", "papers", "staff", "shop", "slots/new", "terms"):
        assert client.get(f"/provider/{name}").location.startswith("/account/login"), name
    assert client.post("/provider/log/export", data={"purpose": "x"}).status_code == 302
    job = f"/provider/jobs/{world['taken']}"
    assert "7楼 2单元 301房" in client.get(job).text
    asked = f"/provider/jobs/{world['asked']}"
    assert client.post(f"{asked}/decline", data={"reason": "out-of-area"}).location == "/provider/inbox"
    assert client.post(f"{job}/arrive").status_code == 303
    drawn = BytesIO()
    segno.make("wxp://f2f0Qw3erTy").save(drawn, kind="png", scale=6)
    paid = {"ticked": [str(world["taken"])], "picture": (BytesIO(drawn.getvalue()), "sheet.png")}
    refused = client.post(f"{job}/done", data=paid)
    assert refused.status_code == 422
    assert "照片里有收款码" in refused.text
    assert client.post(f"{job}/done", data={"ticked": [str(world["taken"])]}).status_code == 303
    assert "上门体检" in client.get("/provider/log").text


def test_the_route_is_in_order_and_has_addresses_only_of_what_was_taken(
    client: FlaskClient, made: Made, world: dict[str, Any]
) -> None:
    def opened() -> int:
        with tenant_scope(world["tenant"]):
            return db.session.scalar(select(func.count()).where(Audit.verb == "receiver.open")) or 0

    _unlock(client, made, world)
    assert made(opened) == 0
    page = client.get(f"/provider/route?on={_noon().date()}").text
    stops = re.findall(r"<li class=\"card-part.*?</li>", page, re.S)
    assert [re.search(r"\d\d:\d\d", stop).group() for stop in stops] == ["11:00", "12:00"]  # type: ignore[union-attr]
    waiting, taken = stops
    assert all(secret not in waiting for secret in SECRETS)
    assert "接单后才看得到门牌" in waiting
    assert "7楼 2单元 301房" in taken
    assert f'href="tel:{casework.PHONE}"' in taken
    assert f"/provider/jobs/{world['taken']}" in taken
    assert made(opened) == 1, "the address on the list was opened once, and that is written down"
    assert "这一天没有约好的" in client.get("/provider/route").text
    for odd in ("2020-01-01", "9999-12-31", "x"):
        assert client.get(f"/provider/route?on={odd}").status_code == 200


def test_the_log_says_what_and_when_and_never_with_whom(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    def act() -> None:
        with tenant_scope(world["tenant"]):
            work.missed([world["taken"]], world["helper"])
            work.finish([world["taken"]], world["helper"], [world["taken"]])

    made(act)
    _unlock(client, made, world)
    page = client.get(f"/provider/log?month={today():%Y-%m}").text
    assert "做了 1 次，没见到人 1 次" in page
    assert all(secret not in page for secret in (*SECRETS, "周先生", "雁北新村"))
    missed = client.get("/provider/log?result=missed").text
    assert missed.count("<tr>") == 2
    assert "没见到人" in missed
    assert client.get("/provider/log?item=nonsense&result=x&page=99&size=7&month=1999-01").status_code == 200


def test_the_link_ends(client: FlaskClient, app: Flask, made: Made, world: dict[str, Any]) -> None:
    _unlock(client, made, world)
    third = app.test_client()
    third.get(_path(made, world))
    assert third.get("/provider/route").status_code == 302, "forwarded, it asks for the code once more"
    made(lambda: db.session.execute(update(Provider).where(Provider.id == world["helper"]).values(state="suspended")))
    assert client.get("/provider/route").status_code == 302
    made(lambda: db.session.execute(update(Provider).where(Provider.id == world["helper"]).values(state="active")))
    assert client.get("/provider/route").status_code == 200
    made(lambda: db.session.execute(update(Link).values(expires_at=now() - timedelta(minutes=1))))
    assert client.get("/provider/route").status_code == 302
    assert client.get("/provider/open/").status_code == 404
    made(lambda: db.session.execute(update(Link).values(expires_at=now() + timedelta(days=1))))
    assert client.post("/provider/open/close").status_code == 303
    assert client.get("/provider/route").status_code == 302
    for token in ("x" * 32, ""):
        client.set_cookie("__Secure-provider", token, path="/provider", secure=True)
        assert client.get("/provider/route").status_code == 302
        assert client.get("/provider/open/").status_code == 404


def test_a_link_opens_one_providers_jobs_only(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    def other() -> str:
        family = casework.a_family()
        helper = casework.a_helper(family, "home-checkup")
        return opening.portal_link(helper.id, proved=True)

    client.set_cookie("__Secure-provider", str(made(other)), path="/provider", secure=True)
    assert client.get("/provider/route").status_code == 200
    assert client.get(f"/provider/jobs/{world['taken']}").status_code == 404
    assert client.post(f"/provider/jobs/{world['taken']}/fail", data={"reason": "other"}).status_code == 404


def test_asking_again_sends_it_too(client: FlaskClient, made: Made, world: dict[str, Any]) -> None:
    client.post("/provider/link/again", data={"phone": world["phone"]})
    kinds = made(lambda: list(db.session.scalars(select(PlatformOutbox.kind))))
    assert "referrals.portal_link" in kinds
