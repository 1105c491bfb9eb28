"""/provider/shop, papers, services: what a provider keeps up to date by itself."""

from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import storefront, storefront_details, storefront_offers
from blueprints.forms import flashed
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from rongjiu.marketplace import offering, offers


def _step(template: str, onward: str) -> storefront.Step:
    return storefront.Step(mine(), f"provider/{template}.html", url_for(f"provider.{onward}"), {})


@bp.route("/shop", methods=["GET", "POST"])
def shop() -> ResponseReturnValue:
    """The shop."""
    return storefront.shop(_step("shop", "shop"))


@bp.route("/papers", methods=["GET", "POST"])
def papers() -> ResponseReturnValue:
    """The papers and their end dates."""
    return storefront.papers(_step("papers", "papers"))


@bp.get("/papers/<uuid:paper_id>")
def paper(paper_id: UUID) -> ResponseReturnValue:
    """One of the own papers."""
    return storefront.paper_file(mine(), paper_id)


@bp.post("/papers/<uuid:paper_id>/drop")
def paper_drop(paper_id: UUID) -> ResponseReturnValue:
    """Take a paper back, as long as nobody vetted it."""
    return storefront.drop_paper(_step("papers", "papers"), paper_id)


@bp.route("/services", methods=["GET", "POST"])
def services() -> ResponseReturnValue:
    """All services with this month's places, and one more."""
    return storefront_offers.service(_step("services", "services"))


@bp.route("/services/<uuid:service_id>", methods=["GET", "POST"])
def service(service_id: UUID) -> ResponseReturnValue:
    """Change one service: price, places, days, streets."""
    return storefront_offers.service(_step("service", "services"), service_id)


@bp.post("/services/<uuid:service_id>/stop")
def service_stop(service_id: UUID) -> ResponseReturnValue:
    """Offer a service no longer; what was promised stays promised."""
    with flashed():
        offers.stop_service(mine(), service_id)
        flash(_("已停止这项服务。已答应的还请做完。"), "success")
    return redirect(url_for("provider.services"), 303)


@bp.post("/services/<uuid:service_id>/again")
def service_again(service_id: UUID) -> ResponseReturnValue:
    """There are places again: offers may come."""
    places = offers.places_again(mine(), service_id)
    flash(_("已恢复：每月 %(n)s 人次，可以收到新派单了。", n=places), "success")
    return redirect(url_for("provider.services"), 303)


@bp.route("/places", methods=["GET", "POST"])
def sites() -> ResponseReturnValue:
    """The places where it works, and one more."""
    return storefront_offers.site(_step("sites", "sites"))


@bp.route("/places/<uuid:site_id>", methods=["GET", "POST"])
def site(site_id: UUID) -> ResponseReturnValue:
    """Change one place."""
    return storefront_offers.site(_step("sites", "sites"), site_id)


@bp.post("/places/<uuid:site_id>/close")
def site_close(site_id: UUID) -> ResponseReturnValue:
    """Work there no longer."""
    offering.close_site(mine(), site_id)
    flash(_("已撤下这个地点。"), "success")
    return redirect(url_for("provider.sites"), 303)


@bp.route("/details", methods=["GET", "POST"])
def details() -> ResponseReturnValue:
    """What its kind needs; insurance of volunteers; an individual's public name."""
    return storefront_details.details(_step("details", "status"))
