"""/provider/hearings: what a provider is asked about; its right of reply. Who complained never stands here."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from blueprints.provider.door import bp
from blueprints.provider.home import mine
from rongjiu.clock import now
from rongjiu.db import Tenant, tenant_scope
from rongjiu.errors import Refused
from rongjiu.neighbours import service as neighbours
from tenants.complaints import queries, service, words

CATEGORIES = {code: lazy(word) for code, word in words.CATEGORIES.items()}


@bp.get("/hearings")
def hearings() -> ResponseReturnValue:
    """Matters that wait for our side, and what became of earlier ones."""
    return render_template("provider/hearings.html", rows=neighbours.hearings(mine()), categories=CATEGORIES, now=now())


@bp.route("/hearings/<uuid:matter_id>", methods=["GET", "POST"])
def hearing(matter_id: UUID) -> ResponseReturnValue:
    """One matter: the question, and our reply."""
    row = next((each for each in neighbours.hearings(mine()) if each.id == matter_id), None)
    if row is None:
        abort(404)
    problem, status, provider_id = "", 200, mine()
    with tenant_scope(Tenant(row.tenant_id, row.community_id)):
        if request.method == "POST":
            try:
                service.reply(matter_id, request.form.get("reply", ""), provider_id=provider_id)
            except Refused as refused:
                if refused.status == 404:
                    raise
                problem, status = _(refused.message, **refused.words), refused.status
            else:
                flash(_("已收到您的说明，处理的人会看。"), "success")
                return redirect(url_for("provider.hearings"), 303)
        found: Any = queries.about_provider(matter_id, provider_id)
    if found is None:
        abort(404)
    return render_template(
        "provider/hearing.html", row=row, matter=found, categories=CATEGORIES, problem=problem,
        typed=request.form.get("reply", found.reply or ""),
    ), status  # fmt: skip
