"""/desk/benefits: what was told at a door and is still to be checked."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.benefit_forms import HOW
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.guard import logged
from blueprints.pages import named
from rongjiu.clock import today
from tenants.benefits import queries
from tenants.residents import queries as residents


@bp.get("/benefits")
@logged
def benefits_told() -> ResponseReturnValue:
    """日期待核: what families said at the door that they receive, the longest waiting first, until a clerk has checked it."""
    asked = queries.Wanted(
        state=request.args.get("state", "open"), policy=request.args.get("policy", ""),
        courtyard_id=uuid_of(request.args.get("courtyard")), heard_by=request.args.get("q", "").strip()[:40], page=page_number(), size=page_size(),
    )  # fmt: skip
    rows, total = queries.told(asked)
    states = {"open": _("待核"), **{code: str(word) for code, word in HOW.items()}}
    filters = [
        {"name": "state", "label": _("核对"), "value": asked.state if asked.state in states else "",
         "options": [(code, word, None) for code, word in states.items()]},
        {"name": "policy", "label": _("政策"), "value": asked.policy,
         "options": [(row.slug, named(row), None) for row in queries.told_policies()]},
        {"name": "courtyard", "label": _("院落"), "value": str(asked.courtyard_id or ""),
         "options": [(str(row.id), row.name, None) for row in residents.courtyards()]},
    ]  # fmt: skip
    return render_template(
        "desk/benefits_told.html", rows=rows, total=total, page=asked.page, pages=max(1, -(-total // page_size())),
        filters=filters, how=HOW, today=today(), sought=asked.heard_by,
    )  # fmt: skip
