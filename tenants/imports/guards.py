"""What a file is, before anything reads it: size, kind by content, and the bombs a workbook may carry. Pure."""

import re
import zlib
from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from rongjiu.codes import N_
from rongjiu.errors import Refused

LIMIT = 25 * 1024 * 1024
"""Bytes of one file."""
MEMBERS = 2000
UNPACKED = 150 * 1024 * 1024
"""Bytes of a workbook's parts together; a register of 11,067 persons unpacks to 8 MB."""
RATIO = 200
"""How many times larger than packed a part of more than a megabyte may unpack; sheets reach 20."""
CELLS = 3_000_000
"""Rows times columns of one sheet, empty cells included: a reader keeps room for each."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_DECLARED = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Z]{0,4})(\d{1,8})["']""")
_PART = 1 << 20
BOMB = N_("这个文件解压后大得不正常，没有打开它。请用 Excel 另存为新的 .xlsx 再上传。")


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
            if "xl/workbook.xml" not in names:
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
        raise Refused("文件坏了，打不开。请用 Excel 打开原文件，另存为新的 .xlsx。", field=field) from error


def _swollen(part: ZipInfo) -> bool:
    return part.file_size > _PART and part.file_size > RATIO * max(part.compress_size, 1)


def _read(stream: IO[bytes], part: ZipInfo, left: int, field: str) -> int:
    """Bytes a part really unpacks to; never more of it in memory than a megabyte."""
    size, tail, rows, columns = 0, b"", 0, 0
    written = part.filename.endswith((".xml", ".rels", ".vml"))
    sheet = part.filename.startswith("xl/worksheets/")
    while chunk := stream.read(_PART):
        size += len(chunk)
        if size > left:
            raise Refused(BOMB, field=field)
        if not written:
            continue
        text = tail + chunk
        if any(mark in text for mark in _DECLARED):
            raise Refused("文件里有不该有的内容（DOCTYPE），没有打开它。请用 Excel 另存为新的 .xlsx。", field=field)
        if sheet:
            rows, columns = _extent(text, rows, columns)
            if rows * columns > CELLS:
                raise Refused("表格的范围太大（远处有内容的格子）。请只留名册本身，另存后再上传。", field=field)
        tail = chunk[-64:]
    return size


def _extent(text: bytes, rows: int, columns: int) -> tuple[int, int]:
    """The furthest row and column that a piece of a sheet names."""
    places = _PLACE.findall(text)
    if not places:
        return rows, columns
    rows = max(rows, max(int(digits) for _, digits in places))
    for letters in {letters for letters, _ in places}:
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        columns = max(columns, column)
    return rows, columns
