"""Codes that are read aloud, texts that sound alike, small questions."""

from math import log2
from random import Random

import pytest

from tenants.signals import rules


def test_a_code_has_forty_bits_and_no_look_alikes() -> None:
    assert rules.CODE_LENGTH * log2(len(rules.CODE_LETTERS)) >= 40
    assert not set("0O1IL2Z5SBUV") & set(rules.CODE_LETTERS)
    code = rules.code(bytes(range(16)))
    assert len(code) == 9
    assert set(code) <= set(rules.CODE_LETTERS)
    assert rules.code(bytes(range(16))) == code != rules.code(bytes(range(1, 17)))


def test_a_code_is_read_as_it_may_be_typed() -> None:
    assert rules.spoken("ACD346XYW") == "ACD-346-XYW"
    for typed in ("acd-346-xyw", " ACD 346 XYW ", "ＡＣＤ３４６ＸＹＷ", "ACD346XYW"):
        assert rules.read_code(typed) == "ACD346XYW"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("楼上王家老人好几天没下楼了", "楼上老人好几天没有下楼，请去看看", True),
        ("想请人上门理发", "请问低保怎么申请", False),
        ("", "想请人上门理发", False),
        ("听", "听", False),
    ],
)
def test_likeness_of_words(one: str, other: str, alike: bool) -> None:
    assert (rules.likeness(one, other) >= rules.ALIKE) is alike
    assert rules.likeness(one, other) == rules.likeness(other, one)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("8", 8), (" ８ ", 8), ("八", 8), ("十二", 12), ("二十四", 24), ("两", 2), ("7天", 7), ("Twelve", 12), ("12个月", 12),
     ("", None), ("很多", None), ("十十", None), ("1000", None), ("百", None)],
)  # fmt: skip
def test_numbers_as_people_write_them(typed: str, number: int | None) -> None:
    assert rules.read_number(typed) == number


def test_every_question_has_an_answer_that_can_be_written() -> None:
    seen = set()
    for seed in range(400):
        riddle = rules.pick_riddle(Random(seed))
        seen.add(riddle.text)
        assert 1 <= riddle.answer <= 24
        assert rules.read_number(str(riddle.answer)) == riddle.answer
        if riddle.a:
            assert rules.number_word(riddle.a, "zh") in rules.CHINESE
            assert rules.number_word(riddle.b, "en") in rules.ENGLISH
    assert seen == {rules.SUM, rules.LESS, *(text for text, _ in rules.KNOWN)}
