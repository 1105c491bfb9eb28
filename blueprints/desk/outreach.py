"""/c/<slug>/desk/outreach: the leaflet for the next shop in the street, with a code that opens its registration."""

from hashlib import sha256
from urllib.parse import urlencode

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import storefront
from blueprints.desk.door import bp
from blueprints.guard import place
from rongjiu.marketplace import queries


@bp.get("/outreach", endpoint="outreach")
def outreach() -> ResponseReturnValue:
    """Write a shop's name, print its leaflet, and see who has registered through one."""
    shop = request.args.get("shop", "").strip()[:40]
    words = {
        "shop": shop, "address": _address(shop), "rows": queries.invited(place().slug), "said": storefront.WORDS,
    }  # fmt: skip
    return render_template("desk/outreach.html", qr=_qr(_address(shop)), **words)


@bp.get("/outreach/leaflet")
def leaflet() -> ResponseReturnValue:
    """One page to print and leave on the counter."""
    shop = request.args.get("shop", "").strip()[:40]
    return render_template("desk/leaflet.html", shop=shop, address=_address(shop), qr=_qr(_address(shop)))


def _address(shop: str) -> str:
    """The registration with a code that names the community, and by a hash the shop that was visited: no person."""
    mark = f".{sha256(shop.encode()).hexdigest()[:4]}" if shop else ""
    root = str(current_app.config["SETTINGS"].public_url or request.host_url).rstrip("/")
    return f"{root}{url_for('join.provider')}?{urlencode({'from': place().slug + mark})}"


def _qr(text: str) -> str:
    """The code as a picture in a data address, which the content policy allows."""
    import segno  # 0.1 s to import; only this page draws codes

    return str(segno.make(text, error="m").svg_data_uri(scale=6, border=2, dark="#1f2a37"))
