"""/c/<slug>/desk/providers: who may help here, on which terms, and the leaflet that brings the next shop."""

from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms.validators import Optional

from blueprints import storefront
from blueprints.desk import complaint_words
from blueprints.desk.admission_forms import forms
from blueprints.desk.door import bp
from blueprints.forms import Form, flashed, options
from blueprints.guard import logged, may, place
from blueprints.pages import proper
from blueprints.paging import cut
from blueprints.storefront import Ticks
from rongjiu.clock import now, today
from rongjiu.marketplace import queries, requirements, restricted, search, service, terms, vetting, words
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.marketplace.admissions import rules
from rongjiu.marketplace.kinds import oncall, prices
from rongjiu.neighbours import service as neighbours
from tenants.accompaniment import queries as visits
from tenants.residents import queries as residents

STATES = {
    "waiting": rules.WAITING, **{code: (code,) for code in ("approved", "active", "suspended", "expired")},
    "none": ("",), "gone": ("denied", "withdrawn"),
}  # fmt: skip
"""Filters of the list: which states of an admission each shows."""


class LimitsForm(Form):
    """On which days, and to which courtyards, it may be sent."""

    weekdays = Ticks(lazy("哪几天可以来"), [Optional()])
    courtyards = Ticks(lazy("可以去哪些院落"), [Optional()])

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.weekdays.choices = storefront.said(words.WEEKDAYS)
        self.courtyards.choices = options([(str(row.id), proper(row.name)) for row in residents.courtyards()])


@bp.get("/providers", endpoint="resources")
def resources() -> ResponseReturnValue:
    """Providers that asked, that are admitted, and that could be."""
    rows = search.for_community(_community(), place().street_id)
    state, typed = request.args.get("state", ""), request.args.get("q", "").strip()
    part = cut(
        [
            one
            for one in rows
            if one.admission in STATES.get(state, (one.admission,))
            and (not typed or typed in one.name or any(typed in title for title in one.titles))
        ]
    )
    counts = {code: sum(one.admission in wanted for one in rows) for code, wanted in STATES.items()}
    waiting = queries.waiting(street_id=place().street_id, invited_by=place().slug)
    return render_template(
        "desk/resources.html", rows=part.rows, part=part, counts=counts, state=state, words=typed, said=storefront.WORDS,
        waiting=waiting, numbers=search.resources(_community()), period=today(), waits=rules.WAITS, moment=now(),
    )  # fmt: skip


@bp.get("/providers/<uuid:provider_id>")
@logged
def resource(provider_id: UUID) -> ResponseReturnValue:
    """One provider: what it offers, this month's places, our terms; its papers where this community vets it."""
    return page(provider_id)


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


def page(provider_id: UUID, status: int = 200, **sent: Form) -> ResponseReturnValue:
    """The page of one provider, with the form that was sent, if any."""
    row = queries.find(provider_id)
    admission = admissions.one(provider_id, place().id)
    vets = _vets(row) and may("desk.vet")
    if row is None or not (row.state == "active" or admission or vets):
        abort(404)
    held = terms.terms_of(_community(), [provider_id]).get(provider_id)
    known = {"weekdays": held.weekdays, "courtyards": held.courtyards} if held else {}
    more = {
        "limits": LimitsForm(formdata=None, data=known), "held": held, "complaint_words": complaint_words,
        "notices": neighbours.notices(provider_id, beside=_community()), "moment": now(),
        "steps": admissions.history(admission.id, _community()) if admission else [],
        "wait": rules.wait(admission.state, admission.ends_on, today()) if admission else None,
    }  # fmt: skip
    shown = {
        "row": row, "admission": admission, "forms": forms(admission, **sent), "vets": vets,
        "services": restricted.visible(queries.services(provider_id)), "papers": queries.papers(provider_id) if vets else [],
        "history": queries.history(provider_id), "said": storefront.WORDS,
        "serves": service.serves(provider_id, place().street_id),
        "fields": restricted.shown_details(requirements.FIELDS), "prices": prices.listed(provider_id, valid=True)[0],
        "dearer": visits.dearer(provider_id),
        "standing": oncall.standing([provider_id]).get(provider_id),
    }  # fmt: skip
    return render_template("desk/resource.html", **shown, **more), status


def _community() -> UUID:
    found = place().id
    assert found is not None  # noqa: S101  a community's place always has an id
    return found
