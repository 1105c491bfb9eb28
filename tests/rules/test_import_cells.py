"""Cells of an old register as Excel mangles them, and rows that are no plain table."""

from datetime import UTC, date, datetime

import pytest

from tenants.imports import cells, lines, rules
from tests import registers

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("value", "born", "age"),
    [
        ("1940年1月1日", date(1940, 1, 1), None), ("1940.1.1", date(1940, 1, 1), None), ("1940/01/01", date(1940, 1, 1), None),
        ("19400101", date(1940, 1, 1), None), (19400101, date(1940, 1, 1), None), (19400101.0, date(1940, 1, 1), None),
        ("1940-1-1 00:00:00", date(1940, 1, 1), None), (14611, date(1940, 1, 1), None), (14611.0, date(1940, 1, 1), None),
        ("14611", date(1940, 1, 1), None), (14611.5, date(1940, 1, 1), None), (date(1940, 1, 1), date(1940, 1, 1), None),
        (datetime(1940, 1, 1, 8, tzinfo=UTC), date(1940, 1, 1), None), ("１９４０年１月１日", date(1940, 1, 1), None), ("1940-1", None, 86),
        ("1940年", None, 86), ("1940", None, 86), (1940, None, 86), (1940.1, None, 86), ("194001", None, 86), ("", None, None),
        ("无", None, None),
    ],
)  # fmt: skip
def test_dates_in_every_form(value: object, born: date | None, age: int | None) -> None:
    assert cells.birth(value, TODAY) == (born, age)


@pytest.mark.parametrize("value", ["1940-13-01", "1940-2-30", "昨天", "2200-01-01", "1850-01-01", "19401301"])
def test_dates_that_cannot_be_are_named(value: str) -> None:
    with pytest.raises(cells.CellError):
        cells.birth(value, TODAY)


def test_an_id_number_that_excel_has_rounded_is_told_from_a_wrong_one() -> None:
    for lost in (610103194001011235.0, 6.10103194001011e17, "6.10103E+17", 610103194001011200):
        with pytest.raises(cells.CellError, match="末几位已丢失"):
            cells.id_number(lost, TODAY)
    good = registers.id_number(date(1940, 1, 1), 123)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in good)
    for written in (good, wide, f"'{good}", f" {good[:6]} {good[6:14]} {good[14:]}", good.lower()):
        found = cells.id_number(written, TODAY)
        assert found is not None and found.number == good
    assert cells.id_number("无", TODAY) is None
    with pytest.raises(cells.CellError):
        cells.id_number(610103400101123.0, TODAY)  # fifteen digits of the old kind


@pytest.mark.parametrize(
    ("value", "number"),
    [(13800001234.0, "13800001234"), (13800001234, "13800001234"), ("１３８００００１２３４", "13800001234"), ("138 0000 1234", "13800001234"),
     ("13800001234/13900001234", "13800001234"), ("029-85251234", "029-85251234"), ("", ""), ("无", "")],
)  # fmt: skip
def test_telephones_in_every_form(value: object, number: str) -> None:
    assert cells.phone(value) == number


@pytest.mark.parametrize(
    ("words", "door"),
    [
        ("雁北新村3号楼2单元501室", ("雁北新村", "3", "2", "501")), ("3号楼2单元501", ("", "3", "2", "501")), ("3-2-501", ("", "3", "2", "501")),
        ("雁北新村3栋501", ("雁北新村", "3", "", "501")), ("甲楼3单元2号", ("", "甲", "3", "2")), ("2单元301", ("", "", "2", "301")),
        ("３号楼２单元５０１室", ("", "3", "2", "501")),
    ],
)  # fmt: skip
def test_addresses_in_one_cell(words: str, door: tuple[str, ...]) -> None:
    assert cells.address(cells.text(words)) == door


def read(rows: list[list[object]]) -> tuple[rules.Header, list[lines.Line], lines.Reader]:
    header = rules.find_header(rows)
    reader = lines.Reader(header.mapping, header.row, {"低保对象": "dibao"}, TODAY)
    return header, list(reader.lines(rows)), reader


def test_merged_headers_titles_above_and_totals_below() -> None:
    rows: list[list[object]] = [
        ["雁北社区居民台账（2026年）", "", "", "", "", "", "", ""],
        ["序号", "住 址", "", "", "家庭成员情况", "", "", "备注"],
        ["", "小区", "楼号", "室", "姓名", "与户主关系", "公民身份号码（必填）", ""],
        [1, "雁北新村", "3号楼", 501.0, "王　建国", "户主", "", ""],
        ["", "", "", "", "李秀英", "妻", "", ""],
        ["", "", "", 502.0, "张伟", "户主", "", ""],
        [None, None, None, None, None, None, None, None],
        ["合 计", "", "", "", "3人", "", "", ""],
        ["填表人：某某", "", "", "", "", "", "", ""],
    ]
    header, found, reader = read(rows)
    assert (header.row, header.mapping) == (
        3,
        ("", "courtyard", "building", "room", "name", "relation", "id_number", ""),
    )
    assert [(line.row, line.courtyard, line.building, line.room, line.name, line.relation) for line in found] == [
        (4, "雁北新村", "3", "501", "王建国", "02"), (5, "雁北新村", "3", "501", "李秀英", "10"), (6, "雁北新村", "3", "502", "张伟", "02"),
    ]  # fmt: skip
    assert (reader.skipped, [line.faults for line in found]) == (2, [[], [], []])


def test_a_head_without_a_door_is_not_given_the_neighbours() -> None:
    _, found, _ = read([["房号", "姓名", "与户主关系"], ["501", "王一", "户主"], ["", "赵二", "户主"]])
    assert [bool(line.faults) for line in found] == [False, True]


def test_a_unit_left_blank_beside_a_given_building_stays_blank() -> None:
    rows: list[list[object]] = [
        ["小区", "楼号", "单元", "房号", "姓名"],
        ["甲院", "3", "2", "501", "王一"],
        ["甲院", "4", "", "101", "赵二"],
    ]
    _, found, _ = read(rows)
    assert (found[1].building, found[1].unit) == ("4", "")


def test_a_head_column_beside_the_members_column() -> None:
    header, found, _ = read([["房号", "户主姓名", "成员姓名", "关系"], ["501", "王一", "李二", "妻"]])
    assert header.mapping == ("room", "", "name", "relation")
    assert found[0].name == "李二"


def test_columns_without_a_purpose_are_left_out_by_themselves() -> None:
    header = rules.find_header([["姓名", "房号", "政治面貌", "宗教信仰", "银行卡号", "低保金额"]])
    assert header.mapping == ("name", "room", "", "", "", "")
    assert all(target.purpose for target in rules.TARGETS)


def test_groups_and_relations_that_nobody_knows_are_noted_not_lost_in_silence() -> None:
    _, found, _ = read([["房号", "姓名", "关系", "人群类别"], ["501", "王一", "干儿子", "低保对象、超人"]])
    assert (found[0].groups, found[0].faults, len(found[0].notes)) == (("dibao",), [], 2)


def test_two_columns_of_one_meaning_and_a_missing_door_are_refused() -> None:
    assert rules.missing(["name", "name", "room"])
    assert rules.missing(["name", "phone"])
    assert rules.missing(["room"])
    assert rules.missing(["name", "", "address"]) is None


def test_unseen_signs_are_dropped_and_rare_characters_stay() -> None:
    assert rules.narrow("\ufeff王\u200b𠅤\x00㛃\u3000") == "王𠅤㛃"
    assert rules.masked("王𠅤㛃") == "王**"
    assert rules.masked(13800001234.0) == "1**********"
