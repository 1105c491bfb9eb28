"""/join/community/<draft>/slots, clone: what only this community knows, then its own copy of the model."""

from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import me
from blueprints.join import wizard
from blueprints.join.door import bp
from blueprints.join.founding_forms import EmptyForm, SlotsForm
from blueprints.parameters import answers, parameter_form
from blueprints.security import INVITING, by_account, limiter
from rongjiu.errors import Refused
from rongjiu.library import queries as library
from rongjiu.library.cloner import Line
from tenants.founding import queries, service

SLOTS = ("phone", "desk_hours", "address", "host", "courtyards")


@bp.route("/community/<uuid:draft>/slots", methods=["GET", "POST"])
def slots(draft: UUID) -> ResponseReturnValue:
    """Phone, hours, address, courtyards, and the parameters to confirm; all of it may wait, nothing is guessed."""
    row = wizard.mine(draft, lock=request.method == "POST")
    if "name" not in row.data:
        return redirect(url_for("join.name", draft=draft), 303)
    rows = queries.parameters(row)
    form = parameter_form(rows, SlotsForm)
    kept = row.data.get("slots", {})
    if request.method == "GET":
        for each in SLOTS:
            form[each].data = kept.get(each, "")
    status, open_step = 200, "join.check" if row.community_id else "join.clone"
    if form.validate_on_submit():
        rest = request.form.get("rest", "")
        try:
            said = answers(form, rows, rest)
            service.fill_slots(row, {each: form[each].data or "" for each in SLOTS}, said)
            target = url_for("join.slots", draft=draft) + "#parameters" if rest else url_for(open_step, draft=draft)
            return redirect(target, 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
            row = wizard.mine(draft)
    elif request.method == "POST":
        status = 422
    return render_template(
        "join/slots.html", form=form, draft=row, rows=rows, ready=queries.readiness(wizard.mine(draft)),
        steps=wizard.line(row, "slots"),
    ), status  # fmt: skip


@bp.route("/community/<uuid:draft>/clone", methods=["GET", "POST"])
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def clone(draft: UUID) -> ResponseReturnValue:
    """Make the community and copy the model into it, all or nothing; afterwards the report."""
    row = wizard.mine(draft)
    if "name" not in row.data:
        return redirect(url_for("join.name", draft=draft), 303)
    form, status = EmptyForm(), 200
    if form.validate_on_submit():
        try:
            service.open_community(draft, me().account_id, demo=bool(current_app.config["DEMO"]))
            return redirect(url_for("join.clone", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
            row = wizard.mine(draft)
    elif request.method == "POST":
        status = 422
    report = [Line(*each) for each in row.data.get("report", [])]
    return render_template(
        "join/clone.html", form=form, draft=row, report=report, pack=library.find(row.data["pack"]),
        counts=library.counts(library.find(row.data["pack"])), steps=wizard.line(row, "clone"),
    ), status  # fmt: skip
