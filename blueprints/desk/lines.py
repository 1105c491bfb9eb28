"""…/settings/lines: lines that a level above owns, confirmed with number and date of the document."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.guard import me
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.policies.rules import WORDS
from tenants.founding import levels


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
