"""Telling people: quiet hours, language, digest, bounces, a channel that is away, and never twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from rongjiu import outbox
from rongjiu.clock import ZONE, now
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.notify import people, queries, service
from rongjiu.notify.models import Message, MessageTry, Preference
from rongjiu.notify.refusals import Bounced, Down
from rongjiu.notify.service import tell

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 3, 12, 0, tzinfo=ZONE)
NIGHT = datetime(2026, 6, 3, 22, 30, tzinfo=ZONE)
PHONE, MAIL = "13900000071", "clerk@example.cn"


class Vendor:
    """A gateway that remembers keys as real ones do: a key it took is answered and sends nothing more."""

    def __init__(self) -> None:
        self.sent: dict[str, tuple[str, str]] = {}
        self.asked: list[str] = []
        self.refuse: Exception | None = None
        self.die_after = False

    def send(self, address: str, text: str, key: str) -> None:
        self.asked.append(key)
        if self.refuse:
            raise self.refuse
        self.sent.setdefault(key, (address, text))
        if self.die_after:
            self.die_after = False
            raise SystemError("killed between the vendor's yes and our mark")


@pytest.fixture
def vendor(app: Flask) -> Iterator[Vendor]:
    found = Vendor()
    app.extensions["rongjiu.channels"] = {"sms": found}
    yield found
    del app.extensions["rongjiu.channels"]


def an_account(**words: Any) -> Account:
    row = Account(
        id=uuid7(), name="收信人", password_hash="-", created_at=now(), phone=PHONE, email=MAIL,
        phone_index=blind(PHONE, PLATFORM, "phone"), email_index=blind(MAIL, PLATFORM, "email"), **words,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def wish(account: Account, **words: Any) -> None:
    plain = {"language": "zh", "quiet_from": NOON.time().replace(hour=21), "quiet_to": NOON.time().replace(hour=8), "digest": False, "first": ""}  # fmt: skip
    service.prefer(account.id, **{**plain, **words})


def only() -> Message:
    db.session.expire_all()
    return db.session.scalars(select(Message)).one()


def due_rows() -> list[Any]:
    query = "SELECT id, kind, run_after FROM platform_outbox WHERE done_at IS NULL ORDER BY run_after, id"
    return list(db.session.execute(text(query)))


def ring() -> int:
    """What the relay does: carry out all that is due; answers how many rows were done."""
    rows = [row for row in due_rows() if row.run_after <= now()]
    db.session.commit()
    return sum(outbox.perform(None, None, str(row.id)) for row in rows)


def test_without_a_channel_a_message_is_captured_at_once_and_once() -> None:
    with time_machine.travel(NOON, tick=False):
        for _again in range(2):
            tell(PHONE, "有一件事", purpose="test", key="k")
    row = only()
    assert (row.state, row.captured, row.channel) == ("sent", 1, "sms")
    assert due_rows() == []


def test_the_local_channel_by_the_outbox_takes_a_message_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], notify_sms="local:"))
    with time_machine.travel(NOON, tick=False):
        tell(PHONE, "有一件事", purpose="code", key="k")
        assert only().state == "waiting"
        assert ring() == 1
        assert ring() == 0
    row = only()
    assert (row.state, row.captured, row.tries) == ("sent", 1, 1)


@pytest.mark.parametrize(
    ("name", "address"),
    [("wecom", "@all"), ("wecom", "zhang|li"), ("wecom", "a/../b"), ("wechat", "o1 o2"), ("wechat", "x" * 65), ("dingtalk", "@all"), ("dingtalk", "13800001234,13900001234")],
)  # fmt: skip
def test_an_address_is_one_persons(name: str, address: str) -> None:
    """@all would send a person's messages, with their links, to a whole organisation."""
    account = an_account()
    with pytest.raises(Refused) as refused:
        wish(account, **{name: address})
    assert refused.value.field == name
    wish(account, wechat="oAbc_-123", wecom="zhang.san@x", dingtalk="+86 138 0000 1234")
    kept = db.session.scalars(select(Preference)).one()
    assert (kept.wechat, kept.wecom, kept.dingtalk) == ("oAbc_-123", "zhang.san@x", "13800001234")


def test_quiet_hours_hold_all_but_the_urgent() -> None:
    with time_machine.travel(NIGHT, tick=False) as clock:
        tell(PHONE, "明天再说", purpose="test", key="held")
        tell(PHONE, "验证码 123456", purpose="code", key="code")
        states = {row.unique_key: row.state for row in db.session.scalars(select(Message))}
        assert states == {"held": "held", "code": "sent"}
        assert ring() == 0
        clock.move_to(datetime(2026, 6, 4, 8, 0, tzinfo=ZONE))
        assert ring() == 1
        assert ring() == 0
    db.session.expire_all()
    assert db.session.scalars(select(Message).where(Message.unique_key == "held")).one().captured == 1


