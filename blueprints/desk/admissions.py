"""…/desk/providers/<id>: what the desk decides about letting a provider in; the clerk looks, the secretary decides."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.admission_forms import ReasonForm, ReviewForm, StopForm, TermsForm
from blueprints.desk.door import bp
from blueprints.desk.providers import page
from blueprints.forms import Form, flashed
from blueprints.guard import place
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.marketplace.admissions import service
from rongjiu.tenancy.queries import Place


@bp.post("/providers/<uuid:provider_id>/admit")
def admit(provider_id: UUID) -> ResponseReturnValue:
    """Let it in, change the terms, take it back in after a stop, or renew it."""
    form = TermsForm()
    if not form.validate_on_submit():
        return page(provider_id, 422, terms=form)
    limit = int(form.limit.data) if form.limit.data else None
    starts_on, ends_on = form.starts_on.data, form.ends_on.data
    try:
        service.admit(provider_id, place(), limit, starts_on=starts_on, ends_on=ends_on)
    except Refused as refused:
        return page(provider_id, _status(refused, form), terms=form)
    ahead = starts_on is not None and starts_on > today()
    flash(_("已同意准入,到那天自动开始派单。") if ahead else _("已准入。派单时可以选它了。"), "success")
    return _back(provider_id)


@bp.post("/providers/<uuid:provider_id>/review")
def admission_review(provider_id: UUID) -> ResponseReturnValue:
    """Take a request up, with a note for whoever decides."""
    form = ReviewForm()
    if not form.validate_on_submit():
        return page(provider_id, 422, review=form)
    with flashed():
        service.review(provider_id, place(), form.note.data or "")
        flash(_("已记下,由书记决定。"), "success")
    return _back(provider_id)


@bp.post("/providers/<uuid:provider_id>/deny")
def admission_deny(provider_id: UUID) -> ResponseReturnValue:
    """Say no, with a reason."""
    done = _("已答复不同意,对方看得到原因,可以再申请。")
    return _with_reason(provider_id, service.deny, "refusing", ReasonForm(), done)


@bp.post("/providers/<uuid:provider_id>/stop")
def stop(provider_id: UUID) -> ResponseReturnValue:
    """Send no more to it for now."""
    return _with_reason(provider_id, service.suspend, "stopping", StopForm(), _("已停止派单。进行中的照常做完。"))


def _with_reason(
    provider_id: UUID, verb: Callable[[UUID, Place, str], None], name: str, form: ReasonForm, done: str
) -> ResponseReturnValue:
    try:
        verb(provider_id, place(), form.reason.data or "")
    except Refused as refused:
        return page(provider_id, _status(refused, form), **{name: form})
    flash(done, "success")
    return _back(provider_id)


def _status(refused: Refused, form: Form) -> int:
    """Say a refusal at its field; what is not there stays not there."""
    if refused.status == 404:
        raise refused
    return form.refuse(refused)[1]


def _back(provider_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("desk.resource", provider_id=provider_id), 303)
