"""Reading a workbook's sheets, and nothing of this house: it also runs as a program, for files that cannot be measured
before they are read. The reader keeps room for every cell up to the furthest, and where there is none the process ends.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

CELLS = 3_000_000
"""Rows times columns of one sheet."""
SHEETS = 20
ROOM = 768 * 1024 * 1024
"""Bytes that a process of its own may take."""
SECONDS = 60
BROKEN, FAR = "broken", "far"
"""Why a workbook was not read."""


def read(content: bytes, only: str | None = None) -> list[tuple[str, list[list[Any]]]] | str:
    """Name and rows of each sheet (of one, when `only` names it); or BROKEN, or FAR when cells stand too far away."""
    import python_calamine  # loaded only where a table is read

    found = list[tuple[str, list[list[Any]]]]()
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names[:SHEETS]:
            if only is None or name == only:
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height * sheet.total_width > CELLS:
                    return FAR
                found.append((name, sheet.to_python(skip_empty_area=False)))
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        return BROKEN
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # the reader's own fault at a file that is wrong
            return BROKEN
        raise
    return found


def _plain(value: Any) -> list[Any]:
    """Days and times as JSON takes them."""
    if isinstance(value, timedelta):
        return ["timedelta", value.total_seconds()]
    if isinstance(value, datetime | date | time):
        return [type(value).__name__, value.isoformat()]
    raise TypeError


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(read(sys.stdin.buffer.read(), *sys.argv[1:2]), sys.stdout, default=_plain)
