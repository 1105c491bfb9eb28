"""/desk/signals/export: the list as an Excel file. It holds no words, no name and no telephone of anybody."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import exporting
from blueprints.desk import words
from blueprints.desk.door import bp
from blueprints.desk.signals import wanted
from blueprints.pages import when
from blueprints.security import EXPORTING, by_account, limiter
from tenants.signals import queries


@bp.post("/signals/export")
@limiter.limit(EXPORTING, key_func=by_account)
def signals_export() -> ResponseReturnValue:
    """The signals of the filters in the address; the purpose is asked for and kept in the audit."""
    if not exporting.purpose():
        return exporting.unasked(url_for("desk.signals"))
    lines, _total = queries.page(**wanted(), size=exporting.MOST)
    head = [
        _("线索"),
        _("从哪里得知"),
        _("是什么"),
        _("院落"),
        _("紧急程度"),
        _("收到"),
        _("状态"),
        _("结果"),
        _("下一步"),
        _("期限"),
    ]
    rows = [
        [line.number, words.word(words.CHANNELS, line.channel), words.word(words.KINDS, line.kind), line.courtyard,
         words.word(words.URGENCIES, line.urgency), when(line.received_at), words.word(words.SIGNAL_STATES, line.state),
         words.word(words.BECAME, line.became), f"{_(line.actor)} · {_(line.verb)}" if line.actor and line.verb else "",
         when(line.due_at) if line.due_at else ""]
        for line in lines
    ]  # fmt: skip
    return exporting.file("signals", _("线索"), head, rows)
