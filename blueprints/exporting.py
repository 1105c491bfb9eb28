"""Any list as an Excel file: the purpose is asked for, the first line says who, when and why, the audit keeps it.

A list page has one file, and the file is that page: the same view is run with the same filters and all rows at once,
with the masks that permissions.toml gives `<endpoint>_export`, and its table is read. So no file can hold more than the
screen, and none can forget a filter. `data-file="…"` in a cell gives what it holds a column of its own.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from html.parser import HTMLParser
from typing import Any

from flask import Blueprint, Flask, Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.downloads import attachment
from blueprints.guard import may, me
from blueprints.pages import when
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu import audit, sheet
from rongjiu.clock import now, today

MOST = 20_000
"""Rows of one file; the first line says so when there are more."""
_LEFT_OUT = frozenset({"svg", "form", "details", "button", "select", "script"})
_VOID = frozenset({"br", "img", "input", "hr", "wbr"})


def init_app(app: Flask) -> None:
    """Let templates ask where their list leaves as a file."""
    app.jinja_env.globals["export_address"] = address


def whole() -> bool:
    """Is this request the file of a list, so that all rows are wanted on one page?"""
    return bool(g.get("whole"))


def address(endpoint: str = "", **more: str) -> str:
    """Where the list of this page leaves as a file with its filters, and `more`; empty when there is none for this post."""
    here = f"{endpoint or request.endpoint}_export"
    if not may(here):
        return ""
    kept = {name: words for name, words in request.args.lists() if name not in ("page", "size")}
    return url_for(here, **(request.view_args or {}), **{**kept, **more})  # type: ignore[arg-type]


def door(bp: Blueprint, path: str, view: Callable[..., ResponseReturnValue], title: Any, endpoint: str = "") -> None:
    """Give a list page at `path` its file: POST …/export; `title` names the sheet, the view's name (or its `endpoint`,
    where that is another) the file."""
    endpoint = endpoint or view.__name__
    kind, page = endpoint.replace("_", "-"), f"{bp.name}.{endpoint}"

    @wraps(view)
    def export(**words: Any) -> ResponseReturnValue:
        g.whole, request.method = True, "GET"  # read as the page is; what was sent is the purpose alone
        if not purpose():
            if words:  # what is not there for this post is not there, with or without a purpose
                view(**words)
            kept: dict[str, Any] = request.args.to_dict()
            return unasked(url_for(page, **{**kept, **words}))
        answer = make_response(view(**words))
        if answer.mimetype != "text/html" or answer.status_code != 200:
            return answer
        head, rows = table(answer.get_data(as_text=True))
        return file(kind, str(title), head, rows)

    export.__name__ = f"{endpoint}_export"  # the limit counts by this name, apart from the page
    bp.add_url_rule(
        f"{path}/export",
        f"{endpoint}_export",
        limiter.limit(EXPORTING, key_func=by_account)(export),
        methods=["POST"],
    )


def purpose() -> str:
    """What the file is for, as typed; empty when nothing was."""
    return request.form.get("purpose", "").strip()[:100]


def unasked(back: str) -> ResponseReturnValue:
    """Back to the list: a purpose must be written."""
    flash(_("请写明导出做什么用。"), "warning")
    return redirect(back, 303)


def file(kind: str, title: str, head: Sequence[str], rows: Sequence[Sequence[object]], *, why: str = "") -> Response:
    """The file of rows that are masked as the page masks them; `kind` is the list's English name, for audit and file;
    `why` = the purpose, when it was said before."""
    why = why or purpose()
    audit.record("export", kind, "list", reason=why, rows=len(rows))
    here = g.place.name if g.get("place") else _("个人账号")
    mark = _("%(place)s · %(who)s · %(when)s · 用途：%(why)s · 共 %(n)s 条", place=here, who=me().name,
             when=when(now()), why=why, n=len(rows))  # fmt: skip
    if len(rows) >= MOST:
        mark += " · " + _("只含前 %(n)s 条，请用筛选分次导出", n=MOST)
    return attachment(sheet.workbook(title, [[mark], head, *rows]), sheet.MIME, f"{kind}-{today().isoformat()}.xlsx")


def table(page: str) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the list on a page (tables marked `data-list`); columns without a word are left out."""
    reader = _Reader()
    start = 0
    while (start := page.find("<table data-list", start)) >= 0:
        end = page.index("</table>", start)
        reader.feed(page[start:end])
        start = end
    names: list[str] = []
    for line in (reader.head, *reader.rows):
        after = ""
        for name in line:
            if name not in names:
                names.insert(names.index(after) + 1 if after else len(names), name)
            after = name
    full = [name for name in names if any(row.get(name) for row in reader.rows) or not reader.rows]
    return full, [[row.get(name, "") for name in full] for row in reader.rows]


class _Reader(HTMLParser):
    """Reads the words of cells; rows are {name of the column: words}."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.head: dict[str, str] = {}
        self.rows: list[dict[str, str]] = []
        self._names: list[str] = []
        self._part = ""
        self._at = 0
        self._row: dict[str, list[str]] = {}
        self._into: list[tuple[str, str]] = []
        """Open tags within a cell, each with the column that its words go to; '' = nowhere."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag in ("thead", "tbody", "tfoot"):
            self._part = tag
            if tag == "thead":
                self._names = []
        elif tag == "tr":
            self._row, self._at = {}, 0
        elif tag in ("td", "th"):
            at, self._at = self._at, self._at + 1
            name = f"#{at}" if self._part == "thead" else self._names[at] if at < len(self._names) else ""
            self._into = [(tag, name)]
            self._row.setdefault(name, [])
        elif tag == "br" and self._into:
            self._say(" · ")
        elif self._into and tag not in _VOID:
            hidden = tag in _LEFT_OUT or {"no-print", "visually-hidden"} & set((said.get("class") or "").split())
            column = "" if hidden or not self._into[-1][1] else said.get("data-file") or self._into[-1][1]
            self._row.setdefault(column, [])
            self._into.append((tag, column))
            self._say(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._say(" · ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr":
            self._end()
        elif tag in ("td", "th"):
            self._into = []
        elif any(each == tag for each, _column in self._into):
            while self._into.pop()[0] != tag:
                pass
            self._say(" ")

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, words: str) -> None:
        if self._into and self._into[-1][1]:
            self._row[self._into[-1][1]].append(words)

    def _end(self) -> None:
        line = {name: " ".join("".join(words).split()).strip(" ·") for name, words in self._row.items() if name}
        if self._part == "thead":
            self._names = list(line.values())
            self.head.update({name: name for name in self._names if name})
        elif self._part == "tbody":
            self.rows.append(line)
