"""/street/<slug>/claims: who says that a listing of this street is theirs; a person decides, with a reason."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import TextAreaField
from wtforms.validators import Length

from blueprints.forms import Form, flashed, lazy, required
from blueprints.guard import place
from blueprints.street.door import bp
from rongjiu.clock import now
from rongjiu.marketplace import claims


class DecisionForm(Form):
    """How it was verified."""

    reason = TextAreaField(lazy("怎么核实的(对方看得到)"), [required(lazy("请写明怎么核实的")), Length(max=300)])


@bp.get("/claims", endpoint="claims")
def waiting() -> ResponseReturnValue:
    """What waits, the earliest due first; two for one listing stand together."""
    return _page(DecisionForm())


@bp.post("/claims/<uuid:claim_id>/<any(accept, refuse):verb>")
def claim_decide(claim_id: UUID, verb: str) -> ResponseReturnValue:
    """Give it to the one who asked, or not."""
    form = DecisionForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    with flashed():
        claims.decide(claim_id, place(), granted=verb == "accept", reason=form.reason.data or "")
        flash(_("已办好,对方能看到结果。"), "success")
    return redirect(url_for("street.claims"), 303)


def _page(form: Form, status: int = 200) -> ResponseReturnValue:
    found = place().id
    rows = claims.waiting(found) if place().kind == "street" and found else []
    several = {row.provider_id for row in rows if sum(one.provider_id == row.provider_id for one in rows) > 1}
    asked = request.view_args.get("claim_id") if request.view_args else None
    shown = {"rows": rows, "several": several, "moment": now(), "asked": asked}
    return render_template("street/claims.html", form=form, **shown), status
