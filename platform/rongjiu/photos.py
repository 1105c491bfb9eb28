"""What a photograph says besides its picture is taken off: place, time, maker, thumbnail. Pure."""

_WITH_LENGTH = 0xC0
_KEPT_APPS = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}
"""Application segments that say how colours are meant; all others (EXIF, XMP, makers' notes, thumbnails) go."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT"})
"""Chunks that make the picture; text, time and EXIF go."""


def plain(content: bytes) -> bytes:
    """A JPEG or PNG that says nothing besides its picture, anything else as it came (files.save judges it); ValueError
    when the picture is broken."""
    if content.startswith(b"\xff\xd8"):
        return plain_jpeg(content)
    return plain_png(content) if content.startswith(_PNG) else content


def plain_png(content: bytes) -> bytes:
    """A PNG without text, time and EXIF, nor what hangs behind its end; ValueError when it is broken."""
    kept, at = bytearray(_PNG), len(_PNG)
    while True:
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + length + 12
        if len(kind) != 4 or end > len(content):
            raise ValueError("broken chunk")
        if kind in _PNG_KEPT:
            kept += content[at:end]
        if kind == b"IEND":
            return bytes(kept)
        at = end


def plain_jpeg(content: bytes) -> bytes:
    """A JPEG without EXIF, XMP, comments, thumbnails and whatever hangs behind its end; ValueError when it is none."""
    if content[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    kept, at = bytearray(b"\xff\xd8"), 2
    while True:
        at, mark = _mark(content, at)
        if mark == 0xD9:
            return bytes(kept + b"\xff\xd9")
        length = int.from_bytes(content[at : at + 2])
        if mark < _WITH_LENGTH or 0xD0 <= mark <= 0xD8 or length < 2 or at + length > len(content):
            raise ValueError("broken segment")
        body = content[at : at + length]
        if _wanted(mark, body[2:]):
            kept += bytes((0xFF, mark)) + body
        at += length
        if mark == 0xDA:  # the picture itself, up to the next mark
            end = _end_of_scan(content, at)
            kept += content[at:end]
            at = end


def _wanted(mark: int, body: bytes) -> bool:
    if mark == 0xFE:
        return False
    return body.startswith(_KEPT_APPS.get(mark, b"\0none")) if 0xE0 <= mark <= 0xEF else True


def _mark(content: bytes, at: int) -> tuple[int, int]:
    """The next mark and where what follows it begins."""
    if content[at : at + 1] != b"\xff":
        raise ValueError("no mark")
    while content[at : at + 1] == b"\xff":
        at += 1
    if at >= len(content):
        raise ValueError("no end")
    return at + 1, content[at]


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise ValueError("no end")
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2
