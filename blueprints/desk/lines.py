"""…/settings/lines: lines that a level above owns, confirmed with number and date of the document."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.policy_desk import trial_page
from blueprints.guard import logged, me
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.policies.rules import WORDS
from tenants.founding import levels
from tenants.policydesk import trials


@bp.get("/settings/lines")
def lines() -> ResponseReturnValue:
    """Every line from above with its owner; those not confirmed yet first."""
    return _page()


@bp.post("/settings/lines/<uuid:line_id>")
def line_confirm(line_id: UUID) -> ResponseReturnValue:
    """Confirm one with the number and date of its document."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = None
    try:
        levels.confirm(line_id, request.form.get("number", ""), day, me().post)
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        return _page(line_id, refused)
    flash(_("已确认。全部家庭会按新标准重新研判。"), "success")
    return redirect(url_for("desk.lines"), 303)


@bp.post("/settings/lines/<uuid:line_id>/trial")
def line_try(line_id: UUID) -> ResponseReturnValue:
    """Begin a dry run of a line on the register before it is confirmed."""
    line = _line(line_id)
    try:
        trials.start_line(line.slug, line.value, line.since)
    except Refused as refused:
        if refused.status == 404:
            raise
        db.session.rollback()
        return _page(line_id, refused)
    flash(_("试算已开始，可以离开这一页，过一会儿再来看。"), "success")
    return redirect(url_for("desk.line_trial", line_id=line_id), 303)


@bp.get("/settings/lines/<uuid:line_id>/trial")
@logged
def line_trial(line_id: UUID) -> ResponseReturnValue:
    """Whom the line would reach or leave, by courtyard; names masked."""
    line = _line(line_id)
    trial = trials.latest(line.slug)
    if trial is None:
        abort(404)
    parameter = next(row["parameter"] for row in levels.waiting() if row["line"].id == line_id)
    return trial_page(trial, parameter, url_for("desk.lines"), _("上级规定的标准"))


def _line(line_id: UUID) -> Any:
    found = next((row["line"] for row in levels.waiting() if row["line"].id == line_id), None)
    if found is None:
        raise Absent("没有这个标准。")
    return found


def _page(at: UUID | None = None, refused: Refused | None = None) -> ResponseReturnValue:
    rows = levels.waiting()
    for row in rows:
        unit, now = row["parameter"]["unit"], row["parameter"]["value"]
        row["value"] = fact_words.quantity(row["line"].value, unit)
        row["now"] = "" if now is None else fact_words.quantity(Decimal(now), unit)
    wrong = {refused.field or "": _(refused.message, **refused.words)} if refused else {}
    page = render_template(
        "desk/lines.html", rows=rows, words=fact_words, levels=WORDS, at=at, wrong=wrong, typed=request.form if wrong else {},
        open=sum(not row["confirmed"] for row in rows),
    )  # fmt: skip
    return page, refused.status if refused else 200
