"""A file as rows of plain values: workbooks through calamine, text through the csv module. Formulas give their last
result, macros are never run."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from rongjiu.errors import Refused

ROWS = 60_000
SHEETS = 20
Row = list[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name and all rows from the first, so that row n stands at n-1."""

    name: str
    rows: list[Row]


def sheets(content: bytes, kind: str, only: str | None = None) -> list[Sheet]:
    """The sheets of a file that `guards.kind` has let pass; `only` reads one by name.

    Raises Refused when it cannot be read or holds more than 60,000 rows.
    """
    if kind == "csv":
        return [Sheet("csv", _csv(content))]
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = [name for name in book.sheet_names[:SHEETS] if only is None or name == only]
        found = [Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in names]
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("文件坏了，打不开。请用 Excel 打开原文件，另存为新的 .xlsx。", field="file") from error
    for sheet in found:
        _limited(sheet.rows)
    return found


def _limited(rows: Iterable[Row]) -> list[Row]:
    kept = []
    for row in rows:
        kept.append(row)
        if len(kept) > ROWS:
            raise Refused("表格超过 60000 行。请按院落分成几份上传。", field="file")
    return kept


def _csv(content: bytes) -> list[Row]:
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    sign = max(",\t;", key=first.count)
    try:
        return _limited(csv.reader(StringIO(text, newline=""), delimiter=sign))
    except csv.Error as error:
        raise Refused("文件坏了，打不开。请用 Excel 打开原文件，另存为新的 .xlsx。", field="file") from error


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
