"""One job by link: GET changes nothing, the address opens after the code, every dead link is answered alike."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from werkzeug.test import TestResponse

from rongjiu.audit import Audit
from rongjiu.clock import ZONE, now
from rongjiu.db import db
from rongjiu.links import Link
from rongjiu.marketplace.models import Provider
from rongjiu.outbox import Outbox
from tenants.accompaniment.models import Visit
from tenants.consents import service as consents
from tenants.referrals import jobs
from tenants.referrals.returning import silence
from tests import casework, factories
from tests.linked import SECRETS, Made, Phone

Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def phone(client: FlaskClient, made: Made) -> Phone:
    return Phone(client, made)


def bare(answer: TestResponse) -> str:
    """A page without what differs in every answer: keys of its forms."""
    return re.sub(r'name="(_key|csrf_token)" value="[^"]*"|"X-CSRFToken": "[^"]*"', "", answer.text)


def counted(phone: Phone) -> tuple[int, int, int]:
    def read() -> tuple[int, int, int]:
        used = db.session.scalar(select(func.count()).where(Link.used_at.is_not(None))) or 0
        return used, *(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Audit, Outbox))

    return tuple(phone.within(read))  # type: ignore[arg-type]


def test_the_message_says_how_many_and_opening_changes_nothing(phone: Phone) -> None:
    assert any(words.startswith("您有 2 张新派单,请打开链接 http") for words in phone.messages())
    before = counted(phone)
    moved = phone.client.get(phone.path())
    assert moved.status_code == 303
    assert moved.location == "/provider/link/"
    cookie = moved.headers["Set-Cookie"]
    assert "Path=/provider/link" in cookie
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    page = phone.client.get("/provider/link/")
    assert page.status_code == 200
    assert phone.path().rsplit("/", 1)[1] not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for shown in ("周先生", "80 岁以上", "雁北新村", "每月一次", "请轻声敲门", "服务 catheter-change", "029-88880000"):
        assert shown in page.text, shown
    for secret in SECRETS:
        assert secret not in page.text, secret
    assert counted(phone) == before
    assert phone.states() == ["requested", "requested"]


def test_taking_the_job_asks_for_the_code_and_opens_the_door(phone: Phone) -> None:
    phone.open()
    assert phone.client.post("/provider/link/code", data={}).status_code == 422
    early = phone.client.post("/provider/link/accept", data={"slot": phone.slot(), "code": "123456"})
    assert early.status_code == 422
    assert "请先获取验证码" in early.text
    phone.client.post("/provider/link/code", data={"slot": phone.slot()})
    wrong = phone.client.post("/provider/link/accept", data={"slot": phone.slot(), "code": "000000x"})
    assert wrong.status_code == 422
    assert all(secret not in wrong.text for secret in SECRETS)
    old = phone.path()
    answer = phone.accept()
    assert answer.status_code == 303
    page = phone.client.get("/provider/link/")
    for shown in ("7楼 2单元 301房", casework.PHONE[:3], "长期卧床", "已接单。地址和电话现在可见"):
        assert shown in page.text, shown
    assert phone.states() == ["accepted", "accepted"]
    opened = phone.within(lambda: db.session.scalar(select(func.count()).where(Audit.verb == "receiver.open")))
    assert int(str(opened)) >= 2, "each opening is written down"
    assert phone.client.get(old).status_code == 404, "the link of the offer is spent"


def test_all_dead_links_are_answered_alike(phone: Phone, made: Made) -> None:
    altered = phone.client.get(phone.path()[:-1] + ("A" if phone.path()[-1] != "A" else "B"))
    unknown = phone.client.get("/provider/link/" + "x" * 32)
    live = phone.path()
    phone.accept()
    assert phone.client.get("/provider/link/").status_code == 200
    reused = phone.client.get(live)
    made(lambda: db.session.execute(update(Link).values(expires_at=now() - timedelta(minutes=1))))
    expired = phone.client.get("/provider/link/")
    made(lambda: db.session.execute(update(Link).values(expires_at=now() + timedelta(days=1))))
    assert phone.client.get("/provider/link/").status_code == 200
    phone.within(lambda: consents.withdraw(phone.consent, "不愿意了"))
    withdrawn = phone.client.get("/provider/link/")
    answers = [altered, unknown, reused, expired]
    assert [each.status_code for each in (*answers, withdrawn)] == [404] * 5
    assert len({bare(each) for each in answers}) == 1
    assert "这个链接已用过或已过期" in altered.text
    assert "请停下，不要上门" in withdrawn.text, "whoever has typed the code may be on the way"
    assert casework.NAME not in withdrawn.text
    assert casework.PHONE not in withdrawn.text
    assert phone.client.post("/provider/link/done", data={}).status_code == 404
    phone.client.delete_cookie("__Secure-job", path="/provider/link")
    assert phone.client.get("/provider/link/").status_code == 404
    assert phone.client.post("/provider/link/accept", data={}).status_code == 404


def test_a_suspended_provider_finds_a_dead_link(phone: Phone, made: Made) -> None:
    phone.accept()
    made(lambda: db.session.execute(update(Provider).where(Provider.id == phone.helper.id).values(state="suspended")))
    assert phone.client.get("/provider/link/").status_code == 404


def test_declining_takes_a_code_and_ends_it(phone: Phone) -> None:
    phone.open()
    assert phone.client.post("/provider/link/decline", data={}).status_code == 422
    assert phone.client.post("/provider/link/decline", data={"reason": "other"}).status_code == 422
    which = phone.client.post("/provider/link/decline", data={"reason": "not-eligible", "text": "只做 60 岁以下"})
    assert which.status_code == 422
    assert "请选卡在哪一条" in which.text
    assert "只做 60 岁以下" in which.text, "what was typed stays"
    answer = phone.client.post("/provider/link/decline", data={"reason": "out-of-area"})
    assert answer.location == "/provider/link/thanks?of=declined"
    assert "另找服务方" in phone.client.get(answer.location).text
    assert phone.states() == ["rejected", "rejected"]
    assert phone.client.get(phone.path()).status_code == 404
    assert phone.client.post("/provider/link/decline", data={"reason": "out-of-area"}).status_code == 404


def test_another_time(phone: Phone) -> None:
    phone.accept()
    day = (now() + timedelta(days=5)).astimezone(ZONE).date().isoformat()
    answer = phone.client.post("/provider/link/move", data={"day": day, "hour": "10:30"})
    assert answer.status_code == 303
    assert "10:30" in phone.client.get("/provider/link/").text
    past = phone.client.post("/provider/link/move", data={"day": "2020-01-01", "hour": "10:30"})
    assert past.status_code == 422
    assert "这个时间已经过去" in past.text


def test_done_month_by_month(phone: Phone) -> None:
    phone.accept()
    assert phone.client.post("/provider/link/arrive").status_code == 303
    nothing = phone.client.post("/provider/link/done", data={})
    assert nothing.status_code == 422
    assert "请勾选这次做了哪几项" in nothing.text
    key = "8c1e1f7e-7f1c-4c1e-9a7e-0d6c1e1f7e00"
    form = {"ticked": [str(each) for each in phone.tasks], "_key": key}
    for _ in range(2):
        assert phone.client.post("/provider/link/done", data=form).location == "/provider/link/"
    page = phone.client.get("/provider/link/").text
    assert "下次" in page
    assert phone.within(lambda: casework.ring("accompaniment.accompany")) == 1
    visits = phone.within(lambda: [tuple(r) for r in db.session.execute(select(Visit.state, Visit.kind))])
    assert sorted(visits) == [  # type: ignore[call-overload]
        ("done", "service"), ("done", "service"), ("planned", "service"), ("planned", "service"), ("planned", "worker"),
    ]  # fmt: skip
    assert phone.states() == ["in-progress", "in-progress"]


def test_the_last_time_takes_the_address_back(client: FlaskClient, made: Made) -> None:
    phone = Phone(client, made, "job-registration")
    phone.accept()
    answer = phone.client.post("/provider/link/done", data={"ticked": [str(phone.tasks[0])]})
    assert answer.location == "/provider/link/thanks?of=done"
    assert "这单的地址已收回" in client.get(answer.location).text
    assert client.get("/provider/link/").status_code == 404
    assert phone.states() == ["completed"]


def test_nobody_there_not_now_and_not_at_all(phone: Phone) -> None:
    phone.accept()
    assert phone.client.post("/provider/link/missed").status_code == 303
    assert phone.client.post("/provider/link/hold", data={"hold_reason": "waitlist"}).status_code == 422
    day = (now() + timedelta(days=5)).astimezone(ZONE).date().isoformat()
    held = phone.client.post("/provider/link/hold", data={"hold_reason": "waitlist", "resume_on": day})
    assert held.status_code == 303
    assert phone.states() == ["on-hold", "on-hold"]
    page = phone.client.get("/provider/link/").text
    assert "先放着：轮候中" in page
    assert "接着做，或改日子" in page
    assert "还要再等等" in phone.client.get("/provider/link/").text
    assert phone.client.post("/provider/link/wait", data={}).status_code == 422
    later = (now() + timedelta(days=20)).astimezone(ZONE).date().isoformat()
    assert phone.client.post("/provider/link/wait", data={"resume_on": later}).status_code == 303
    early = phone.client.post("/provider/link/fail", data={"reason": "could-not-contact"})
    assert early.status_code == 422
    assert "联系不上要先试 3 次" in early.text
    assert "现在记了 1 次" in early.text, "the missed visit counts"
    for days in (1, 2):
        with time_machine.travel(now() + timedelta(days=days), tick=False):
            assert phone.client.post("/provider/link/tried").status_code == 303
    assert "已试够次数" in phone.client.get("/provider/link/").text
    failed = phone.client.post("/provider/link/fail", data={"reason": "could-not-contact"})
    assert failed.location == "/provider/link/thanks?of=failed"
    assert phone.states() == ["failed", "failed"]


def test_a_job_that_nobody_needs_is_let_go_and_closes_the_address(phone: Phone) -> None:
    phone.accept()
    wrong = phone.client.post("/provider/link/let_go", data={"end_reason": "already-helped"})
    assert wrong.status_code == 422
    assert "哪里已经帮到" in wrong.text
    gone = phone.client.post("/provider/link/let_go", data={"end_reason": "declined-by-resident"})
    assert gone.location == "/provider/link/thanks?of=let_go"
    assert "不算您没做完" in phone.client.get(gone.location).text
    assert phone.states() == ["cancelled", "cancelled"]
    assert phone.client.get("/provider/link/").status_code == 404


def test_what_the_consent_does_not_name_is_never_sent(client: FlaskClient, made: Made) -> None:
    phone = Phone(client, made, "catheter-change", fields=("phone",))
    phone.accept()
    page = client.get("/provider/link/").text
    assert casework.PHONE in page
    for secret in ("7楼", casework.NAME, "长期卧床"):
        assert secret not in page, secret


def test_asking_for_the_link_again_says_nothing_about_whose_number_it_is(phone: Phone) -> None:
    mine = phone.client.post("/provider/link/again", data={"phone": phone.helper.phone})
    other = phone.client.post("/provider/link/again", data={"phone": "13900009999"})
    nonsense = phone.client.post("/provider/link/again", data={"phone": "x"})
    assert bare(mine) == bare(other) == bare(nonsense)
    payloads = phone.within(
        lambda: list(db.session.scalars(select(Outbox.payload).where(Outbox.kind == "referrals.links_again")))
    )
    (payload,) = payloads  # type: ignore[misc]
    phone.within(lambda: jobs.links_again(payload))
    assert phone.open().status_code == 200


def test_a_jobs_link_from_a_message_asks_for_the_code_first(phone: Phone, app: Flask) -> None:
    phone.accept()
    phone.within(lambda: jobs.tell_job({"tasks": [str(each) for each in phone.tasks], "key": "k"}))
    other = app.test_client()
    page = other.get(phone.path(), follow_redirects=True)
    assert page.status_code == 200
    for secret in (*SECRETS, "周先生", "雁北新村"):
        assert secret not in page.text, secret
    for verb in ("arrive", "done", "fail", "move"):
        assert other.post(f"/provider/link/{verb}", data={"reason": "other", "text": "x"}).location == "/provider/link/"
    assert phone.states() == ["accepted", "accepted"]
    assert other.post("/provider/link/unlock", data={"code": "123456"}).status_code == 422
    assert other.post("/provider/link/code").status_code == 303
    assert other.post("/provider/link/unlock", data={"code": "00000x"}).status_code == 422
    code = re.findall(r"验证码 (\d{6})", " ".join(phone.messages()))[-1]
    assert other.post("/provider/link/unlock", data={"code": code}).status_code == 303
    assert "7楼 2单元 301房" in other.get("/provider/link/").text
    third = app.test_client()
    assert "7楼" not in third.get(phone.path(), follow_redirects=True).text, "forwarded once more it asks once more"


def test_an_expired_offer_is_dead_and_its_answer_late(phone: Phone) -> None:
    phone.open()
    phone.within(lambda: db.session.execute(text("UPDATE referral_task SET due_at = now() - interval '1 hour'")))
    assert phone.client.get("/provider/link/").status_code == 404
    assert phone.client.post("/provider/link/decline", data={"reason": "other", "text": "x"}).status_code == 404
    phone.within(lambda: [silence.expire(each) for each in phone.tasks])
    assert phone.states() == ["cancelled", "cancelled"]


def test_the_same_page_from_the_inbox(phone: Phone, login: Login) -> None:
    def owner(provider_id: UUID) -> str:
        return factories.a_person_with_role("provider_owner", "provider", provider_id).token

    login(phone.client, str(phone.made(lambda: owner(phone.helper.id))))
    url = f"/provider/jobs/{phone.tasks[0]}"
    page = phone.client.get(url)
    assert page.status_code == 200
    assert "周先生" in page.text
    assert all(secret not in page.text for secret in SECRETS)
    assert phone.client.post(f"{url}/accept", data={"slot": "nonsense"}).status_code == 422
    assert phone.client.post(f"{url}/accept", data={"slot": phone.slot()}).status_code == 303
    assert "7楼 2单元 301房" in phone.client.get(url).text
    assert phone.client.post(f"{url}/done", data={"ticked": [str(e) for e in phone.tasks]}).status_code == 303
    stranger = phone.made(lambda: owner(factories.a_provider(factories.a_street()).id))
    login(phone.client, str(stranger))
    assert phone.client.get(url).status_code == 404
    assert phone.client.post(f"{url}/done", data={}).status_code == 404
