"""…/desk/settings/keeping: how long words, grounds and papers are kept after something is over, and what the nights have removed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import Form
from rongjiu.errors import Refused
from tenants.catalogue import service as catalogue
from tenants.keeping import queries, rules

NAMES = {rule.what: rule.name for rule in rules.RULES}


@bp.get("/settings/keeping")
def keeping() -> ResponseReturnValue:
    """The rules with their days; below, one line for each night and kind. Numbers alone."""
    return _page()


@bp.post("/settings/keeping/days")
def keeping_days() -> ResponseReturnValue:
    """Set the days and years that are the community's own to set; what is already past them goes the next night."""
    try:
        for line in queries.lines():
            if line.mine:
                catalogue.set_kept(line.rule.timer, request.form.get(line.rule.timer, type=int))
    except Refused as refused:
        words, status = Form().refuse(refused)
        return _page(refused.field or "", words), status
    flash(_("已保存，今天夜里起按新的期限。"), "success")
    return redirect(url_for("desk.keeping"), 303)


def _page(field: str = "", wrong: str = "") -> str:
    what, page, words = request.args.get("what", ""), page_number(), request.args.get("q", "").strip()[:20]
    kinds = [code for code, name in NAMES.items() if what in ("", code) and words in _(name)]
    rows, total = queries.runs(kinds, page, page_size())
    filters: list[dict[str, Any]] = [
        {"name": "what", "label": _("哪一类"), "value": what, "options": [(code, _(name), None) for code, name in NAMES.items()]}
    ]  # fmt: skip
    return render_template(
        "desk/keeping.html", lines=queries.lines(), rows=rows, names=NAMES, filters=filters, total=total, page=page,
        pages=max(1, -(-total // page_size())), field=field, wrong=wrong, words=words, typed=request.form,
    )  # fmt: skip
