"""/c/<slug>/desk/providers: who may help here, on which terms, and the leaflet that brings the next shop."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms import StringField, TextAreaField
from wtforms.validators import Length, Optional, Regexp

from blueprints import storefront
from blueprints.desk import complaint_words
from blueprints.desk.door import bp
from blueprints.forms import Form, flashed, options
from blueprints.guard import logged, may, place
from blueprints.pages import proper
from blueprints.storefront import Ticks
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.marketplace import queries, requirements, restricted, search, service, terms, vetting, words
from rongjiu.marketplace.kinds import oncall, prices
from rongjiu.neighbours import service as neighbours
from tenants.accompaniment import queries as visits
from tenants.residents import queries as residents


class TermsForm(Form):
    """How many places a month this community may take."""

    limit = StringField(
        lazy("每月最多派几人次"), [Optional(), Regexp(r"\d{1,4}$", message=lazy("写 1 到 9999 之间的整数,不限就留空"))]
    )


class LimitsForm(Form):
    """On which days, and to which courtyards, it may be sent."""

    weekdays = Ticks(lazy("哪几天可以来"), [Optional()])
    courtyards = Ticks(lazy("可以去哪些院落"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.weekdays.choices = storefront.said(words.WEEKDAYS)
        self.courtyards.choices = options([(str(row.id), proper(row.name)) for row in residents.courtyards()])


class StopForm(Form):
    """Why no more is sent."""

    reason = TextAreaField(lazy("停止的原因(对方看得到)"), [Optional(), Length(max=500)])


@bp.get("/providers", endpoint="resources")
def resources() -> ResponseReturnValue:
    """Providers that asked, that are admitted, and that could be."""
    rows = search.for_community(_community(), place().street_id)
    state, typed = request.args.get("state", ""), request.args.get("q", "").strip()
    shown = [
        one
        for one in rows
        if (not state or one.admission == ("" if state == "none" else state))
        and (not typed or typed in one.name or any(typed in title for title in one.titles))
    ]
    counts = {key: sum(one.admission == key for one in rows) for key in ("", "asked", "active", "stopped")}
    waiting = queries.waiting(street_id=place().street_id, invited_by=place().slug)
    return render_template(
        "desk/resources.html", rows=shown, counts=counts, state=state, words=typed, said=storefront.WORDS,
        waiting=waiting, numbers=search.resources(_community()), period=today(),
    )  # fmt: skip


@bp.get("/providers/<uuid:provider_id>")
@logged
def resource(provider_id: UUID) -> ResponseReturnValue:
    """One provider: what it offers, this month's places, our terms; its papers where this community vets it."""
    return _one(provider_id, TermsForm(), StopForm())


@bp.post("/providers/<uuid:provider_id>/admit")
def admit(provider_id: UUID) -> ResponseReturnValue:
    """Let it in, or change the terms."""
    form = TermsForm()
    if not form.validate_on_submit():
        return _one(provider_id, form, StopForm(), 422)
    try:
        service.admit(provider_id, place(), int(form.limit.data) if form.limit.data else None)
    except Refused as refused:
        if refused.status == 404:
            raise
        _words, status = form.refuse(refused)
        return _one(provider_id, form, StopForm(), status)
    flash(_("已准入。派单时可以选它了。"), "success")
    return redirect(url_for("desk.resource", provider_id=provider_id), 303)


@bp.post("/providers/<uuid:provider_id>/terms")
def provider_terms(provider_id: UUID) -> ResponseReturnValue:
    """Limit its days and courtyards; other communities keep their own terms."""
    form = LimitsForm()
    if form.validate_on_submit():
        yards = [UUID(each) for each in form.courtyards.data or ()]
        terms.limit(provider_id, _community(), form.weekdays.data or (), yards)
        flash(_("已保存。派单时照这个来。"), "success")
    else:
        flash(_("请从列出的日子和院落里选。"), "warning")
    return redirect(url_for("desk.resource", provider_id=provider_id), 303)


@bp.post("/providers/<uuid:provider_id>/stop")
def stop(provider_id: UUID) -> ResponseReturnValue:
    """Send no more to it."""
    form = StopForm()
    try:
        service.stop(provider_id, place(), form.reason.data or "")
    except Refused as refused:
        if refused.status == 404:
            raise
        _words, status = form.refuse(refused)
        return _one(provider_id, TermsForm(), form, status)
    flash(_("已停止派单。进行中的照常做完。"), "success")
    return redirect(url_for("desk.resource", provider_id=provider_id), 303)


@bp.post("/providers/<uuid:provider_id>/vet")
def vet(provider_id: UUID) -> ResponseReturnValue:
    """The community that invited a shop looks at its papers and says yes; the street sees and may suspend."""
    with flashed():
        vetting.approve(provider_id, place())
        flash(_("已审核通过。请接着准入并写明每月上限。"), "success")
    return redirect(url_for("desk.resource", provider_id=provider_id), 303)


@bp.get("/providers/<uuid:provider_id>/papers/<uuid:paper_id>")
@logged
def resource_paper(provider_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """A paper of a provider that this community vets, as an attachment."""
    if not _vets(queries.find(provider_id)):
        abort(404)
    return storefront.paper_file(provider_id, paper_id)


def _vets(row: Any) -> bool:
    return row is not None and row.state != "draft" and vetting.vets(place(), row.street_id, row.invited_by)


def _one(provider_id: UUID, quota: TermsForm, stopping: StopForm, status: int = 200) -> ResponseReturnValue:
    row = queries.find(provider_id)
    admission = search.admission(provider_id, place().id)
    vets = _vets(row) and may("desk.vet")
    if row is None or not (row.state == "active" or admission or vets):
        abort(404)
    if admission and request.method == "GET":
        quota.limit.data = str(admission.monthly_limit or "")
    held = terms.terms_of(_community(), [provider_id]).get(provider_id)
    known = {"weekdays": held.weekdays, "courtyards": held.courtyards} if held else {}
    more = {
        "limits": LimitsForm(formdata=None, data=known), "held": held, "complaint_words": complaint_words,
        "notices": neighbours.notices(provider_id, beside=_community()),
    }  # fmt: skip
    page = {
        "row": row, "admission": admission, "terms": quota, "stopping": stopping, "vets": vets,
        "services": restricted.visible(queries.services(provider_id)), "papers": queries.papers(provider_id) if vets else [],
        "history": queries.history(provider_id), "said": storefront.WORDS,
        "serves": service.serves(provider_id, place().street_id),
        "fields": restricted.shown_details(requirements.FIELDS), "prices": prices.listed(provider_id, valid=True)[0],
        "dearer": visits.dearer(provider_id),
        "standing": oncall.standing([provider_id]).get(provider_id),
    }  # fmt: skip
    return render_template("desk/resource.html", **page, **more), status


def _community() -> UUID:
    found = place().id
    assert found is not None  # noqa: S101  a community's place always has an id
    return found
