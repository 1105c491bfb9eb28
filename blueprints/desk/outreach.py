"""/c/<slug>/desk/outreach: whom to ask to help, who was spoken to, who is asked again; leaflets."""

from hashlib import sha256
from typing import Any, TypedDict
from urllib.parse import urlencode

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints import storefront
from blueprints.desk import outreach_words as words
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.guard import place
from blueprints.pictures import qr
from rongjiu.clock import now, today
from rongjiu.marketplace import queries as market
from rongjiu.marketplace.words import KINDS as TRADES
from tenants.outreach import queries


class Wanted(TypedDict):
    """The filters of the list."""

    state: str
    kind: str
    words: str
    retry: bool


def wanted() -> Wanted:
    """The filters that the address names."""
    args = request.args
    return Wanted(
        state=args.get("state", ""), kind=args.get("kind", ""), words=args.get("q", "").strip()[:60],
        retry=args.get("retry") == "1",
    )  # fmt: skip


@bp.get("/outreach", endpoint="outreach")
def outreach() -> ResponseReturnValue:
    """The pipeline: those with something to do first."""
    page, chosen = page_number(), wanted()
    rows, total = queries.page(**chosen, page=page, size=page_size())
    counts = queries.counts()
    filters = [
        {"name": "state", "label": _("到哪一步"), "value": chosen["state"],
         "options": [(code, str(word), counts.get(code, 0)) for code, word in words.STATES.items()]},
        {"name": "kind", "label": _("类型"), "value": chosen["kind"],
         "options": [(code, str(word), None) for code, word in words.KINDS.items()]},
        {"name": "retry", "label": _("再访"), "value": "1" if chosen["retry"] else "",
         "options": [("1", _("到了再访的日子"), queries.due_again())]},
    ]  # fmt: skip
    return render_template(
        "desk/outreach.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), filters=filters,
        words=words, counts=counts, chosen_now=chosen, now=now(), today=today(), trades=TRADES,
    )  # fmt: skip


def _hidden(row: Any) -> str:
    return f"{row.name[:1]}某" if row.kind == "person" else str(row.name)


@bp.get("/outreach/leaflets")
def leaflets() -> ResponseReturnValue:
    """Write a shop's name, print its leaflet, and see who has registered through one."""
    shop = request.args.get("shop", "").strip()[:40]
    address = registration(_mark(shop))
    rows = market.invited(place().slug)
    return render_template(
        "desk/leaflets.html", qr=qr(address), shop=shop, address=address, rows=rows, said=storefront.WORDS
    )  # fmt: skip


@bp.get("/outreach/leaflet")
def leaflet() -> ResponseReturnValue:
    """One page to print and leave on the counter; `of` names a prospect, whose registration is then known."""
    shop, number = request.args.get("shop", "").strip()[:40], request.args.get("of", "")[:40]
    row = queries.one(number) if number else None
    if row is not None:
        shop = row.name if row.kind != "person" else ""
    address = registration(queries.mark(number) if row is not None else _mark(shop))
    return render_template("desk/leaflet.html", shop=shop, of=row, address=address, qr=qr(address))


def _mark(shop: str) -> str:
    return sha256(shop.encode()).hexdigest()[:4] if shop else ""


def registration(mark: str) -> str:
    """The registration with a code that names the community and, by a hash, the shop that was visited: no person."""
    root = str(current_app.config["SETTINGS"].public_url or request.host_url).rstrip("/")
    code = f"{place().slug}.{mark}" if mark else place().slug
    return f"{root}{url_for('join.provider')}?{urlencode({'from': code})}"
