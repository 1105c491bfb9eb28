"""/desk/cases/export: the list as an Excel file, masked like the screen, with who, when and why in its first line."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk import case_list, words
from blueprints.desk.door import bp
from blueprints.pages import show, when
from blueprints.security import EXPORTING, by_account, limiter
from tenants.cases import queries


@bp.post("/cases/export")
@limiter.limit(EXPORTING, key_func=by_account)
def cases_export() -> ResponseReturnValue:
    """The cases of the filters in the address; the purpose is asked for and kept in the audit."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.cases"))
    lines, _total = queries.page(case_list.wanted(size=exporting.MOST))
    names = case_list.reason_words(queries.choices())
    head = [_("个案编号"), _("家庭"), _("人数"), _("院落"), _("为什么"), _("状态"), _("下一步"), _("期限"), _("负责人")]
    rows = [
        [line.number, show("name", line.head), line.people or "", line.courtyard,
         "·".join(names.get(code, code) for code in line.reasons), words.word(words.CASE_STATES, line.state),
         f"{_(line.actor)} · {_(line.verb)}" if line.actor and line.verb else "",
         when(line.due_at) if line.due_at else "", line.worker]
        for line in lines
    ]  # fmt: skip
    return exporting.file("cases", _("个案"), head, rows)
