"""Reading the codes that a picture shows (QR and the like), on this server alone: nothing leaves it, nothing is kept."""

import re
import warnings
from io import BytesIO

MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
SIDE = 2400
"""Pixels of the longer side at which a picture is read: a code that a telephone would scan off it is found there."""
LARGEST = 120_000_000
"""Pixels of a picture that is read at all; more is a bomb, not a photograph."""
MOST = 8
"""Photographs inside one PDF that are read: a scan has one a page."""
_INSIDE = re.compile(rb"\xff\xd8\xff.+?\xff\xd9(?=\s*endstream)", re.DOTALL)


def read(content: bytes) -> list[str]:
    """The texts of all codes in a JPEG or PNG, or in the photographs inside a PDF; none for any other file and for a
    picture that cannot be opened: whoever keeps the file judges that (files.save)."""
    if content.startswith(b"%PDF-"):
        return [text for photo in _INSIDE.findall(content)[:MOST] for text in _texts(photo)]
    return _texts(content) if content.startswith(MAGIC) else []


def _texts(content: bytes) -> list[str]:
    import zxingcpp
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content))
            if picture.width * picture.height > LARGEST:
                return []
            picture.draft("L", (SIDE, SIDE))  # a JPEG is decoded no larger than is read
            grey = picture.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return []
    grey.thumbnail((SIDE, SIDE))
    return [found.text for found in zxingcpp.read_barcodes(grey) if found.text]
