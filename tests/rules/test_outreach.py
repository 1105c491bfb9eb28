"""The pipeline as a table; what is an appeal for cash; gaps and single points."""

import pytest

from rongjiu import cash
from rongjiu.errors import Refused
from tenants.outreach import rules
from tenants.outreach.models import STATES


def test_every_state_has_a_line_and_leads_only_to_states() -> None:
    assert set(rules.MOVES) == set(STATES)
    assert {after for line in rules.MOVES.values() for after in line} <= set(STATES)


@pytest.mark.parametrize(
    ("before", "after"),
    [("prospect", "agreed"), ("prospect", "active"), ("visited", "agreed"), ("interested", "active"), ("declined", "active"),
     ("active", "agreed"), ("explained", "active"), ("agreed", "prospect")],
)  # fmt: skip
def test_nobody_skips_the_explanation(before: str, after: str) -> None:
    assert not rules.may_move(before, after)


def test_the_straight_way_and_the_way_back() -> None:
    way = ["prospect", "visited", "interested", "explained", "agreed", "active", "declined", "visited"]
    assert all(rules.may_move(before, after) for before, after in zip(way, way[1:], strict=False))


def test_headings_are_read_as_they_are_written() -> None:
    assert rules.columns(["序号", "店名 *", "负责人（选填）", "联系电话", "统一社会信用代码"]) == {
        "name": 1, "contact": 2, "phone": 3, "uscc": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "请大家捐款",
        "扫收款码",
        "转账到卡上",
        "微信支付也行",
        "账号：6222020200012345678",
        "每人捐20元",
        "发红包",
        "ＡＬＩＰＡＹ",
    ],
)
def test_appeals_for_cash_are_seen(words: str) -> None:
    assert cash.asks_for_cash(words)


@pytest.mark.parametrize(
    "words", ["每月 4 次免费理发", "八折，原价 30 元", "大米 10 袋", "电话 029-88881111", "志愿服务 6 小时"]
)
def test_goods_and_discounts_are_no_cash(words: str) -> None:
    assert cash.asks_for_cash(words) == ""


def test_payment_codes_are_seen() -> None:
    assert cash.is_payment_code(b"\x00wxp://f2f0abc")
    assert not cash.is_payment_code(b"https://example.invalid/join")


def test_a_gap_is_what_nobody_has() -> None:
    assert rules.Gap("bath", "a", waiting=5, here=5, next_door=0).verdict == "met"
    assert rules.Gap("bath", "a", waiting=5, here=2, next_door=4).verdict == "next_door"
    gap = rules.Gap("bath", "a", waiting=5, here=1, next_door=1)
    assert (gap.verdict, gap.missing) == ("gap", 3)


def test_what_rests_on_one_provider() -> None:
    assert rules.single_points({"bath": {"a"}, "meal": {"a", "b"}, "law": set()}) == {"bath": "a"}


def test_public_words_and_files_are_refused_at_their_field() -> None:
    with pytest.raises(Refused, match="慈善组织") as refused:
        cash.refuse("转账到卡上", "intro")
    assert (refused.value.field, refused.value.words["words"]) == ("intro", "转账")
    cash.refuse("每月 4 次免费理发", "intro")
    with pytest.raises(Refused) as refused:
        cash.refuse_picture(b"%PDF-1.7 weixin://wxpay/bizpayurl", "file")
    assert refused.value.field == "file"
    cash.refuse_picture(b"\x89PNG", "file")
