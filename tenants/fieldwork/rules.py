"""Clocks of phones, and what a photograph says besides its picture. Pure."""

from datetime import datetime, timedelta

OLDEST = timedelta(days=60)
"""A phone keeps its queue for 21 days; what claims to be much older has a wrong clock, not a long memory."""
_WITH_LENGTH = 0xC0
_KEPT_APPS = {0xE0: b"JFIF", 0xE2: b"ICC_PROFILE", 0xEE: b"Adobe"}
"""Application segments that say how colours are meant; all others (EXIF, XMP, makers' notes, thumbnails) go."""


def told_at(phone_at: datetime, skew: timedelta, received_at: datetime) -> datetime:
    """When something was entered on a phone whose clock was behind ours by `skew`.

    Never after it was received; a moment that cannot be (the clock was set meanwhile) becomes the moment of receipt.
    """
    moment = phone_at + skew
    return moment if received_at - OLDEST <= moment <= received_at else received_at


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
