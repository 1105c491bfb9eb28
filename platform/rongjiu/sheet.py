"""A plain Excel workbook (.xlsx) of one sheet: text only, nothing is ever a formula."""

import re
from collections.abc import Iterable, Sequence
from io import BytesIO

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SAFE = {"in_memory": True, "constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(title: str, rows: Iterable[Sequence[object]]) -> bytes:
    """The file with these rows, every cell as text; `title` names the sheet (at most 31 characters)."""
    from xlsxwriter import Workbook  # loaded only where a file is made

    file = BytesIO()
    with Workbook(file, _SAFE) as book:
        sheet = book.add_worksheet(re.sub(r"[\\/?*\[\]:]", " ", title)[:31])
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write_string(line, column, "" if value is None else str(value))
    return file.getvalue()
