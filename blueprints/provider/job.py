"""/provider/jobs/<task>: the same job page for a provider that is logged in, opened from its inbox."""

from uuid import UUID

from flask import abort, flash, g, redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints.provider import job_acts, job_page
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from rongjiu.db import Scope, enter, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace import restricted
from tenants.referrals import receiving
from tenants.referrals.offering import opening
from tenants.referrals.receiving import Job


@bp.get("/jobs/<uuid:task_id>")
def job(task_id: UUID) -> ResponseReturnValue:
    """One sending of the inbox as it may be seen now."""
    view = _open(task_id)
    form = job_page.form_for(view)
    job_page.ticked_by_default(view, form)
    return _page(task_id, view, form)


@bp.post(
    "/jobs/<uuid:task_id>/<any(accept, propose, decline, arrive, done, missed, fail, hold, wait, let_go, tried, move, keep, shift):verb>"
)
def job_act(task_id: UUID, verb: str) -> ResponseReturnValue:
    """Do one thing with it; whoever is logged in needs no code."""
    view = _open(task_id)
    form = job_page.form_for(view)
    try:
        ended = job_acts.act(view, verb, form)
    except Refused as refused:
        if isinstance(refused, Absent):
            raise
        _said, status = form.refuse(refused)
        return _page(task_id, _open(task_id), form, status)
    if ended:
        title, text = job_page.ended(ended)
        flash(f"{title}{text}", "success")
        return redirect(url_for("provider.inbox"), 303)
    return redirect(url_for("provider.job", task_id=task_id), 303)


def _open(task_id: UUID) -> Job:
    """The job behind an entry of the inbox; enters its community for the rest of the request. 404 when it is none of
    this provider's, or over."""
    provider_id = mine()
    tenant = opening.inbox_tenant(provider_id, task_id)
    if tenant is None:
        abort(404)
    with tenant_scope(tenant):
        ids = opening.together(task_id)
    try:
        view = receiving.job(tenant, provider_id, ids)
    except Absent:
        abort(404)
    if any(item.service_type in restricted.CODES for item in view.items) and not restricted.knows():
        abort(404)
    if not g.get("entered"):
        g.entered = True
        enter(Scope(tenant=tenant, provider_id=provider_id))
    return view


def _page(task_id: UUID, view: Job, form: job_page.JobForm, status: int = 200) -> ResponseReturnValue:
    text = job_page.draw(
        view, form, lambda verb: url_for("provider.job_act", task_id=task_id, verb=verb), by_link=False,
        upcoming=job_page.upcoming(view), code_phone="", chosen="",
    )  # fmt: skip
    return text, status
