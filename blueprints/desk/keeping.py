"""…/desk/settings/keeping: how long words are kept after something is over, and what the nights have removed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from tenants.keeping import queries, rules

NAMES = {rule.what: rule.name for rule in rules.RULES}


@bp.get("/settings/keeping")
def keeping() -> ResponseReturnValue:
    """The rules with their days; below, one line for each night and kind. Numbers alone."""
    what, page = request.args.get("what", ""), page_number()
    rows, total = queries.runs(what, page, page_size())
    filters: list[dict[str, Any]] = [
        {"name": "what", "label": _("哪一类"), "value": what, "options": [(code, _(name), None) for code, name in NAMES.items()]}
    ]  # fmt: skip
    return render_template(
        "desk/keeping.html", lines=queries.lines(), rows=rows, names=NAMES, filters=filters, total=total, page=page,
        pages=max(1, -(-total // page_size())),
    )  # fmt: skip
