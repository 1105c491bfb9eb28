"""/desk/cases/export: the list as an Excel file, masked like the screen, with who, when and why in its first line."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import case_list, words
from blueprints.desk.door import bp
from blueprints.guard import me, place
from blueprints.pages import show, when
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu import audit, sheet
from rongjiu.clock import now, today
from tenants.cases import queries

MOST = 5000
"""Rows of one file."""


@bp.post("/cases/export")
@limiter.limit(EXPORTING, key_func=by_account)
def cases_export() -> ResponseReturnValue:
    """The cases of the filters in the address; the purpose is asked for and kept in the audit."""
    purpose = request.form.get("purpose", "").strip()[:100]
    if not purpose:
        flash(_("请写明导出做什么用。"), "warning")
        return redirect(url_for("desk.cases"), 303)
    lines, total = queries.page(case_list.wanted(size=MOST))
    audit.record("export", "cases", "list", reason=purpose, rows=len(lines))
    names = case_list.reason_words(queries.choices())
    mark = _("%(place)s · %(who)s · %(when)s · 用途：%(why)s · 共 %(n)s 条", place=place().name, who=me().name,
             when=when(now()), why=purpose, n=total)  # fmt: skip
    head = [_("个案编号"), _("家庭"), _("人数"), _("院落"), _("为什么"), _("状态"), _("下一步"), _("期限"), _("负责人")]
    rows = [
        [line.number, show("name", line.head), line.people or "", line.courtyard,
         "·".join(names.get(code, code) for code in line.reasons), words.word(words.CASE_STATES, line.state),
         f"{_(line.actor)} · {_(line.verb)}" if line.actor and line.verb else "",
         when(line.due_at) if line.due_at else "", line.worker]
        for line in lines
    ]  # fmt: skip
    answer = Response(sheet.workbook(_("个案"), [[mark], head, *rows]), mimetype=sheet.MIME)
    answer.headers["Content-Disposition"] = f'attachment; filename="cases-{today().isoformat()}.xlsx"'
    return answer
