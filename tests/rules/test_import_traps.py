"""Every trap of an old register, as a file or a cell: bombs, broken workbooks, dates and numbers as Excel mangles them."""

import resource
import time
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from rongjiu import workbook
from rongjiu.errors import Refused
from tenants.imports import cells, lines, rules
from tests import oldxls, registers
from tests.bombs import a_bomb

TODAY = date(2026, 11, 25)
BOOK = registers.workbook(registers.rows(3, 5))


def changed(replace: dict[str, bytes | None], add: dict[str, bytes] | None = None) -> bytes:
    """The workbook with some of its parts replaced or added."""
    file = BytesIO()
    with ZipFile(BytesIO(BOOK)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = replace.get(part.filename, old.read(part))
            if content is not None:
                new.writestr(part.filename, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return file.getvalue()


def test_a_ten_megabyte_bomb_is_refused_fast_and_small() -> None:
    bomb = a_bomb()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(Refused):
        workbook.kind(bomb, "台账.xlsx")
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_an_honest_bomb_is_refused_by_what_it_declares() -> None:
    bomb = changed({}, {"xl/media/a.xml": b"0" * (workbook.UNPACKED + 1)})
    began = time.process_time()
    with pytest.raises(Refused, match="解压后"):
        workbook.kind(bomb, "a.xlsx")
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    "words", [b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><sst/>', "<!DOCTYPE x>".encode("utf-16-le")]
)
def test_a_doctype_in_any_part_is_refused(words: bytes) -> None:
    with pytest.raises(Refused, match="DOCTYPE"):
        workbook.kind(changed({"xl/sharedStrings.xml": words}), "a.xlsx")


def test_a_doctype_across_two_pieces_is_seen() -> None:
    words = b"<a/>" + b" " * ((1 << 20) - 8) + b"<!DOCTYPE x>"
    with pytest.raises(Refused, match="DOCTYPE|解压后"):
        workbook.kind(changed({"xl/styles.xml": words}), "a.xlsx")


def test_a_cell_far_away_is_refused_before_room_is_made_for_it() -> None:
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(Refused, match="范围太大"):
        workbook.kind(changed({"xl/worksheets/sheet1.xml": sheet}), "a.xlsx")


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.xlsx", "空的"),
        (b"PK\x03\x04 broken", "a.xlsx", "坏了"),
        (BOOK[:-200], "a.xlsx", "坏了"),
        (BOOK, "a.xlsm", "只收"),
        (BOOK, "a.exe", "只收"),
        (BOOK, "a.csv", "后缀"),
        (b"\x7fELF\0\0\0\0", "a.xlsx", "后缀"),
        (b"\x00\x01\x02", "a.csv", "后缀"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "密码"),
        (b"x" * (workbook.LIMIT + 1), "a.csv", "25 MB"),
        (changed({"xl/workbook.xml": None}), "a.xlsx", "不是 Excel"),
        (changed({}, {f"xl/{n}.xml": b"" for n in range(workbook.MEMBERS)}), "a.xlsx", "解压后"),
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused_with_words(content: bytes, name: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        workbook.kind(content, name)
    assert caught.value.field == "file"


def test_a_broken_old_workbook_is_refused_by_the_reader() -> None:
    with pytest.raises(Refused, match="坏了"):
        workbook.sheets(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "xls")


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_text_files_in_every_coding_keep_rare_characters(coding: str) -> None:
    content = "院落,姓名,房号\n雁北新村,王𠅤䶮,501\n".encode(coding)
    (sheet,) = workbook.sheets(content, workbook.kind(content, "a.csv") if coding != "utf-16" else "csv")
    assert sheet.rows[1] == ["雁北新村", "王𠅤䶮", "501"]


def test_more_rows_than_a_community_has_are_refused() -> None:
    with pytest.raises(Refused, match="60000"):
        workbook.sheets(b"a,b\n" * (workbook.ROWS + 1), "csv")


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


FAR = {"far": b"XFD1048576", "in small letters": b"xfd1048576", "not so far": b"XFD9000"}


@pytest.mark.parametrize("place", FAR.values(), ids=FAR)
@pytest.mark.parametrize(
    "path", ["xl/worksheets/sheet1.xml", "xl/sheets/a.xml", "xl/worksheets/a.dat", "XL/Worksheets/Sheet1.XML"]
)
def test_a_cell_far_away_is_seen_wherever_and_however_its_sheet_is_written(path: str, place: bytes) -> None:
    """The reader would end the whole process: nothing can catch that."""
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r%s=\t"%s"><v>1</v></c></row></sheetData></worksheet>'
    links = ZipFile(BytesIO(BOOK)).read("xl/_rels/workbook.xml.rels")
    for blanks in (b"", b" " * 100, b"\n" * (1 << 20)):
        content = changed(
            {"xl/worksheets/sheet1.xml": None,
             "xl/_rels/workbook.xml.rels": links.replace(b"worksheets/sheet1.xml", f"/{path}".encode())},
            {path: sheet % (blanks, place)},
        )  # fmt: skip
        for read in (workbook.kind, workbook.rows):
            with pytest.raises(Refused, match="范围太大|解压后"):
                read(content, "a.xlsx")


@pytest.mark.parametrize("part", ["mimetype", "content.xml", "xl/workbook.bin", "XL\\Workbook.bin"])
def test_another_format_in_the_clothes_of_an_xlsx_is_refused(part: str) -> None:
    """The reader goes by what it finds; cells of those formats stand where no guard looks."""
    with pytest.raises(Refused, match="不是 Excel"):
        workbook.kind(changed({}, {part: b"application/vnd.oasis.opendocument.spreadsheet"}), "a.xlsx")


def test_an_old_workbook_is_read_apart_and_one_with_a_cell_far_away_ends_nobody() -> None:
    (sheet,) = workbook.sheets(oldxls.of_cells([(0, 0, 1.0), (1, 2, 14611.0)]), "xls")
    assert sheet.rows == [[1.0, "", ""], ["", "", 14611.0]]
    for row, column in ((65535, 65535), (65535, 255)):
        with pytest.raises(Refused, match="范围太大"):
            workbook.sheets(oldxls.of_cells([(0, 0, 1.0), (row, column, 1.0)]), "xls")
