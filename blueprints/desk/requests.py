"""/desk/reviews/requests/<id>: a change of a sensitive fact that waits for a second person."""

import json
from typing import Any
from uuid import UUID

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.reviews import REQUEST_STATES, told
from blueprints.desk.scope import own
from blueprints.forms import lazy
from blueprints.guard import logged, me
from blueprints.pages import show
from rongjiu import files
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.reviews import queries, requests
from tenants.reviews.merging import FIELD_WORDS

STATUS = {"here": lazy("还在"), "moved": lazy("已搬走"), "died": lazy("已去世"), "merged": lazy("已合并")}


@bp.route("/reviews/requests/<uuid:request_id>", methods=["GET", "POST"])
@logged
def request_page(request_id: UUID) -> ResponseReturnValue:
    """One request: what it was, what it should be, why; approve, send back or take back."""
    row = _row(request_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            return _decide(row)
        except Refused as refused:
            if refused.status == 404:
                raise
            problem, status = told(refused), refused.status
    person = queries.people((row.person_id,))[row.person_id]
    proposed = json.loads(row.proposed or "{}")
    lines = [
        (_(FIELD_WORDS[name]), _shown(name, person.values.get(name)), _shown(name, proposed.get(name)))
        for name in row.fields
    ]
    return render_template(
        "desk/request.html", row=row, lines=lines, problem=problem, number=requests.number(row.id),
        states=REQUEST_STATES, decides=me().role == "secretary" and row.state == "open",
        mine=row.asked_by == me().account_id, now=now(), typed=request.form.get("why", ""),
    ), status  # fmt: skip


@bp.get("/reviews/requests/<uuid:request_id>/file")
@logged
def request_file(request_id: UUID) -> ResponseReturnValue:
    """The paper that goes with a request, as a download."""
    row = _row(request_id)
    if row.file_id is None:
        abort(404)
    name, mime, content = files.load(row.file_id)
    answer = Response(content, mimetype=mime)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _row(request_id: UUID) -> Any:
    row, mine = queries.request(request_id), own()
    if row is None or (mine is not None and row.asked_by != mine):
        abort(404)
    return row


def _decide(row: Any) -> ResponseReturnValue:
    act = request.form.get("act", "")
    if act == "withdraw":
        requests.withdraw(row.id)
        flash(_("已撤回。"), "success")
    elif act == "refuse":
        requests.refuse(row.id, request.form.get("why", ""))
        flash(_("已退回，申请人会看到理由。"), "success")
    elif act == "approve":
        alone = requests.approve(row.id)
        flash(_("已改好。没有第二位书记，记为自批，会列入抽查。") if alone else _("已批准，已改好。"), "success")
    else:
        raise Refused("请选批准或退回。")
    return redirect(url_for("desk.reviews", tab="requests"), 303)


def _shown(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    return str(STATUS.get(value, value)) if name == "status" else str(show(name, value) or _("已隐藏"))
