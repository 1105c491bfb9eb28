"""A table that somebody sends, behind guards: size, kind by content, bombs, cells far away; then its rows.

The reader makes room for every cell up to the furthest one and ends the whole process when there is none, so that what
a file says is measured before it is read; an old .xls, whose cells cannot be measured, is read by a process of its own
that may end. Formulas give their last result, macros are never run.
"""

import csv
import json
import re
import subprocess  # noqa: S404 - an old workbook is read apart
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import IO, Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from rongjiu import oldbook
from rongjiu.codes import N_
from rongjiu.errors import Refused

LIMIT = 25 * 1024 * 1024
"""Bytes of one file."""
MEMBERS = 2000
UNPACKED = 150 * 1024 * 1024
"""Bytes of a workbook's parts together; a register of 11,067 persons unpacks to 8 MB."""
RATIO = 200
"""How many times larger than packed a part of more than a megabyte may unpack; sheets reach 20."""
CELLS = oldbook.CELLS
"""Rows times columns of one sheet, empty cells included: a reader keeps room for each."""
ROWS = 60_000
SHEETS = oldbook.SHEETS
SHORT_BYTES, SHORT_ROWS, SHORT_COLUMNS, SHORT_SIGNS = 10 * 1024 * 1024, 5000, 100, 500
"""Of a short table (`rows`): bytes, rows, columns, and signs of a cell (a longer cell is cut)."""
_LINES = 4 * SHORT_ROWS
"""Lines of a short table, empty ones too."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_PLACE = re.compile(rb"""\br\s*=\s*["']\s*([A-Za-z]{0,4})(\d{1,10})""")
_BLANKS = re.compile(rb"\s{2,}")
_OTHERS = ("mimetype", "content.xml", "xl/workbook.bin")
"""Parts by which the reader would take a file for another format, whose cells stand elsewhere."""
_PART = 1 << 20
BOMB = N_("这个文件解压后大得不正常，没有打开它。请用 Excel 另存为新的 .xlsx 再上传。")
FAR = N_("表格的范围太大（远处有内容的格子）。请只留名册本身，另存后再上传。")
BROKEN = N_("文件坏了，打不开。请用 Excel 打开原文件，另存为新的 .xlsx。")
TOO_BIG = N_("文件太大。请分成几份，每份 10 MB、5000 行以内。")
Row = list[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and all rows from the first, so that row n stands at n-1."""

    name: str
    rows: list[Row]


def kind(content: bytes, name: str, field: str = "file") -> str:
    """xlsx | xls | csv, by content and ending, after everything that could hurt was looked at.

    Raises Refused naming `field`: empty, over 25 MB, another kind, locked by a password, a bomb, an XML with DOCTYPE.
    """
    if not content:
        raise Refused("文件是空的，请重新选择。", field=field)
    if len(content) > LIMIT:
        raise Refused("文件超过 25 MB。请分成几份上传。", field=field)
    ending = name.rpartition(".")[2].lower()
    if ending not in ("xlsx", "xls", "csv"):
        raise Refused("只收 .xlsx、.xls、.csv 文件。带宏的 .xlsm 请另存为 .xlsx。", field=field)
    found = "xlsx" if content.startswith(b"PK") else "xls" if content.startswith(_OLE) else "csv"
    if found == "xls" and _LOCKED in content:
        raise Refused("文件设了密码，打不开。请去掉密码另存后再上传。", field=field)
    if found == "csv" and (ending != "csv" or b"\0" in content[:4096]):
        raise Refused("文件内容不是表格，可能改过后缀。请用 Excel 打开原文件，另存为 .xlsx。", field=field)
    if found != "csv" and ending == "csv":
        raise Refused("文件内容和后缀不一致，请改回原来的后缀 .xlsx 或 .xls。", field=field)
    if found == "xlsx":
        _workbook(content, field)
    return found


def _workbook(content: bytes, field: str) -> None:
    try:
        with ZipFile(BytesIO(content)) as book:
            parts = book.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names or any(name.endswith(_OTHERS) for name in _plain_names(names)):
                raise Refused("文件内容不是 Excel 工作簿。请用 Excel 打开原文件，另存为 .xlsx。", field=field)
            if len(parts) > MEMBERS or sum(part.file_size for part in parts) > UNPACKED or any(map(_swollen, parts)):
                raise Refused(BOMB, field=field)
            left = UNPACKED
            for part in parts:
                if part.flag_bits & 1:
                    raise Refused("文件设了密码，打不开。请去掉密码另存后再上传。", field=field)
                with book.open(part) as stream:
                    left -= _read(stream, part, left, field)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, OSError) as error:
        raise Refused(BROKEN, field=field) from error


def _swollen(part: ZipInfo) -> bool:
    return part.file_size > _PART and part.file_size > RATIO * max(part.compress_size, 1)


def _plain_names(names: Iterable[str]) -> list[str]:
    """Names of parts as the reader compares them: large and small alike, either stroke."""
    return [name.lower().replace("\\", "/") for name in names]


def _read(stream: IO[bytes], part: ZipInfo, left: int, field: str) -> int:
    """Bytes a part really unpacks to; never more of it in memory than a megabyte. Any part may be a sheet, whatever it
    is called, so that each is measured."""
    size, tail, rows, columns = 0, b"", 0, 0
    while chunk := stream.read(_PART):
        size += len(chunk)
        if size > left:
            raise Refused(BOMB, field=field)
        text = _BLANKS.sub(b" ", tail + chunk)
        if any(mark in text for mark in _DECLARED):
            raise Refused("文件里有不该有的内容（DOCTYPE），没有打开它。请用 Excel 另存为新的 .xlsx。", field=field)
        rows, columns = _extent(text, rows, columns)
        if rows * columns > CELLS:
            raise Refused(FAR, field=field)
        tail = text[-64:]
    return size


def _extent(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """The furthest row and column that a piece of a sheet names."""
    places = _PLACE.findall(text)
    if not places:
        return rows, columns
    rows = max(rows, max(int(digits) for _, digits in places))
    for letters in {letters for letters, _ in places}:
        column = 0
        for letter in letters.upper():
            column = column * 26 + letter - 64
        columns = max(columns, column)
    return rows, columns


def sheets(content: bytes, kind: str, only: str | None = None) -> list[Sheet]:
    """The sheets of a file that `kind` has let pass; `only` reads one by name.

    Raises Refused naming `file` when it cannot be read or holds more than 60,000 rows.
    """
    if kind == "csv":
        return [Sheet("csv", _csv(content))]
    found = _apart(content, only) if kind == "xls" else oldbook.read(content, only)
    if isinstance(found, str):
        raise Refused(FAR if found == oldbook.FAR else BROKEN, field="file")
    for _name, rows in found:
        _limited(rows)
    return [Sheet(name, rows) for name, rows in found]


def tables(content: bytes, name: str) -> list[list[list[str]]]:
    """The rows of every sheet of a short workbook, each as `rows` has them; raises as `rows`."""
    return [_texts(sheet.rows) for sheet in _short(content, name)]


def rows(content: bytes, name: str) -> list[list[str]]:
    """The rows of the first sheet of a short table (.xlsx or .csv), cells as trimmed text, an empty row as [], dates as
    2026-11-25; row 1 of the file is the first of the list, so that a line can be named by its number.

    Raises Refused naming `file` for anything that is no such table, is too large, or hides more than it shows.
    """
    found = _short(content, name)
    return _texts(found[0].rows if found else [])


def _short(content: bytes, name: str) -> list[Sheet]:
    if not content:
        raise Refused("请选择一个文件。", field="file")
    if len(content) > SHORT_BYTES:
        raise Refused(TOO_BIG, field="file")
    if name.lower().rpartition(".")[2] not in ("xlsx", "csv"):
        raise Refused("只收 .xlsx 和 .csv 文件。", field="file")
    return sheets(content, kind(content, name))


def _texts(found: Iterable[Iterable[object]]) -> list[list[str]]:
    kept: list[list[str]] = []
    filled = 0
    for row in found:
        cells = [_text(cell) for cell in list(row)[:SHORT_COLUMNS]]
        kept.append(cells if any(cells) else [])
        filled += bool(kept[-1])
        if filled > SHORT_ROWS + 1 or len(kept) > _LINES:  # and the line of headings
            raise Refused(TOO_BIG, field="file")
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _text(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())[:SHORT_SIGNS]


def _apart(content: bytes, only: str | None) -> list[tuple[str, list[Row]]] | str:
    """Read an old workbook in a process of its own, with little room: a file that asks for more ends that one alone."""
    words = [sys.executable, "-I", oldbook.__file__, *([only] if only is not None else [])]
    try:
        done = subprocess.run(words, input=content, capture_output=True, timeout=oldbook.SECONDS, check=False)  # noqa: S603 - our own command
    except subprocess.TimeoutExpired:
        return oldbook.FAR
    if done.returncode != 0:
        return oldbook.FAR
    found = json.loads(done.stdout)
    return (
        found if isinstance(found, str) else [(name, [list(map(_cell, row)) for row in rows]) for name, rows in found]
    )


def _cell(kept: Any) -> Any:
    """A value as `oldbook` sends it: days and times as [kind, text or seconds]."""
    if not isinstance(kept, list):
        return kept
    kinds: dict[str, Any] = {"datetime": datetime, "date": date, "time": time}
    how, value = kept
    return timedelta(seconds=value) if how == "timedelta" else kinds[how].fromisoformat(value)


def _limited(rows: Iterable[Row]) -> list[Row]:
    kept = []
    for row in rows:
        kept.append(row)
        if len(kept) > ROWS:
            raise Refused("表格超过 60000 行。请按院落分成几份上传。", field="file")
    return kept


def _csv(content: bytes) -> list[Row]:
    text = _decoded(content)
    if "\0" in text:
        raise Refused(BROKEN, field="file")
    first = text.split("\n", 1)[0]
    sign = max(",\t;", key=first.count)
    try:
        return _limited(csv.reader(StringIO(text, newline=""), delimiter=sign))
    except csv.Error as error:
        raise Refused(BROKEN, field="file") from error


def _decoded(content: bytes) -> str:
    """Excel in China writes csv as GB 18030, everything else as UTF-8 or UTF-16 with a mark."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        coding: tuple[str, ...] = ("utf-16",)
    else:
        coding = ("utf-8-sig", "gb18030")
    for name in coding:
        try:
            return content.decode(name)
        except UnicodeDecodeError:
            continue
    raise Refused("文件里的字认不出来。请用 Excel 打开，另存为 .xlsx 再上传。", field="file")
