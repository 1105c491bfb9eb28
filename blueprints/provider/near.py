"""/provider/near, quiet: needs near the shop in its quiet hours, taken in one tap; when it is quiet, what it speaks."""

from datetime import datetime, time
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import TimeField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy
from blueprints.provider import job_page
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.storefront import Ticks, known, said
from rongjiu.db import tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace import keeping, words
from tenants.nearby import queries, service


class QuietForm(Form):
    """When somebody could go out, and what is spoken."""

    days = Ticks(lazy("哪几天不忙"), validate_choice=False)
    since = TimeField(lazy("几点起"), [Optional()])
    until = TimeField(lazy("到几点"), [Optional()])
    languages = Ticks(lazy("还会说什么"), validate_choice=False)


@bp.get("/near")
def near() -> ResponseReturnValue:
    """What is needed near the shop this week and fits its quiet hours."""
    rows = queries.around(mine())
    return render_template(
        "provider/near.html",
        rows=rows,
        said_slot=job_page.said_slot,
        row=known(mine()),
        staff=job_page.who_goes(mine()),
    )


@bp.post("/near/<uuid:community_id>/<uuid:need_id>/<uuid:service_id>")
def near_take(community_id: UUID, need_id: UUID, service_id: UUID) -> ResponseReturnValue:
    """Take one of them."""
    tenant = queries.tenant_of(mine(), community_id)
    if tenant is None:
        abort(404)
    provider_id = mine()
    try:
        slot = datetime.fromisoformat(request.form.get("slot", ""))
    except ValueError:
        abort(400)
    if slot.tzinfo is None:
        abort(400)
    try:
        chosen = request.form.get("staff")
        staff = next((UUID(code) for code, _name in job_page.who_goes(provider_id) if code and code == chosen), None)
        with tenant_scope(tenant):
            sent = service.take(provider_id, need_id, service_id, slot, staff)
    except Refused as refused:
        form = Form()
        text, _status = form.refuse(refused)
        flash(text, "warning")
        return redirect(url_for("provider.near"), 303)
    if sent:
        flash(_("这单是您的了,已约好时间。请打开看地址。"), "success")
        return redirect(url_for("provider.inbox"), 303)
    flash(_("谢谢!已告诉社区。社区取得家里人同意后,这单就派给您。"), "success")
    return redirect(url_for("provider.near"), 303)


@bp.route("/quiet", methods=["GET", "POST"])
def quiet() -> ResponseReturnValue:
    """Say when the shop is quiet, and what its people speak."""
    row = known(mine())
    typed = {
        "days": row.quiet.get("days", []), "since": _time(row.quiet.get("from")), "until": _time(row.quiet.get("to")),
        "languages": row.languages,
    }  # fmt: skip
    form, status = QuietForm(data=typed), 200
    form.days.choices, form.languages.choices = said(words.WEEKDAYS), said(words.LANGUAGES)
    if form.validate_on_submit():
        try:
            keeping.quiet(mine(), form.days.data or [], form.since.data, form.until.data, form.languages.data or [])
            flash(_("已保存。"), "success")
            return redirect(url_for("provider.near"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("provider/quiet.html", form=form), status


def _time(kept: str | None) -> time | None:
    return time.fromisoformat(kept) if kept else None
