"""/join/provider/claim: a listing that a community made is claimed by its owner; a person of the street decides."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import TextAreaField
from wtforms.validators import Length

from blueprints import storefront
from blueprints.forms import Form, lazy, required
from blueprints.guard import me
from blueprints.join.door import bp
from blueprints.security import PUBLIC_FORM, SEARCHING, by_account, limiter
from rongjiu.errors import Refused
from rongjiu.marketplace import claims, queries


class ClaimForm(Form):
    """What shows that it is theirs."""

    proof = TextAreaField(
        lazy("怎么证明是您的"), [required(lazy("请写您是这家的什么人、街道怎么核实")), Length(max=300)]
    )


@bp.get("/provider/claim")
@limiter.limit(SEARCHING, key_func=by_account)
def provider_claim() -> ResponseReturnValue:
    """Find the listing; see what one asked for."""
    words = request.args.get("q", "").strip()[:60]
    shown = {"words": words, "rows": claims.find(words), "mine": claims.of_account(me().account_id)}
    return render_template("join/provider_claim.html", said=storefront.WORDS, **shown)


@bp.route("/provider/claim/<uuid:provider_id>", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, key_func=by_account, methods=["POST"])
def provider_claim_one(provider_id: UUID) -> ResponseReturnValue:
    """Ask for one."""
    row = queries.find(provider_id)
    if row is None or row.group == "individual" or row.state in claims.GONE:
        abort(404)
    form, status = ClaimForm(), 200
    if form.validate_on_submit():
        try:
            if claims.ask(provider_id, me().account_id, form.proof.data or ""):
                flash(_("也有别人在认领这家。街道会分别核实,再决定归谁。"), "warning")
            else:
                flash(_("已收到。街道 5 个工作日内核实,结果在这一页。"), "success")
            return redirect(url_for("join.provider_claim"), 303)
        except Refused as refused:
            if refused.status == 404:
                raise
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("join/provider_claim_one.html", form=form, name=row.name, street=row.street), status
