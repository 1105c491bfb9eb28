"""…/needs/<w1>/match: who could help, in which order and why; talks before anything personal is sent."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import TextAreaField

from blueprints.desk import offer_words
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form, lazy
from blueprints.guard import logged
from rongjiu.errors import Refused
from rongjiu.marketplace import restricted
from rongjiu.marketplace.kinds import oncall
from tenants.consents import queries as consents
from tenants.nearby import queries as nearby
from tenants.nearby import service as near
from tenants.needs import queries as needs
from tenants.referrals import queries
from tenants.referrals.matching import service as matching


class ContactForm(Form):
    """What a talk with a provider brought."""

    note = TextAreaField(lazy("沟通结果"))


def need_or_404(case: Any, mark: str) -> Any:
    """Need w<n> of a case, as the address writes it."""
    known = mark[:1] == "w" and mark[1:].isdecimal() and len(mark) < 8
    row = needs.one(case.id, int(mark[1:])) if known else None
    if row is None:
        abort(404)
    return row


@bp.get("/cases/<number>/needs/<need>/match")
@logged
def match(number: str, need: str) -> ResponseReturnValue:
    """The candidates as they were shown last; asking anew is a POST."""
    case = case_or_404(number)
    return _page(case, need_or_404(case, need), ContactForm(formdata=None))


@bp.post("/cases/<number>/needs/<need>/match")
def run_match(number: str, need: str) -> ResponseReturnValue:
    """Ask the marketplace, rank, freeze."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    try:
        found = matching.match(row.id, request.form.getlist("types"))
    except Refused as refused:
        form = ContactForm(formdata=None)
        _said, status = form.refuse(refused)
        return _page(case, row, form, status)
    if not found.candidates:
        flash(_("现在没有可派的服务方。换一类服务再找,或请书记准入新的服务方。"), "warning")
    return redirect(url_for("desk.match", number=number, need=need), 303)


@bp.post("/cases/<number>/needs/<need>/contacts")
def contact(number: str, need: str) -> ResponseReturnValue:
    """Note a talk with a provider; no name, no door."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    form = ContactForm()
    provider = uuid_of(request.form.get("provider"))
    try:
        if provider is None:
            raise Refused("请选择一家服务方的服务,至少一项。")
        matching.log_contact(row.id, provider, form.note.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _page(case, row, form, status, provider)
    flash(_("已记下这次沟通,没有提供任何个人信息。"), "success")
    return redirect(url_for("desk.match", number=number, need=need), 303)


@bp.post("/cases/<number>/needs/<need>/willing/<uuid:willing_id>/<any(confirm, thank):said>")
def willing(number: str, need: str, willing_id: UUID, said: str) -> ResponseReturnValue:
    """A provider offered by itself to come: on a consent the job is its; or it is thanked."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    if willing_id not in {one.id for one in nearby.of_need(row.id)}:
        abort(404)
    try:
        (near.confirm if said == "confirm" else near.thank)(willing_id)
        flash(_("已派给这家,时间已约好。") if said == "confirm" else _("已谢过这家。"), "success")
    except Refused as refused:
        form = ContactForm(formdata=None)
        _said, status = form.refuse(refused)
        return _page(case, row, form, status)
    return redirect(url_for("desk.match", number=number, need=need), 303)


def _page(
    case: Any, need: Any, form: ContactForm, status: int = 200, provider: UUID | None = None
) -> ResponseReturnValue:
    run = as_shown(queries.last_match(need.id))
    kinds = matching.types_for(need.item_slug)
    asked = {line["type"] for row in run.candidates for line in row["services"]} if run else set()
    asked |= {row["type"] for row in run.excluded} if run else set(matching.usual(kinds))
    shown = [UUID(row["provider_id"]) for row in (run.candidates if run else ())]
    slips = [row for row in queries.slips(case.id) if row.need_id == need.id]
    ready = {str(one) for one in consents.covered(case.id, shown)}
    page = render_template(
        "desk/match.html", case=case, need=need, run=run, kinds=kinds, asked=asked, form=form, words=offer_words,
        ready=ready, contacts=queries.contacts(need.id), talked_to=str(provider or ""),
        willing=nearby.of_need(need.id), left_out=_grouped(run.excluded if run else []), calls=_calls(need, run),
        sent=offer_words.sent(run, slips),
    )  # fmt: skip
    return page, status


def _calls(need: Any, run: Any) -> dict[str, str]:
    """The numbers on call of candidates, when it is urgent; those that are on call at this moment."""
    if run is None or need.urgency == "ordinary":
        return {}
    now_on = [
        key
        for key, each in oncall.standing([UUID(row["provider_id"]) for row in run.candidates]).items()
        if each.on_call
    ]
    return {str(key): phone for key, phone in oncall.phones(now_on).items()}


def as_shown(run: Any) -> Any:
    """A run as whoever asks may see it: without services that only named posts know of."""
    if run is None or restricted.knows():
        return run
    kept = [row | {"services": restricted.visible(row["services"], "type")} for row in run.candidates]
    return SimpleNamespace(
        at=run.at,
        candidates=[row for row in kept if row["services"]],
        excluded=restricted.visible(run.excluded, "type"),
    )


def _grouped(rows: list[dict[str, Any]]) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Exclusions by reason and service: (reason, title, rows)."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["reason"], row["title"]), []).append(row)
    return [(reason, title, group) for (reason, title), group in found.items()]