def test_the_receiver_reads_their_own_language() -> None:
    account = an_account()
    wish(account, language="en")
    with time_machine.travel(NOON, tick=False):
        tell(PHONE, "您有 %(count)s 条新消息，请登录后在收件箱查看。", words={"count": 3}, purpose="test", key="k")
    assert only().text.startswith("You have 3")
    assert queries.inbox(account.id)[1] == 1


def test_a_digest_is_one_message_a_day_with_a_count_and_no_content() -> None:
    account = an_account()
    number = account.id
    wish(account, digest=True)
    with time_machine.travel(NOON, tick=False) as clock:
        for n in range(3):
            tell(PHONE, f"第 {n} 件事", purpose="test", key=f"k{n}")
        assert len(due_rows()) == 1
        clock.move_to(datetime(2026, 6, 4, 8, 30, tzinfo=ZONE))
        while ring():
            pass
    rows = db.session.scalars(select(Message).where(Message.purpose == "digest")).all()
    assert [row.text for row in rows] == ["您有 3 条新消息，请登录后在收件箱查看。"]
    assert rows[0].captured == 1
    assert queries.inbox(number)[1] == 3


def test_a_channel_away_for_an_hour_loses_nothing_and_doubles_nothing(vendor: Vendor) -> None:
    vendor.refuse = Down("timeout")
    with time_machine.travel(NOON, tick=False) as clock:
        for n in range(5):
            tell(PHONE, f"第 {n} 件事", purpose="test", key=f"k{n}")
        for _minute in range(60):
            ring()
            clock.shift(60)
        assert vendor.sent == {}
        vendor.refuse = None
        for _minute in range(31):
            ring()
            clock.shift(60)
    assert sorted(words for _to, words in vendor.sent.values()) == [f"第 {n} 件事" for n in range(5)]
    assert len(set(vendor.asked)) == 5, "an unknown outcome comes again under the same key"
    db.session.expire_all()
    assert {row.state for row in db.session.scalars(select(Message))} == {"sent"}
    assert len(list(db.session.scalars(select(MessageTry)))) == len(vendor.asked)


def test_killed_after_the_vendors_yes_it_comes_again_under_the_same_key(vendor: Vendor) -> None:
    with time_machine.travel(NOON, tick=False):
        tell(PHONE, "一件事", purpose="test", key="k")
        (row,) = due_rows()
        db.session.commit()
        vendor.die_after = True
        with pytest.raises(SystemError):
            outbox.perform(None, None, str(row.id))
        assert only().state == "waiting"
        assert outbox.perform(None, None, str(row.id)) is True
        assert outbox.perform(None, None, str(row.id)) is False
    assert len(vendor.asked) == 2
    assert len(vendor.sent) == 1
    assert only().state == "sent"


def test_a_certain_refusal_may_come_under_a_new_key(vendor: Vendor) -> None:
    vendor.refuse = Down("isv.BUSINESS_LIMIT_CONTROL", certain=True)
    with time_machine.travel(NOON, tick=False) as clock:
        tell(PHONE, "一件事", purpose="test", key="k")
        ring()
        vendor.refuse = None
        clock.shift(120)
        ring()
    assert len(set(vendor.asked)) == 2
    assert len(vendor.sent) == 1


def test_an_address_that_bounces_three_times_is_left_for_the_next_channel(vendor: Vendor, app: Flask) -> None:
    mail = Vendor()
    app.extensions["rongjiu.channels"]["email"] = mail
    an_account()
    vendor.refuse = Bounced("isv.MOBILE_NUMBER_ILLEGAL")
    with time_machine.travel(NOON, tick=False):
        for n in range(4):
            tell(PHONE, f"第 {n} 件事", purpose="test", key=f"k{n}")
            while ring():
                pass
    assert len(vendor.asked) == 3, "the fourth did not try the dead address"
    assert len(mail.sent) == 4
    assert {to for to, _words in mail.sent.values()} == {MAIL}
    assert people.is_dead("sms", PHONE)


def test_somebody_with_one_dead_address_is_shown_as_not_reached(vendor: Vendor) -> None:
    vendor.refuse = Bounced("isv.MOBILE_NUMBER_ILLEGAL")
    with time_machine.travel(NOON, tick=False):
        tell("13700000000", "一件事", purpose="test", key="k")
        ring()
    row = only()
    assert (row.state, row.reason) == ("failed", "isv.MOBILE_NUMBER_ILLEGAL")
    assert due_rows() == []


def test_a_channel_away_for_a_day_gives_way(vendor: Vendor) -> None:
    vendor.refuse = Down("timeout")
    with time_machine.travel(NOON, tick=False) as clock:
        tell("13700000000", "一件事", purpose="test", key="k")
        ring()
        clock.shift(timedelta(hours=24, minutes=1))
        ring()
    assert only().state == "failed"
