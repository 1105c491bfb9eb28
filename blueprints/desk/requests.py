"""/desk/reviews/requests/<id>: a change of a sensitive fact that waits for a second person."""

import json
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import downloads
from blueprints.desk.door import bp
from blueprints.desk.reviews import REQUEST_STATES, told
from blueprints.desk.scope import own, uuid_of
from blueprints.forms import lazy
from blueprints.guard import logged, me, opening, unopened
from blueprints.pages import show
from rongjiu import audit
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.reviews import queries, requests, together
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
    return render_template(
        "desk/request.html", row=row, lines=_lines(row, person), problem=problem, number=requests.number(row.id),
        states=REQUEST_STATES, decides=me().role == "secretary" and row.state == "open",
        mine=row.asked_by == me().account_id, now=now(), typed=request.form.get("why", ""),
    ), status  # fmt: skip


def _lines(row: Any, person: queries.Side) -> list[tuple[str, str, str]]:
    """What a request changes: field, how it is now, how it should be."""
    proposed = json.loads(row.proposed or "{}")
    return [
        (_(FIELD_WORDS[name]), _shown(name, person.values.get(name)), _shown(name, proposed.get(name)))
        for name in row.fields
    ]


@bp.route("/reviews/requests/together", methods=["GET", "POST"])
@logged
def requests_together() -> ResponseReturnValue:
    """The ticked requests (`r`) one below the other, each with what it changes and why; a POST approves them all."""
    given = request.form if request.method == "POST" else request.args
    ids = [found for each in given.getlist("r") if (found := uuid_of(each))]
    left: dict[UUID, str] = {}
    problem, status = "", 200
    if request.method == "POST":
        try:
            done = together.approve(ids)
        except Refused as refused:
            problem, status = told(refused), refused.status
        else:
            if done.approved:
                flash(_("已批准 %(n)s 项，已改好。", n=done.approved), "success")
            if done.alone:
                flash(_("其中 %(n)s 项没有第二位书记，记为自批，会列入抽查。", n=done.alone), "warning")
            if not done.left:
                return redirect(url_for("desk.reviews", tab="requests"), 303)
            left, status, ids = {each: told(why) for each, why in done.left.items()}, 409, list(done.left)
    rows = [row for row in queries.several(ids[: together.MOST]) if row.state == "open"]
    if not rows and not problem:
        flash(_("其余 %(n)s 项已经有结果。", n=len(left)) if left else _("请先勾选要批准的变更。"), "warning")
        return redirect(url_for("desk.reviews", tab="requests"), 303)
    unopened()  # each of them is opened, and written down by itself
    opening(lambda: audit.record_all("open", "change_request", [(row.id, "task", {}) for row in rows]))
    people = queries.people({row.person_id for row in rows})
    return render_template(
        "desk/requests_together.html", rows=[(row, _lines(row, people[row.person_id])) for row in rows], left=left,
        problem=problem, number=requests.number, now=now(),
    ), status  # fmt: skip


@bp.get("/reviews/requests/<uuid:request_id>/file")
@logged
def request_file(request_id: UUID) -> ResponseReturnValue:
    """The paper that goes with a request, as a download."""
    row = _row(request_id)
    if row.file_id is None:
        abort(404)
    return downloads.kept(row.file_id)


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
