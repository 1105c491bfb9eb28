"""Any list as an Excel file: the purpose is asked for, the first line says who, when and why, the audit keeps it."""

from collections.abc import Sequence

from flask import Response, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.guard import me, place
from blueprints.pages import when
from rongjiu import audit, sheet
from rongjiu.clock import now, today

MOST = 5000
"""Rows of one file."""


def purpose() -> str:
    """What the file is for, as typed; empty when nothing was."""
    return request.form.get("purpose", "").strip()[:100]


def unasked(back: str) -> ResponseReturnValue:
    """Back to the list: a purpose must be written."""
    flash(_("请写明导出做什么用。"), "warning")
    return redirect(back, 303)


def file(kind: str, title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    """The file of rows that are masked as the page masks them; `kind` is the list's English name, for audit and file."""
    why = purpose()
    audit.record("export", kind, "list", reason=why, rows=len(rows))
    mark = _("%(place)s · %(who)s · %(when)s · 用途：%(why)s · 共 %(n)s 条", place=place().name, who=me().name,
             when=when(now()), why=why, n=len(rows))  # fmt: skip
    answer = Response(sheet.workbook(title, [[mark], head, *rows]), mimetype=sheet.MIME)
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{today().isoformat()}.xlsx"'
    return answer
