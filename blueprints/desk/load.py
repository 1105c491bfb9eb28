"""/desk/load: who holds how many open cases, and who is late; and what ended offers leave to look at."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.forms import Form, lazy
from rongjiu.clock import now
from rongjiu.db import current_tenant
from rongjiu.errors import Refused
from rongjiu.tenancy.staff import working
from tenants.cases.rules import CASEWORKERS
from tenants.casework import checks, queries

KINDS = {
    "rule": lazy("对象条件"), "area": lazy("服务区域"), "words": lazy("其他原因"), "silence": lazy("多次没有答复"),
    "failure": lazy("接单后未能完成"),
}  # fmt: skip


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
    kind, every = request.args.get("kind", ""), request.args.get("state") == "all"
    rows = checks.listed(open_only=not every, kind=kind if kind in KINDS else "")
    page = render_template(
        "desk/checks.html", rows=rows, kinds=KINDS, kind=kind, every=every, wrong=wrong, typed=typed, now=now(),
        at=request.form.get("check", ""),
    )  # fmt: skip
    return page, status
