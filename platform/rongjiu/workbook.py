"""A table that somebody sends (.xlsx or .csv), read as rows of text behind guards: size, rows, hidden bulk, entities."""

import csv
import re
import zipfile
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO, StringIO

from rongjiu.errors import Refused

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS, MOST_SIGNS = 5000, 100, 500
"""Rows and columns of a table, signs of a cell (a longer cell is cut)."""
_UNPACKED, _PARTS = 60 * 1024 * 1024, 500
"""Bytes of all parts of a workbook when unpacked, and how many parts it may have."""
_LINES = 4 * MOST_ROWS
"""Lines of a file, empty ones too."""
_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
UNREADABLE = "这个文件打不开。请用 Excel 另存为 .xlsx 或 .csv 再上传。"
TOO_BIG = "文件太大。请分成几份，每份 10 MB、5000 行以内。"


def rows(content: bytes, name: str) -> list[list[str]]:
    """The rows of the first sheet, cells as trimmed text, an empty row as [], dates as 2026-11-25; row 1 of the file is
    the first of the list, so that a line can be named by its number.

    Raises Refused naming `file` for anything that is no such table, is too large, or hides more than it shows.
    """
    ending = name.lower().rpartition(".")[2]
    if not content:
        raise Refused("请选择一个文件。", field="file")
    if len(content) > MOST_BYTES:
        raise Refused(TOO_BIG, field="file")
    if ending == "xlsx":
        return _plain(_xlsx(content))
    if ending == "csv":
        return _plain(_csv(content))
    raise Refused("只收 .xlsx 和 .csv 文件。", field="file")


def _plain(found: Iterable[Iterable[object]]) -> list[list[str]]:
    kept: list[list[str]] = []
    filled = 0
    for row in found:
        cells = [_text(cell) for cell in list(row)[:MOST_COLUMNS]]
        kept.append(cells if any(cells) else [])
        filled += bool(kept[-1])
        if filled > MOST_ROWS + 1 or len(kept) > _LINES:  # and the line of headings
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
    return " ".join(str(cell).split())[:MOST_SIGNS]


def _xlsx(content: bytes) -> list[list[object]]:
    _guard(content)
    import python_calamine  # loaded only where a table is read

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        sheet = book.get_sheet_by_index(0)
        if sheet.total_height > _LINES or sheet.total_width > MOST_COLUMNS * 10:
            raise Refused(TOO_BIG, field="file")
        return [list(row) for row in sheet.to_python(skip_empty_area=False)]
    except (python_calamine.CalamineError, ValueError, IndexError, OSError) as error:
        raise Refused(UNREADABLE, field="file") from error


def _guard(content: bytes) -> None:
    """A workbook is a zip: what its parts hold is counted while unpacking, never believed from its index."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as parts:
            infos = parts.infolist()
            if len(infos) > _PARTS or any(info.flag_bits & 1 for info in infos):
                raise Refused(UNREADABLE, field="file")
            left = _UNPACKED
            for info in infos:
                with parts.open(info) as part:
                    data = part.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise Refused(TOO_BIG, field="file")
                if _FORBIDDEN.search(data.replace(b"\0", b"")):  # UTF-16 has a nought beside each letter
                    raise Refused(UNREADABLE, field="file")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise Refused(UNREADABLE, field="file") from error


def _csv(content: bytes) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused(UNREADABLE, field="file")
    if "\0" in text:
        raise Refused(UNREADABLE, field="file")
    if text.count("\n") > _LINES or text.count("\r") > 2 * _LINES:
        raise Refused(TOO_BIG, field="file")
    try:
        head = text.partition("\n")[0]
        reader = csv.reader(StringIO(text, newline=""), delimiter="\t" if "\t" in head else ",")
        return list(reader)
    except csv.Error as error:
        raise Refused(UNREADABLE, field="file") from error
