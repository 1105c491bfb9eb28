"""/desk/load: who holds how many open cases, and who is late; and what ended offers leave to look at."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import Form, lazy
from rongjiu.clock import now
from rongjiu.db import current_tenant
from rongjiu.errors import Refused
from rongjiu.tenancy.staff import working
from tenants.cases.rules import CASEWORKERS
from tenants.casework import checks, queries
from tenants.referrals.returning import conditions
from tenants.referrals.rules import CONDITIONS

KINDS = {
    "rule": lazy("对象条件"), "area": lazy("服务区域"), "words": lazy("其他原因"), "silence": lazy("多次没有答复"),
    "failure": lazy("接单后未能完成"),
}  # fmt: skip
STATES = {"done": "done", "all": ""}
"""What ?state= means to the list; anything else is the open ones."""


@bp.get("/load")
def load() -> ResponseReturnValue:
    """One line for each colleague, those without a case too; each number leads to the list behind it."""
    rows: dict[UUID | None, Any] = {row.worker_id: row for row in queries.load(now())}
    staff = {each.account_id: each.post for each in working(current_tenant().uid, CASEWORKERS)}
    lines = [(account, post, rows.get(account)) for account, post in staff.items()]
    lines.sort(key=lambda line: -(line[2].cases if line[2] else 0))
    gone = [(account, row.post, row) for account, row in rows.items() if account is not None and account not in staff]
    nobody = rows.get(None)
    return render_template("desk/load.html", lines=lines, gone=gone, nobody=nobody, most=_most(rows.values()))


def _most(rows: Any) -> int:
    return max((row.cases for row in rows), default=1)


@bp.route("/checks", methods=["GET", "POST"])
def referral_checks() -> ResponseReturnValue:
    """Rules, areas, reasons and admissions to look at; POST says what came of one."""
    wrong, status, typed = "", 200, ""
    if request.method == "POST":
        typed = request.form.get("note", "")
        try:
            checks.done(UUID(request.form.get("check", "")), typed)
        except ValueError:
            wrong, status = _("没有这项核对。"), 404
        except Refused as refused:
            wrong, status = Form().refuse(refused)
        else:
            flash(_("核对结果已登记。"), "success")
            return redirect(url_for("desk.referral_checks"), 303)
    kind, state, month = (request.args.get(name, "") for name in ("kind", "state", "month"))
    words, number, known = request.args.get("q", "").strip()[:40], page_number(), checks.months()
    rows, total = checks.listed(
        state=STATES.get(state, "open"), kind=kind if kind in KINDS else "", words=words, page=number, size=page_size(),
        month=date.fromisoformat(f"{month}-01") if month in known else None,
    )  # fmt: skip
    groups: list[dict[str, Any]] = [
        {"name": "state", "label": _("状态"), "value": state,
         "options": [("done", _("办完的"), None), ("all", _("待办和办完的"), None)]},
        {"name": "kind", "label": _("核对什么"), "value": kind, "options": [(code, str(word), None) for code, word in KINDS.items()]},
        {"name": "month", "label": _("月份"), "value": month, "options": [(each, each, None) for each in known]},
    ]  # fmt: skip
    page = render_template(
        "desk/checks.html", rows=rows, kinds=KINDS, unmet=conditions.of([row.task_id for row in rows]), conditions=CONDITIONS, groups=groups, q=words, wrong=wrong, typed=typed, now=now(),
        at=request.form.get("check", ""), total=total, page=number, pages=max(1, -(-total // page_size())),
    )  # fmt: skip
    return page, status
