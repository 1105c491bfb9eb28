"""…/desk/audits: closed cases drawn by lot, asked again by somebody who did not work on them."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import lazy
from blueprints.guard import logged, me
from rongjiu.errors import Refused
from tenants.catalogue import service as catalogue
from tenants.needs import queries as needs
from tenants.outcomes import auditing, rules

STATES = {"open": lazy("待抽查"), "agrees": lazy("和记录一致"), "differs": lazy("和记录不一致")}
RESULTS = {
    "solved": lazy("解决了"), "partly": lazy("解决了一部分"), "not_solved": lazy("没有解决"), "unknown": lazy("不清楚"),
}  # fmt: skip


@bp.get("/audits")
def audit_checks() -> ResponseReturnValue:
    """What was drawn, with month, percentage and seed, so that anybody can draw it again."""
    state, page, words = request.args.get("state", ""), page_number(), request.args.get("q", "").strip()[:20]
    rows, total = auditing.listed(state if state in STATES else "", page, page_size(), words)
    filters = [{"name": "state", "label": _("状态"), "value": state,
                "options": [(code, str(word), None) for code, word in STATES.items()]}]  # fmt: skip
    return render_template(
        "desk/audits.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), filters=filters,
        words=words, states=STATES, rates=auditing.rates(), percent=catalogue.setting("audit-sample"),
    )  # fmt: skip


@bp.route("/audits/<uuid:check_id>", methods=["GET", "POST"])
@logged
def audit_check(check_id: UUID) -> ResponseReturnValue:
    """One drawn case: the questions that are read to the family, one answer for each need."""
    row = auditing.one(check_id)
    if row is None:
        abort(404)
    lines, error, status = needs.of_case(row.case_id), "", 200
    if request.method == "POST":
        try:
            said = {
                line.id: rules.Said(request.form[f"w{line.seq}"]) for line in lines if request.form.get(f"w{line.seq}")
            }
            state = auditing.check(check_id, said, request.form.get("words", ""))
        except Refused as refused:
            if refused.status == 404:
                raise
            error, status = _(refused.message, **refused.words), refused.status
        else:
            flash(_("抽查已记下：%(state)s。", state=STATES[state]), "success")
            return redirect(url_for("desk.audit_checks"), 303)
    return _page(row, lines, error), status


def _page(row: Any, lines: list[Any], error: str) -> str:
    month: date = row.month
    return render_template(
        "desk/audit.html", row=row, lines=lines, error=error, results=RESULTS, states=STATES, given=request.form,
        inside=auditing.inside(row.case_id, me().account_id), month=month,
    )  # fmt: skip
