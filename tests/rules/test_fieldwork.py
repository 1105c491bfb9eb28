"""Clocks of phones, and photographs without what they say besides their picture."""

from datetime import UTC, datetime, timedelta

import pytest

from rongjiu.photos import plain_jpeg
from tenants.fieldwork.rules import OLDEST, told_at

NOON = datetime(2026, 8, 10, 4, tzinfo=UTC)
EXIF = b"\xff\xe1" + (2 + 26).to_bytes(2) + b"Exif\0\0GPS 34.2 108.9 XIAN"[:26].ljust(26, b"!")


def segment(mark: int, body: bytes) -> bytes:
    return bytes((0xFF, mark)) + (len(body) + 2).to_bytes(2) + body


def jpeg(*extra: bytes, tail: bytes = b"") -> bytes:
    """The bones of a JPEG: tables, a frame, two scans with a stuffed octet and a restart mark."""
    scan = segment(0xDA, b"\x01\x01\0\0?\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    frame = (
        segment(0xDB, b"\0" * 65)
        + segment(0xC2, b"\x08\0\x10\0\x10\x01\x01\x11\0")
        + scan
        + segment(0xC4, b"\0" * 20)
        + scan
    )
    return (
        b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + b"".join(extra) + frame + b"\xff\xd9" + tail
    )


@pytest.mark.parametrize(
    "extra",
    [
        EXIF, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), segment(0xFE, b"a comment"), segment(0xED, b"Photoshop 3.0\0IPTC"),
        segment(0xE2, b"MPF\0second picture"), b"\xff\xff" + segment(0xEF, b"maker")[1:],
    ],
)  # fmt: skip
def test_what_is_not_picture_goes(extra: bytes) -> None:
    assert plain_jpeg(jpeg(extra)) == jpeg()


def test_colours_stay_and_what_hangs_behind_goes() -> None:
    profile = segment(0xE2, b"ICC_PROFILE\0\x01\x01colours")
    assert plain_jpeg(jpeg(profile, EXIF, tail=b"a whole second file")) == jpeg(profile)
    assert plain_jpeg(plain_jpeg(jpeg(EXIF))) == jpeg()


@pytest.mark.parametrize("cut", range(1, len(jpeg())))
def test_a_cut_picture_is_refused(cut: int) -> None:
    with pytest.raises(ValueError):
        plain_jpeg(jpeg()[:cut])


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1\0\0", b"\xff\xd8\xff\xe1\0\x01x", b"\xff\xd8abc"],
)
def test_odd_files_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        plain_jpeg(content)


def test_a_clock_is_set_right_and_never_runs_ahead() -> None:
    hour = timedelta(hours=1)
    assert told_at(NOON - hour, timedelta(), NOON) == NOON - hour
    assert told_at(NOON - timedelta(days=365), timedelta(days=364), NOON) == NOON - timedelta(days=1)
    assert told_at(NOON + hour, timedelta(), NOON) == NOON
    assert told_at(NOON - OLDEST - hour, timedelta(), NOON) == NOON
    assert told_at(NOON - timedelta(days=14), timedelta(), NOON) == NOON - timedelta(days=14), "fourteen days offline"
