"""/provider: where a provider begins, its inbox, and how it stands."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import storefront
from blueprints.forms import flashed
from blueprints.guard import place
from blueprints.provider.door import bp
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.marketplace import keeping, queries, requirements, rules, vetting, waiting
from rongjiu.marketplace.admissions import queries as admissions
from rongjiu.marketplace.admissions import service as admitting
from rongjiu.marketplace.kinds import licences, openings

OPEN = ("requested", "accepted", "in-progress", "on-hold")


def mine() -> UUID:
    """The provider for which the person works now."""
    found = place().id
    assert found is not None  # noqa: S101  a provider's place always has an id
    return found


@bp.get("/")
def home() -> ResponseReturnValue:
    """To the inbox, or to the registration that is not finished."""
    return redirect(url_for("provider.inbox"))


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """Offers that wait for an answer, jobs under way, and what is over; no person in any of them."""
    row = queries.find(mine())
    if row is None or row.state != "active":
        return redirect(url_for("provider.status"))
    rows = queries.inbox(mine())
    words = {
        "asked": [one for one in rows if one.state == "requested"],
        "running": [one for one in rows if one.state in OPEN[1:]],
        "over": [one for one in rows if one.state not in OPEN][-20:],
        "in_line": sum(waiting.lengths(mine()).values()),
    }
    return render_template("provider/inbox.html", row=row, **words)


@bp.get("/status")
def status() -> ResponseReturnValue:
    """Who holds the application until when, what is missing, which communities let the provider in."""
    provider_id = mine()
    row, offered = storefront.known(provider_id), queries.services(provider_id)
    streets = {key for one in offered for key, _name in one.streets}
    words = {
        "row": row, "services": offered, "papers": queries.papers(provider_id), "lacking": vetting.lacking(provider_id),
        "history": queries.history(provider_id), "communities": admissions.of_provider(provider_id, streets),
        "said": storefront.WORDS, **own_pages(row, offered), **_upkeep(row),
    }  # fmt: skip
    return render_template("provider/status.html", **words)


def own_pages(row: Any, offered: list[Any]) -> dict[str, Any]:
    """What a kind of provider keeps beside its shop: a log of care, declared prices, work it offers, hours on call."""
    wanted = requirements.need(row.group, row.kind).fields
    return {"wanted": wanted, "employs": "jobs" in wanted or any(one.service_type == openings.TYPE for one in offered)}


def _upkeep(row: Any) -> dict[str, bool]:
    """What the provider has to look after itself."""
    verified = row.verified_at.date() if row.verified_at else None
    return {
        "unlicensed": licences.medical(row.id) and not licences.at_work(row.id),
        "paused": rules.paused(row.paused_at, row.paused_until, today()),
        "to_confirm": keeping.due_for_confirmation(row.confirmed_on, verified, today()),
        "uninsured": not requirements.may_visit(row.group, row.insured_until, today()),
    }


@bp.post("/status/hand-in")
def hand_in() -> ResponseReturnValue:
    """Papers that had ended were replaced: ask to be vetted again."""
    try:
        vetting.hand_in(mine())
        flash(_("已提交。审核结果会发短信给您。"), "success")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("provider.status"), 303)


@bp.post("/status/ask/<uuid:community_id>")
def ask(community_id: UUID) -> ResponseReturnValue:
    """Ask a community to let the provider in."""
    try:
        admitting.ask(mine(), community_id)
        flash(_("已请社区准入,书记会在 3 个工作日内答复。"), "success")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("provider.status"), 303)


@bp.post("/status/step-out/<uuid:community_id>")
def step_out(community_id: UUID) -> ResponseReturnValue:
    """Take a request back, or come to a community no more; what was taken is done to the end."""
    with flashed():
        admitting.step_out(mine(), community_id)
        flash(_("已告诉社区。想再来,随时可以再请它准入。"), "success")
    return redirect(url_for("provider.status"), 303)


@bp.post("/status/reopen")
def reopen() -> ResponseReturnValue:
    """Write a denied or withdrawn application anew."""
    try:
        vetting.reopen(mine())
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
        return redirect(url_for("provider.status"), 303)
    return redirect(url_for("join.provider_shop"), 303)


@bp.post("/status/withdraw")
def withdraw() -> ResponseReturnValue:
    """Leave the marketplace; history stays."""
    try:
        vetting.withdraw(mine())
        flash(_("已退出,不会再收到新的派单。"), "success")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("provider.status"), 303)
