"""The masking table, line by line."""

import pytest

from rongjiu import masks


@pytest.mark.parametrize(
    ("full", "masked", "public"),
    [
        ("张三", "张*", "张某"),
        ("欧阳小明", "欧阳**", "欧阳某"),
        ("周某", "周*", "周某"),
        ("司马光", "司马*", "司马某"),
        ("欧阳", "欧*", "欧某"),
        ("张", "张*", "张某"),
        (" 王小二 ", "王**", "王某"),
        ("", "", ""),
    ],
)
def test_names(full: str, masked: str, public: str) -> None:
    assert (masks.name(full), masks.public_name(full)) == (masked, public)


def test_how_a_helper_addresses_somebody() -> None:
    assert masks.addressed("周大山", "male") == "周先生"
    assert masks.addressed("欧阳小明", "female") == "欧阳女士"
    assert masks.addressed("周大山", None) == "周某"


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13812345678", "138****5678"), ("029-85251234", "029-****1234"), ("12345", "*****"), ("", "")],
)
def test_phones(number: str, masked: str) -> None:
    assert masks.phone(number) == masked


def test_an_identity_number_keeps_no_tail() -> None:
    assert masks.id_number("610103194001011234") == "6101**************"
    assert masks.id_number("6101") == "****"


def test_an_address_is_the_courtyard_only() -> None:
    assert masks.address("雁北新村", "3号楼", "2单元", "401室") == "雁北新村"


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "0-13"),
        (13, "0-13"),
        (14, "14-17"),
        (18, "18-59"),
        (59, "18-59"),
        (60, "60+"),
        (79, "70+"),
        (80, "80+"),
        (84, "80+"),
        (101, "80+"),
    ],
)
def test_age_bands(age: int, band: str) -> None:
    assert masks.age_band(age) == band


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "少于5"), (4, "少于5"), (5, "5"), (1356, "1356")])
def test_small_counts(count: int, shown: str) -> None:
    assert masks.small(count) == shown


def test_a_lone_small_cell_cannot_be_found_by_subtraction() -> None:
    assert masks.cells({"a": 3, "b": 9, "c": 20, "d": 0}) == {"a": "少于5", "b": "…", "c": "20", "d": "0"}
    assert masks.cells({"a": 3, "b": 4, "c": 20}) == {"a": "少于5", "b": "少于5", "c": "20"}
    assert masks.cells({"a": 3}) == {"a": "少于5"}
