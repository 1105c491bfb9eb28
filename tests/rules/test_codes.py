"""Numbers of China's registers: right ones pass in any writing, wrong ones say what is wrong."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongjiu.codes import CodeError, age_on, credit_check, credit_code, division, id_number, mobile, phone

TODAY = date(2026, 1, 1)
ID = "11010519491231002X"  # the standard's own example


def test_an_identity_number_tells_birth_date_sex_and_place() -> None:
    for text in (ID, "11010519491231002x", " 110105 1949 1231 002x", "１１０１０５１９４９１２３１００２Ｘ"):
        found = id_number(text, today=TODAY)
        assert (found.number, found.born, found.sex, found.division) == (ID, date(1949, 12, 31), "female", "110105")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "应为 18 位"),
        ("110105491231002", "应为 18 位"),
        ("11010519491231002XX", "应为 18 位"),
        ("1101051949123100AX", "前 17 位是数字"),
        ("01010519491231002X", "地区"),
        ("110105194913310025", "不是一个日期"),
        ("110105204912310027", "出生日期不可能"),
        ("110105189912310021", "出生日期不可能"),
        ("110105194912310021", "最后一位对不上"),
        ("11010519491231003X", "最后一位对不上"),
    ],
)
def test_a_wrong_identity_number_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        id_number(text, today=TODAY)


def test_age_in_full_years() -> None:
    assert [age_on(date(1938, 8, 11), date(2022, 8, d)) for d in (10, 11)] == [83, 84]
    assert [age_on(date(2004, 2, 29), day) for day in (date(2022, 2, 28), date(2022, 3, 1))] == [17, 18]


def test_a_credit_code_passes_in_any_writing() -> None:
    for text in (
        "91350100M000100Y43",
        "91350100m000100y43",
        "９１３５０１００Ｍ０００１００Ｙ４３",
        "9135 0100-M000 100Y43",
    ):
        assert credit_code(text) == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("91350100M000100Y44", "^第 18 位对不上,请照执照再看一眼$"),
        ("91350100M000100Y4", "应为 18 位"),
        ("91350100I000100Y43", "没有 I、O、S、V、Z"),
        ("9135A100M000100Y43", "第 3 到 8 位是数字"),
    ],
)
def test_a_wrong_credit_code_says_where_to_look(text: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        credit_code(text)


_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(
    st.tuples(
        st.text("159Y", min_size=1, max_size=1),
        st.text("1239", min_size=1, max_size=1),
        st.text("0123456789", min_size=6, max_size=6),
        st.text(_LETTERS, min_size=9, max_size=9),
    ).map("".join),
    st.sampled_from([0, 1, *range(8, 17)]),
    st.integers(1, 30),
)
def test_one_wrong_character_of_a_credit_code_is_always_caught(first: str, place: int, step: int) -> None:
    wrong = first[:place] + _LETTERS[(_LETTERS.index(first[place]) + step) % 31] + first[place + 1 :]
    check = credit_check(first)
    assert credit_code(first + check) == first + check
    with pytest.raises(CodeError, match="第 18 位对不上"):
        credit_code(wrong + check)


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "１３８１２３４５６７８",
        "138 1234 5678",
        "+86 138-1234-5678",
        "008613812345678",
        "8613812345678",
        "(86)13812345678",
    ],
)
def test_a_mobile_number_in_any_writing(text: str) -> None:
    assert mobile(text) == phone(text) == "13812345678"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1381234567", "11 位"),
        ("12812345678", "13 到 19"),
        ("138abcd5678", "只写数字"),
        ("", "只写数字"),
        ("029-85251234", "13 到 19|11 位"),
    ],
)
def test_a_wrong_mobile_number(text: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        mobile(text)


def test_landlines_and_hotlines() -> None:
    assert phone("（０２９）８５２５１２３４") == "029-85251234"
    assert phone("010 62345678") == "010-62345678" and phone("0911-2123456") == "0911-2123456"
    assert [phone(text) for text in ("12345", "96789", "400-800-1234")] == ["12345", "96789", "4008001234"]
    with pytest.raises(CodeError, match="区号"):
        phone("029-1234")


def test_division_codes_know_their_level() -> None:
    found = division("６１０１０３００２００２")
    assert (found.code, found.level, found.county, found.street) == ("610103002002", "community", "610103", "610103002")
    assert [division(code).level for code in ("61", "6101", "610103", "610103002", "610103000000")] == [
        "province",
        "city",
        "county",
        "street",
        "county",
    ]
    assert division("610103002") == division("610103002000")


@pytest.mark.parametrize("text", ["", "6101030020021", "61010300200", "61010300200A", "990103002002"])
def test_a_wrong_division_code(text: str) -> None:
    with pytest.raises(CodeError, match="社区代码"):
        division(text)
