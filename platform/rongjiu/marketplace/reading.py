"""Reading a business licence from a photograph, offline, where a reader is installed (extra `reader`); nothing leaves
the server and the photograph is not kept. What is read is only a proposal: the code must pass GB 32100-2015."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from rongjiu import codes
from rongjiu.errors import Refused

Reader = Callable[[bytes], Sequence[str]]
PACKAGE = "rapidocr_onnxruntime"
LIMIT = 10 * 1024 * 1024
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_CODE = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])")
_NAME = re.compile(r"^(?:单位)?名\s*称\s*[::]?\s*(.*)$")
_chosen: list[Reader] = []


@dataclass(frozen=True, slots=True)
class Found:
    """What a licence says, as far as it could be read; empty where it could not."""

    name: str = ""
    uscc: str = ""


def choose(reader: Reader | None) -> None:
    """Read with another reader than the installed one; None goes back to that."""
    _chosen[:] = [reader] if reader else []


def available() -> bool:
    """Is there a reader on this server?"""
    return bool(_chosen) or find_spec(PACKAGE) is not None


def read(photo: bytes) -> Found:
    """Name and code of a licence. Raises Refused naming `photo` when there is no reader, the file is no picture, or
    nothing could be read."""
    if not available():
        raise Refused("这台服务器没有装识别工具。请照执照输入。", field="photo")
    if not photo.startswith(_MAGIC) or len(photo) > LIMIT:
        raise Refused("识别只收照片(JPG、PNG),不超过 10 MB。也可以直接照执照输入。", field="photo")
    reader = _chosen[0] if _chosen else _installed()
    found = parse(reader(photo))
    if found == Found():
        raise Refused("没有认出来。请拍正、拍亮再试,或直接照执照输入。", field="photo")
    return found


def parse(lines: Sequence[str]) -> Found:
    """Name and code out of the lines of a licence; a code that fails its check is taken for not read."""
    return Found(_name(lines), _code(lines))


def _code(lines: Sequence[str]) -> str:
    for line in lines:
        for candidate in _CODE.findall(re.sub(r"[\s-]", "", line).upper()):
            try:
                return codes.credit_code(candidate)
            except codes.CodeError:
                continue
    return ""


def _name(lines: Sequence[str]) -> str:
    for at, line in enumerate(lines):
        if found := _NAME.match(line.strip()):
            following = lines[at + 1] if at + 1 < len(lines) else ""
            return (found[1] or following).strip()[:60]
    return ""


def _installed() -> Reader:
    """The installed reader, loaded at its first use: it takes a second and 150 MiB."""
    from rapidocr_onnxruntime import RapidOCR

    engine = RapidOCR()

    def lines(photo: bytes) -> Sequence[str]:
        rows, _seconds = engine(photo)
        return [str(row[1]) for row in rows or ()]

    _chosen[:] = [lines]
    return lines
