"""What may hang on the wall, and which steps a wish may take."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.referrals import rules as referrals
from tenants.wishes import rules
from tenants.wishes.models import STATES


@pytest.mark.parametrize(
    "text",
    [
        "一位老人想要一把轮椅", "孩子想学画画，希望有人教", "想有人陪着去一次大雁塔", "希望有人帮忙修一修门锁，下午都在",
        "高中生想要一套 2026 年的复习资料", "想要 10 斤大米", "周末想有人一起包饺子",
    ],
)  # fmt: skip
def test_a_plain_wish_may_hang(text: str) -> None:
    assert rules.scan(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("想要轮椅，电话 13800001234", "phone"), ("想要轮椅 138-0000-1234", "phone"), ("打８５２５１２３４找我", "phone"),
        ("电话一三八零零零零一二三四", "phone"), ("我的号幺三八〇〇〇〇一二三四", "phone"),
        ("证件 610103194001011234", "id_number"), ("证件６１０１０３１９４００１０１１２３Ｘ", "id_number"),
        ("周奶奶想要轮椅", "name"), ("帮帮李阿姨", "name"), ("我叫王小明，想学画画", "name"), ("姓名：赵四海", "name"),
        ("阿依古丽·买买提想学画画", "name"), ("欧阳老师想要轮椅", "name"), ("张某想要轮椅", "name"),
        ("住在 7号楼，想要轮椅", "door"), ("送到 3 单元", "door"), ("送到 7-2-301", "door"),
        ("请转账给我", "payment"), ("扫二维码帮帮我", "payment"), ("想借钱看病，请捐款", "payment"), ("支付宝同号", "payment"),
        ("加微信聊", "payment"), ("", "empty"), ("   ", "empty"), ("想" * 121, "long"),
    ],
)  # fmt: skip
def test_what_may_not_hang_is_named(text: str, kind: str) -> None:
    found = rules.scan(text)
    assert found is not None
    assert found.kind == kind


def test_names_known_of_the_family_are_found_though_they_look_like_nothing() -> None:
    assert rules.scan("给春芽一辆车") is None
    found = rules.scan("给春芽一辆车", ["春芽"])
    assert found is not None
    assert found.kind == "name"
    assert rules.scan("给𠮷田一辆车", ["𠮷田"]) is not None


@given(
    st.integers(13000000000, 19999999999),
    st.sampled_from(["{}", "电话{}谢谢", "想要轮椅 {} 找我"]),
    st.sampled_from(["", " ", "-", "，", "."]),
)
def test_no_telephone_passes_however_it_is_cut(number: int, frame: str, cut: str) -> None:
    digits = str(number)
    text = frame.format(cut.join((digits[:3], digits[3:7], digits[7:])))
    assert rules.scan(text) is not None


@given(
    st.integers(13000000000, 19999999999),
    st.sampled_from(["零一二三四五六七八九", "０１２３４５６７８９", "〇幺贰叁肆伍陆柒捌玖"]),
)
def test_no_telephone_passes_in_another_script(number: int, script: str) -> None:
    assert rules.scan("请打" + "".join(script[int(digit)] for digit in str(number))) is not None


ACTORS = ("desk", "claimer", "resident", "system")


@pytest.mark.parametrize(
    ("source", "target", "actor"), list(itertools.product(("", *STATES), STATES, ACTORS))
)  # fmt: skip
def test_each_pair_has_one_step_or_none(source: str, target: str, actor: str) -> None:
    drawn = [step for step in rules.MOVES if (step.source, step.target) == (source, target) and actor in step.actors]
    assert len(drawn) <= 1
    assert rules.may(source, target, actor) == bool(drawn)


def test_from_an_end_nothing_moves_and_every_state_can_be_reached() -> None:
    assert not [step for step in rules.MOVES if step.source in rules.ENDED]
    assert {step.target for step in rules.MOVES} == set(STATES)


def test_the_tables_of_slips_and_offers_draw_what_each_step_of_a_wish_does() -> None:
    """The state of the wish is the business status of its slip: from each state of the wish, slip and claim stand in one
    state, and every step goes on from there as the tables of all slips permit."""
    stands = {"": ("", "")}
    for step in rules.MOVES:
        slip, task = stands[step.source]
        for actor in step.actors:
            side = rules.SIDES[actor]
            if step.slip:
                assert referrals.request_move(slip, step.slip, side, "wish"), (step, side)
            hops = ("" if step.task[:1] == ("draft",) else task, *step.task)
            assert all(referrals.task_move(*pair, side, "wish") for pair in itertools.pairwise(hops)), (step, side)
        after = (step.slip or slip, step.task[-1] if step.task else task)
        # On the wall there is no live claim, whatever came of the last one.
        known = stands.setdefault(step.target, after)
        assert known[0] == after[0], step
        assert (known[1] in referrals.LIVE) == (after[1] in referrals.LIVE), step
    assert {state for state, (slip, _task) in stands.items() if slip in ("completed", "revoked")} == set(rules.ENDED)
    assert [state for state, (_slip, task) in stands.items() if task in referrals.LIVE] == ["claimed"]


def test_what_a_wish_may_beside_other_slips_is_for_wishes_only() -> None:
    for step in (("", "draft", "receiver"), ("draft", "requested", "receiver"), ("accepted", "completed", "sender")):
        assert referrals.task_move(*step) is None
        assert referrals.task_move(*step, "wish") is not None


def test_every_code_of_a_step_has_words() -> None:
    assert {step.reason for step in rules.MOVES} - {""} == set(rules.REASONS)
