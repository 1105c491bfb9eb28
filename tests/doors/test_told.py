"""Inbox, how one wants to be told, the delivery log."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import update

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.notify import queries
from rongjiu.notify.models import Message
from tests.asked import statements
from tests.telling import PHONE, Sender

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def a_message(sender: Sender, key: str = "k", **words: Any) -> Callable[[], str]:
    def write() -> str:
        row = Message(
            id=uuid7(), unique_key=key, channel="sms", address=PHONE, text=f"有 1 件事 {key}", purpose="signal_late",
            created_at=now(), account_id=sender.account, scope_id=sender.tenant.uid, state="sent", sent_at=now(), **words,
        )  # fmt: skip
        db.session.add(row)
        return str(row.id)

    return write


def test_the_header_counts_what_is_unread_and_reading_ends_it(
    clerk_there: FlaskClient, made: Made, sender: Sender
) -> None:
    assert "未读" not in clerk_there.get(sender.url("desk/wishes")).text.split("</header>")[0]
    first = made(a_message(sender, "甲"))
    made(a_message(sender, "乙"))
    assert "2 未读" in clerk_there.get(sender.url("desk/wishes")).text
    page = clerk_there.get("/account/inbox")
    assert "有 1 件事 甲" in page.text
    assert clerk_there.post("/account/inbox/read", data={"message": first}).status_code == 303
    assert "甲" not in clerk_there.get("/account/inbox?show=unread").text
    assert "1 未读" in clerk_there.get("/account/inbox").text
    assert clerk_there.post("/account/inbox/read").status_code == 303
    assert "没有未读消息" in clerk_there.get("/account/inbox?show=unread").text


def test_the_count_costs_no_query_of_its_own(clerk_there: FlaskClient, made: Made, sender: Sender) -> None:
    made(a_message(sender))
    with statements() as seen:
        assert "1 未读" in clerk_there.get(sender.url("desk/wishes")).text
    asked = [each for each in seen if "message" in each]
    assert len(asked) == 1
    assert "login_session" in asked[0]


def test_nobody_reads_or_marks_anothers_messages(client: FlaskClient, login: Login, made: Made, sender: Sender) -> None:
    message = made(a_message(sender))
    login(client, sender.worker)
    assert "有 1 件事" not in client.get("/account/inbox").text
    client.post("/account/inbox/read", data={"message": message})
    assert made(lambda: db.session.get_one(Message, UUID(message)).read_at) is None


def test_wishes_of_how_to_be_told_are_kept_and_errors_are_named(
    clerk_there: FlaskClient, made: Made, sender: Sender
) -> None:
    assert "免打扰从" in clerk_there.get("/account/notify").text
    plain = {"language": "en", "quiet_from": "22:30", "quiet_to": "06:00", "digest": "y", "first": "sms"}
    assert clerk_there.post("/account/notify", data=plain).status_code == 303
    kept = made(lambda: (lambda p: (p.language, p.quiet_from, p.quiet_to, p.digest, p.wished))(queries.preference(sender.account)))  # fmt: skip
    assert kept == ("en", "22:30", "06:00", True, ["sms"])
    late = clerk_there.post("/account/notify", data={**plain, "quiet_from": "25:99"})
    assert late.status_code == 422
    assert "22:30" not in late.text
    wrong = clerk_there.post("/account/notify", data={**plain, "first": "pigeon"})
    assert wrong.status_code == 422
    assert "请从列出的方式里选一种" in wrong.text


def test_the_log_shows_states_masked_and_never_a_text(clerk_there: FlaskClient, made: Made, sender: Sender) -> None:
    made(a_message(sender, "甲", tries=2))
    made(lambda: db.session.execute(update(Message).values(state="failed", reason="isv.MOBILE_NUMBER_ILLEGAL")))
    page = clerk_there.get(sender.url("desk/messages"))
    assert page.status_code == 200
    for words in ("1 条没有送到", "139****0081", "线索逾期", "没有送到"):
        assert words in page.text
    for words in (PHONE, "有 1 件事"):
        assert words not in page.text
    assert "没有这样的消息" in clerk_there.get(sender.url("desk/messages?state=held")).text
    assert clerk_there.post(sender.url("desk/messages/export"), data={"purpose": ""}).status_code == 303
    book = clerk_there.post(sender.url("desk/messages/export"), data={"purpose": "核对号码"})
    assert book.status_code == 200
    assert book.data.startswith(b"PK")


def test_the_log_of_another_community_is_not_shown(clerk_there: FlaskClient, made: Made, sender: Sender) -> None:
    made(a_message(sender))
    made(lambda: db.session.execute(update(Message).values(scope_id=uuid7())))
    assert "没有这样的消息" in clerk_there.get(sender.url("desk/messages")).text
