"""A table that somebody sends: read as text, refused when it is no table or hides more than it shows."""

import zipfile
from datetime import date
from io import BytesIO

import pytest
from xlsxwriter import Workbook

from rongjiu import workbook
from rongjiu.errors import Refused

ROWS = [["姓名", "身份证号"], ["周某", "610103194001011234"], [], ["马某", "x"]]


def _xlsx(*cells: list[object]) -> bytes:
    file = BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        for line, row in enumerate(cells):
            for column, value in enumerate(row):
                sheet.write(line, column, value, form if isinstance(value, date) else None)
    return file.getvalue()


def _with_part(name: str, data: bytes) -> bytes:
    file = BytesIO(_xlsx(["姓名"], ["周某"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_any_of_our_encodings(encoding: str) -> None:
    text = "\r\n".join(",".join(row) for row in ROWS)
    assert workbook.rows(text.encode(encoding), "名单.CSV") == ROWS
    assert workbook.rows(text.replace(",", "\t").encode(encoding), "a.csv") == ROWS


def test_a_workbook_keeps_its_line_numbers_and_writes_days_and_numbers_plainly() -> None:
    content = _xlsx(["姓名", "出生日期", "年龄"], [], ["周某", date(1940, 1, 1), 84], ["马某", "", 81.5])
    assert workbook.rows(content, "a.xlsx") == [
        ["姓名", "出生日期", "年龄"], [], ["周某", "1940-01-01", "84"], ["马某", "", "81.5"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.xlsx"),
        (b"not a zip", "a.xlsx"),
        (b"PK\x03\x04broken", "a.xlsx"),
        ("姓名\n".encode(), "a.xls"),
        ("姓名\n".encode(), "a"),
        (b"a\0b,c", "a.csv"),
        (b"\xff\xff\xff\xff", "a.csv"),
        (b"a,b\n" * 5002, "a.csv"),
        (b"\n" * 30_000, "a.csv"),
        (b"x" * (10 * 1024 * 1024 + 1), "a.csv"),
        (_with_part("xl/evil.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "a.xlsx"),
        (_with_part("xl/evil.xml", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'.encode("utf-16")), "a.xlsx"),
        (_with_part("xl/big.bin", b"\0" * (61 * 1024 * 1024)), "a.xlsx"),
        (_xlsx(*(["a"] for _ in range(5002))), "a.xlsx"),
        (_xlsx(["a"], *([] for _ in range(30_000)), ["b"]), "a.xlsx"),
    ],
)
def test_what_is_no_table_or_hides_more_than_it_shows_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(Refused) as refused:
        workbook.rows(content, name)
    assert refused.value.field == "file"


def test_as_many_rows_as_are_promised_are_read() -> None:
    assert len(workbook.rows(b"a,b\n" * 5001, "a.csv")) == 5001
