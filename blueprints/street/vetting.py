"""/street/<slug>/vetting: providers that wait for this street, one provider with its papers, and the decision."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms import TextAreaField
from wtforms.validators import Length, Optional

from blueprints import storefront
from blueprints.forms import Form
from blueprints.guard import logged, place
from blueprints.paging import cut
from blueprints.street.door import bp
from rongjiu import workdays
from rongjiu.clock import now
from rongjiu.errors import Refused
from rongjiu.marketplace import papers, queries, requirements, restricted, rules, service, vetting
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.tenancy.queries import Place


class ReasonForm(Form):
    """Why, in words that the applicant reads."""

    reason = TextAreaField(lazy("原因(申请人看得到)"), [Optional(), Length(max=500)])


def _plain(verb: Callable[[UUID, Place], None]) -> Callable[[UUID, Place, str], None]:
    def act(provider_id: UUID, by: Place, _reason: str) -> None:
        verb(provider_id, by)

    return act


VERBS: dict[str, tuple[Callable[[UUID, Place, str], None], str]] = {
    "take": (_plain(vetting.take), lazy("已开始审核。")),
    "approve": (_plain(vetting.approve), lazy("已通过。签好约定、有服务就自动上线,社区再准入。")),
    "ask": (vetting.ask, lazy("已请申请人补充,补好后会再回到这里。")),
    "deny": (vetting.deny, lazy("已记为不通过,申请人会收到短信。")),
    "suspend": (vetting.suspend, lazy("已暂停,所有社区都不会再派单给它。")),
    "resume": (vetting.resume, lazy("已恢复。")),
}


@bp.get("/vetting", endpoint="vetting")
def queue() -> ResponseReturnValue:
    """Who waits, the earliest due first."""
    rows = queries.waiting(street_id=place().id)
    more = {"fresh": papers.waiting(_street()), "ending": papers.ending(_street())}
    return render_template("street/vetting.html", **more, rows=rows, said=storefront.WORDS, left=_left, moment=now())


@bp.get("/vetting/<uuid:provider_id>")
@logged
def vetting_one(provider_id: UUID) -> ResponseReturnValue:
    """One provider in full: shop, papers, services, history."""
    return _one(provider_id, ReasonForm())


@bp.post("/vetting/<uuid:provider_id>")
def vetting_act(provider_id: UUID) -> ResponseReturnValue:
    """Decide: take, approve, ask, deny, suspend or resume."""
    _seen(provider_id)
    verb = VERBS.get(request.form.get("verb", ""))
    if verb is None:
        abort(400)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _one(provider_id, form, 422)
    try:
        verb[0](provider_id, place(), form.reason.data or "")
        flash(str(verb[1]), "success")
        onward = "street.vetting_one" if request.form["verb"] == "take" else "street.vetting"
        return redirect(
            url_for(onward, provider_id=provider_id) if onward == "street.vetting_one" else url_for(onward), 303
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        _words, status = form.refuse(refused)
        return _one(provider_id, form, status)


@bp.get("/vetting/<uuid:provider_id>/papers/<uuid:paper_id>")
@logged
def vetting_paper(provider_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """One paper, as an attachment."""
    _seen(provider_id)
    return storefront.paper_file(provider_id, paper_id)


@bp.post("/vetting/<uuid:provider_id>/papers/<uuid:paper_id>/decide")
def vetting_paper_decide(provider_id: UUID, paper_id: UUID) -> ResponseReturnValue:
    """A new paper of a provider that runs counts from now on, or does not."""
    _seen(provider_id)
    form = ReasonForm()
    try:
        service.not_own(provider_id)
        accepted = request.form.get("verb") == "accept"
        papers.decide(provider_id, paper_id, accepted=accepted, reason=form.reason.data or "")
    except Refused as refused:
        if refused.status == 404:
            raise
        _words, status = form.refuse(refused)
        return _one(provider_id, form, status)
    flash(_("已记下,对方会收到短信。"), "success")
    return redirect(url_for("street.vetting_one", provider_id=provider_id), 303)


@bp.get("/providers")
def providers() -> ResponseReturnValue:
    """Every provider of the street, with services, admissions and the end of its papers; 社会组织 are the registered."""
    state, words, form = request.args.get("state", ""), request.args.get("q", "").strip(), request.args.get("form", "")
    forms = rules.REGISTERED_SOCIAL if form == "registered" else {form} & set(rules.LEGAL_FORMS)
    rows = queries.of_street(_street(), state=state, words=words, forms=forms)
    part = cut(rows)
    shown = {
        "rows": part.rows, "page": part.page, "pages": part.pages, "total": part.total, "state": state, "words": words,
        "form": form, "sums": {name: sum(getattr(row, name) for row in rows) for name in ("services", "admissions")},
    }  # fmt: skip
    return render_template("street/providers.html", said=storefront.WORDS, **shown)


def _street() -> UUID:
    found = place().id
    if place().kind != "street" or found is None:
        abort(404)
    return found


def _seen(provider_id: UUID) -> Any:
    """The provider if this street vets it; 404 for any other, as for an unknown one."""
    row = queries.find(provider_id)
    if row is None or row.state == "draft" and not row.state_reason or not vetting.vets(place(), row.street_id, ""):
        abort(404)
    return row


def _one(provider_id: UUID, form: Form, status: int = 200) -> ResponseReturnValue:
    row = _seen(provider_id)
    words = {
        "row": row, "papers": queries.papers(provider_id), "services": restricted.visible(queries.services(provider_id)),
        "history": queries.history(provider_id), "form": form, "said": storefront.WORDS, "left": _left, "moment": now(),
        "fields": restricted.shown_details(requirements.FIELDS), "communities": _admitting(provider_id),
    }  # fmt: skip
    return render_template("street/vetting_one.html", **words), status


def _admitting(provider_id: UUID) -> list[Any]:
    """How the communities of this street stand to a provider, without what was said between the two."""
    rows = admissions.of_provider(provider_id, [_street()])
    return [row for row in rows if row.street_id == place().id and row.state]


def _left(due: Any) -> int | None:
    return workdays.working_days_left(now(), due) if due else None
