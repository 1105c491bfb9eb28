"""Every trap of an old register as a file: bombs, broken workbooks, foreign formats, codings."""

import resource
import time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from rongjiu import workbook
from rongjiu.errors import Refused
from tests import oldxls, registers
from tests.bombs import a_bomb

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
