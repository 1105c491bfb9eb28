"""When a message goes out, by which way, and what is said to the vendors."""

import json
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongjiu.clock import ZONE
from rongjiu.notify import rules
from rongjiu.notify.refusals import Bounced, Down
from rongjiu.notify.vendors import AliyunSms, WeChatTemplate

DAY = datetime(2026, 6, 3, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        ("20:59", None), ("21:00", (4, 8)), ("23:59", (4, 8)), ("00:00", (3, 8)), ("07:59", (3, 8)), ("08:00", None),
    ],
)  # fmt: skip
def test_the_night_is_quiet(clock: str, until: tuple[int, int] | None) -> None:
    moment = datetime.combine(DAY, time.fromisoformat(clock), ZONE)
    found = rules.Quiet().until(moment)
    assert found == (DAY.replace(day=until[0], hour=until[1]) if until else None)


@given(st.integers(0, 366 * 86400), st.times(), st.times())
def test_what_is_held_goes_out_within_a_day_and_then_at_once(seconds: int, begins: time, ends: time) -> None:
    moment, quiet = (
        DAY + timedelta(seconds=seconds),
        rules.Quiet(begins.replace(microsecond=0), ends.replace(microsecond=0)),
    )
    until = quiet.until(moment)
    if until is not None:
        assert moment < until <= moment + timedelta(days=1)
        assert quiet.until(until) is None


def test_no_quiet_hours_when_both_ends_are_the_same() -> None:
    assert rules.Quiet(time(9), time(9)).until(DAY.replace(hour=3)) is None


def test_the_way_follows_the_wish_and_passes_by_dead_and_missing_channels() -> None:
    ways = {"sms": "1", "wecom": "2", "email": "3"}
    assert rules.way(ways, ["wecom", "sms"], {"sms", "wecom"}, ()) == "wecom"
    assert rules.way(ways, ["wecom", "sms"], {"sms"}, ()) == "sms"
    assert rules.way(ways, ["sms"], {"sms", "email"}, {"sms"}) == "email"
    assert rules.way(ways, ["sms"], {"sms"}, {"sms"}) is None
    assert rules.way(ways, ["sms"], (), ()) == "sms"


class Wire:
    """What was asked of a vendor, and what it answers."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, host: str, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        self.asked.append((host, method, path, body))
        return self.answers.pop(0)


def sms(wire: Wire) -> AliyunSms:
    return AliyunSms("testId", "testSecret", "社区", "SMS_1", ask=wire)


def test_an_sms_carries_its_key_as_nonce_and_is_signed() -> None:
    wire = Wire({"Code": "OK"})
    sms(wire).send("13800000000", "有 1 件事", "key_0")
    ((host, method, path, _body),) = wire.asked
    words = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    assert (host, method, words["SignatureNonce"], words["OutId"]) == ("dysmsapi.aliyuncs.com", "GET", "key_0", "key_0")
    assert json.loads(words["TemplateParam"]) == {"content": "有 1 件事"}
    assert len(words["Signature"]) == 28
    assert "testSecret" not in path


def test_the_signature_is_that_of_the_vendors_own_example() -> None:
    plain = (
        "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1"
        "&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0"
        "&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26"
    )
    assert AliyunSms("testid", "testsecret", "", "")._signature(plain) == "OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"


def test_a_nonce_used_before_means_that_it_was_sent() -> None:
    sms(Wire({"Code": "SignatureNonceUsed"})).send("13800000000", "一件事", "key_0")


def test_what_an_sms_gateway_refuses() -> None:
    with pytest.raises(Bounced):
        sms(Wire({"Code": "isv.MOBILE_NUMBER_ILLEGAL"})).send("1", "一件事", "k")
    with pytest.raises(Down) as limit:
        sms(Wire({"Code": "isv.BUSINESS_LIMIT_CONTROL"})).send("13800000000", "一件事", "k")
    assert limit.value.certain
    with pytest.raises(Down) as silent:
        sms(Wire({})).send("13800000000", "一件事", "k")
    assert not silent.value.certain


def test_a_template_message_asks_for_a_pass_once_and_names_its_key() -> None:
    wire = Wire({"access_token": "T", "expires_in": 7200}, {"errcode": 0}, {"errcode": 0})
    channel = WeChatTemplate("app", "secret", "TEMPLATE", ask=wire)
    channel.send("openid-1", "一件事", "key_0")
    channel.send("openid-1", "一件事", "key_0")
    assert [path.partition("?")[0] for _h, _m, path, _b in wire.asked] == [
        "/cgi-bin/stable_token", "/cgi-bin/message/template/send", "/cgi-bin/message/template/send",
    ]  # fmt: skip
    first, second = (body["client_msg_id"] for _h, _m, _p, body in wire.asked[1:])
    assert first == second
    assert len(first) == 32


def test_a_reader_who_left_bounces() -> None:
    wire = Wire({"access_token": "T", "expires_in": 7200}, {"errcode": 43004})
    with pytest.raises(Bounced):
        WeChatTemplate("app", "secret", "TEMPLATE", ask=wire).send("openid-1", "一件事", "k")


@pytest.mark.parametrize(
    "url", ["aliyun://id@sms?sign=a&template=b", "aliyun://id:secret@sms?sign=a", "tencent://a:b@c"]
)
def test_a_setting_that_cannot_be_understood_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        AliyunSms.read(url)


def test_a_secret_is_not_printed() -> None:
    assert "hush" not in repr(AliyunSms.read("aliyun://id:hush@sms?sign=a&template=b"))
    assert "hush" not in repr(WeChatTemplate.read("wechat://id:hush@template?id=a"))
