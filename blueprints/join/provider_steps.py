"""The four pages of a registration: shop, papers, services, hand in. Left half-way, it goes on where it was."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import storefront, storefront_details, storefront_offers
from blueprints.guard import me
from blueprints.join.door import bp
from rongjiu.errors import Refused
from rongjiu.marketplace import offers, queries, requirements, signing, vetting

STEPS = ("provider_shop", "provider_papers", "provider_services", "provider_review")


def _mine() -> UUID:
    found = queries.of_account(me().account_id)
    if found is None:
        abort(404)
    return UUID(str(found.id))


def _steps(now: str, mine: UUID) -> list[tuple[str, str, str]]:
    lacks = {{"details": "shop"}.get(code, code.partition("_")[0]) for code in vetting.lacking(mine)}
    parts = ((_("店铺"), "shop"), (_("证照"), "paper"), (_("服务"), "service"), (_("提交"), "hand_in"))
    return [
        (label, url_for(f"join.{name}"), "now" if name == now else "next" if part in (*lacks, "hand_in") else "done")
        for name, (label, part) in zip(STEPS, parts, strict=True)
    ]


def _step(now: str, template: str, onward: str) -> storefront.Step:
    mine = _mine()
    return storefront.Step(mine, template, url_for(f"join.{onward}"), {"steps": _steps(now, mine)})


@bp.route("/provider/shop", methods=["GET", "POST"])
def provider_shop() -> ResponseReturnValue:
    """First: the shop."""
    return storefront.shop(_step("provider_shop", "join/provider_shop.html", "provider_details"))


@bp.route("/provider/details", methods=["GET", "POST"])
def provider_details() -> ResponseReturnValue:
    """Between shop and papers: what the kind needs; a kind that needs nothing more goes straight on."""
    row = queries.find(_mine())
    need = requirements.need(row.group, row.kind) if row else requirements.Need()
    if row is None or not need.fields and row.group not in requirements.OF_GROUP:
        return redirect(url_for("join.provider_papers"), 303)
    return storefront_details.details(_step("provider_shop", "join/provider_details.html", "provider_papers"))


@bp.route("/provider/papers", methods=["GET", "POST"])
def provider_papers() -> ResponseReturnValue:
    """Second: the papers."""
    return storefront.papers(_step("provider_papers", "join/provider_papers.html", "provider_papers"))


@bp.get("/provider/papers/<uuid:paper_id>")
def provider_paper(paper_id: UUID) -> ResponseReturnValue:
    """One of the own papers."""
    return storefront.paper_file(_mine(), paper_id)


@bp.post("/provider/papers/<uuid:paper_id>/drop")
def provider_paper_drop(paper_id: UUID) -> ResponseReturnValue:
    """Take a paper back."""
    return storefront.drop_paper(_step("provider_papers", "", "provider_papers"), paper_id)


@bp.route("/provider/services", methods=["GET", "POST"])
def provider_services() -> ResponseReturnValue:
    """Third: what it helps with; one service is enough."""
    return storefront_offers.service(_step("provider_services", "join/provider_services.html", "provider_services"))


@bp.route("/provider/services/<uuid:service_id>", methods=["GET", "POST"])
def provider_service(service_id: UUID) -> ResponseReturnValue:
    """Change one service."""
    step = _step("provider_services", "join/provider_services.html", "provider_services")
    return storefront_offers.service(step, service_id)


@bp.post("/provider/services/<uuid:service_id>/drop")
def provider_service_drop(service_id: UUID) -> ResponseReturnValue:
    """Offer a service no longer."""
    offers.stop_service(_mine(), service_id)
    return redirect(url_for("join.provider_services"), 303)


@bp.get("/provider/review")
def provider_review() -> ResponseReturnValue:
    """Last: look it over and hand it in; afterwards, who holds it and until when."""
    mine = _mine()
    row = storefront.known(mine)
    words = {
        "row": row, "texts": requirements.TERMS, "unsigned": signing.unsigned(mine, row.group, row.kind), "papers": queries.papers(mine), "services": queries.services(mine),
        "lacking": vetting.lacking(mine), "history": queries.history(mine), "said": storefront.WORDS,
    }  # fmt: skip
    return render_template("join/provider_review.html", steps=_steps("provider_review", mine), **words)


@bp.post("/provider/hand-in")
def provider_hand_in() -> ResponseReturnValue:
    """Hand it in; twice is once."""
    try:
        vetting.hand_in(_mine())
        vetting.sign(_mine(), request.form.getlist("agreed"))
        flash(_("已提交。审核结果会发短信给您。"), "success")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("join.provider_review"), 303)
