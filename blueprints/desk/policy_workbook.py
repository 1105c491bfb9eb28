"""…/policies/workbook: the conditions and items of all policies as an Excel file, and a changed file as drafts; all drafts."""

from io import BytesIO

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.policy_edit import HEADS
from rongjiu import workbook as reader
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.sheet import MIME
from tenants.catalogue import queries as catalogue
from tenants.policydesk import cells, columns, queries, service, workbook
from tenants.policydesk.checking import LISTS
from tenants.policydesk.service import Faulty
from tenants.policydesk.vocabulary import words

SHOWN = 100
"""Wrong cells that a page names at once."""


@bp.route("/policies/workbook", methods=["GET", "POST"])
def policy_workbook() -> ResponseReturnValue:
    """Download, upload, and every draft there is."""
    if request.method == "GET":
        return _page()
    file = request.files.get("file")
    try:
        tables = reader.tables(file.read() if file else b"", (file.filename if file else "") or "")
        saved = workbook.read(*_sorted(tables))
    except Refused as refused:
        db.session.rollback()
        return _page(refused)
    if not saved:
        flash(_("表格和现在的内容一样，没有改动。"), "success")
    else:
        flash(_("%(n)s 项政策有改动，已存为草稿，还没有生效。", n=len(saved)), "success")
    return redirect(url_for("desk.policy_workbook"), 303)


def _sorted(tables: list[list[list[str]]]) -> tuple[list[list[str]], list[list[str]]]:
    """The table of conditions and the one of items; a file of neither is told so by its first sheet."""
    by = {workbook.sort_of(lines): lines for lines in reversed(tables)}
    if "conditions" not in by and "items" not in by:
        return (tables[0] if tables else []), []
    return by.get("conditions", []), by.get("items", [])


def _page(refused: Refused | None = None) -> ResponseReturnValue:
    faults, message = [], ""
    if isinstance(refused, Faulty):
        heads = {
            **{name: _(word) for name, word in columns.HEADS.items()},
            **HEADS,
            "policy": _("政策名称"),
            "name_zh": _("政策名称"),
        }
        faults = [
            (each.row, str(heads[each.column]), _(each.message, **each.words), each.allowed) for each in refused.faults
        ]
    elif refused is not None:
        message = _(refused.message, **refused.words)
    page = render_template(
        "desk/screening/policy_workbook.html", drafts=queries.drafts(), faults=faults[:SHOWN], more=max(0, len(faults) - SHOWN),
        message=message, words=fact_words,
    )  # fmt: skip
    return page, refused.status if refused else 200


@bp.get("/policies/workbook/file")
def policy_file() -> ResponseReturnValue:
    """The file: ?policy= for one policy, else all; drop-downs from the closed lists."""
    slug = request.args.get("policy", "")
    if slug and slug not in {row["id"] for row in catalogue.policies()} and service.draft_of(slug) is None:
        abort(404)
    slugs = [slug] if slug else []
    answer = Response(_file(workbook.table(slugs), workbook.items(slugs)), mimetype=MIME)
    answer.headers["Content-Disposition"] = f'attachment; filename="policies{"-" if slug else ""}{slug}.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _file(table: list[list[str]], items: list[list[str]]) -> bytes:
    from xlsxwriter import Workbook  # loaded only where a file is made
    from xlsxwriter.utility import xl_col_to_name

    known, file = words(), BytesIO()
    facts = [str(row["name_zh"]) for row in known.facts.values()]
    lines = [f"@{row['name_zh']}" for row in known.parameters.values()]
    signs, found_lists = list(cells.OPERATORS.values()), columns.Lists.here().lists
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold, plain = (
            book.add_format({"bold": True, "bg_color": "#E3F0F1", "border": 1}),
            book.add_format({"num_format": "@"}),
        )
        sheet, more, lists = book.add_worksheet("条件"), book.add_worksheet("政策"), book.add_worksheet("选项")
        sheet.freeze_panes(1, 0)
        for column, width in enumerate((18, 26, 8, 14, 28, 10, 30, 8, 40)):
            sheet.set_column(column, column, width, plain)
        more.freeze_panes(1, 2)
        more.set_column(0, len(workbook.ITEM_HEADS), 18, plain)
        for page, found in ((sheet, table), (more, items)):
            for number, row in enumerate(found):
                for column, cell in enumerate(row):
                    page.write_string(number, column, cell, bold if number == 0 else plain)
        chosen = [(columns.HEADS[name], list(options.values())) for name, options in found_lists.items()]
        for column, (title, options) in enumerate((("条件项", facts), ("比较", signs), ("标准", lines), *chosen)):
            lists.write_string(0, column, title, bold)
            lists.write_column(1, column, options)
            lists.set_column(column, column, 30)
        for place, name in enumerate(found_lists, 3):
            if name not in LISTS:
                column = workbook.ITEM_HEADS.index(columns.HEADS[name])
                letter, count = xl_col_to_name(place), len(found_lists[name])
                more.data_validation(
                    1, column, len(items) + 50, column,
                    {"validate": "list", "source": f"=选项!${letter}$2:${letter}${count + 1}"},
                )  # fmt: skip
        last = len(table) + 500
        for column, letter, count in ((4, "A", len(facts)), (5, "B", len(signs))):
            sheet.data_validation(
                1, column, last, column, {"validate": "list", "source": f"=选项!${letter}$2:${letter}${count + 1}"}
            )
        sheet.data_validation(1, 7, last, 7, {"validate": "list", "source": ["是"]})
    return file.getvalue()
