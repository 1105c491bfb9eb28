"""A true old workbook (.xls): BIFF8 records in a compound file, as Excel 97 to 2003 wrote them."""

import struct
from collections.abc import Sequence
from datetime import date

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_GENERAL, _DATE = 0, 1
"""Cell formats by their number: as typed, and a date."""


def workbook(rows: Sequence[Sequence[object]], title: str = "居民") -> bytes:
    """A file of one sheet: texts, numbers, dates as serial numbers with a date's format."""
    return of_cells([(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)], title)


def of_cells(cells: Sequence[tuple[int, int, object]], title: str = "居民") -> bytes:
    """The same from cells by row and column, both from 0."""
    sheet = _bof(0x10) + b"".join(_cell(*each) for each in cells) + _record(0x0A)
    formats = b"".join(_record(0xE0, struct.pack("<HHHHHHHHI", 0, kind, 0, 0, 0, 0, 0, 0, 0)) for kind in (0, 14))
    name = title.encode("utf-16-le")

    def globals_of(at: int) -> bytes:
        bound = struct.pack("<IBBBB", at, 0, 0, len(title), 1) + name
        return _bof(0x05) + _record(0x42, struct.pack("<H", 1200)) + formats + _record(0x85, bound) + _record(0x0A)

    return _compound(globals_of(len(globals_of(0))) + sheet)


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0x41, 0x06))


def _cell(row: int, column: int, value: object) -> bytes:
    if value in (None, ""):
        return b""
    if isinstance(value, date):
        return _record(0x203, struct.pack("<HHHd", row, column, _DATE, float((value - date(1899, 12, 30)).days)))
    if isinstance(value, int | float):
        return _record(0x203, struct.pack("<HHHd", row, column, _GENERAL, float(value)))
    text = str(value).encode("utf-16-le")
    return _record(0x204, struct.pack("<HHHHB", row, column, _GENERAL, len(text) // 2, 1) + text)


def _compound(stream: bytes) -> bytes:
    """The stream `Workbook` alone, long enough to need no small sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(stream) // _SECTOR
    tables = 1
    while tables * 128 < tables + 1 + sectors:
        tables += 1
    first = tables + 1
    chain = [_FAT] * tables + [_END] + [first + n + 1 for n in range(sectors - 1)] + [_END]
    fat = struct.pack(f"<{tables * 128}I", *chain, *[_FREE] * (tables * 128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    folder = _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, first, len(stream))
    return header + fat + folder.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    words = (name + "\0").encode("utf-16-le")
    return words.ljust(64, b"\0") + struct.pack("<HBBIII36xIQ", len(words), kind, 1, _FREE, _FREE, child, start, size)
