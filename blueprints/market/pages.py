"""/market: what anyone may search and read of the providers that all communities share."""

from datetime import date
from math import ceil
from uuid import UUID

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import storefront
from blueprints.entry import full_address
from blueprints.guard import may, visitor
from blueprints.market.door import bp
from blueprints.pictures import qr
from rongjiu.db import as_role
from rongjiu.marketplace import opendata, queries, search, sheets, words
from rongjiu.marketplace.admissions import queries as admissions


@bp.get("/", endpoint="search")
def market() -> ResponseReturnValue:
    """Services by words, street, type, price and way, read as anyone; a page of it prints."""
    args = request.args
    page = int(args["page"]) if args.get("page", "").isascii() and args.get("page", "").isdigit() else 1
    types = storefront.type_names()
    with as_role("app_public"):
        streets = queries.streets()
        wanted = search.Wanted(
            words=args.get("q", "").strip()[:40],
            street_id=_known(args.get("street", ""), {str(key) for key, _name in streets}),
            service_type=args.get("type", "") if args.get("type", "") in types else "",
            price_class=args.get("price", "") if args.get("price", "") in words.PRICES else "",
            mode=args.get("mode", "") if args.get("mode", "") in words.MODES else "",
            page=min(max(page, 1), 1000),
        )
        rows, total = search.listings(wanted)
        standing = opendata.standing([row.service_id for row in rows])
    shown = {
        "rows": rows, "standing": standing, "total": total, "pages": ceil(total / search.PAGE), "page": wanted.page, "size": search.PAGE,
        "types": types, "streets": streets, "wanted": wanted, "said": storefront.WORDS, "prices": storefront.said(words.PRICES),
        "modes": storefront.said(words.MODES),
    }  # fmt: skip
    return render_template("market/search.html", **shown)


@bp.get("/areas")
def areas() -> ResponseReturnValue:
    """Street by street what there is, as a list instead of a map."""
    with as_role("app_public"):
        rows = search.by_area()
    return render_template("market/areas.html", rows=rows, types=storefront.type_names())


@bp.get("/providers/<mark>")
def provider(mark: str) -> ResponseReturnValue:
    """One provider; a secretary logged in sees how the own community stands to it."""
    with as_role("app_public"):
        found = opendata.shop_page(mark)
        standing = opendata.standing([UUID(each["id"]) for each in found[1]["services"]] if found else [])
    if found is None:
        abort(404)
    key, row = found
    person = visitor()
    here = person.place if person and person.place and person.place.kind == "community" else None
    address = full_address("market.provider", mark=mark)
    shown = {
        "id": key, "row": row, "status": {str(each): one.status for each, one in standing.items()}, "said": storefront.WORDS, "desk": here, "places": search.places_left(key) if here else {},
        "admission": admissions.one(key, here.id) if here else None,
        "may_admit": here is not None and may("desk.admit"), "address": address, "picture": qr(address),
        "here": url_for("market.provider", mark=mark),
    }  # fmt: skip
    return render_template("market/provider.html", **shown)


@bp.get("/providers/<mark>/sheets/<month>")
def sheet_check(mark: str, month: str) -> ResponseReturnValue:
    """Is a printed sheet genuine, with these very figures? Nothing is looked up but the name."""
    with as_role("app_public"):
        found = opendata.shop_page(mark)
    args = request.args
    try:
        period = date.fromisoformat(f"{month}-01")
        said = [int(args.get(name, "")) for name in ("done", "confirmed", "communities")]
    except ValueError:
        abort(404)
    if found is None:
        abort(404)
    sheet = sheets.Sheet(mark, period, *said)
    good = sheets.genuine(sheet, args.get("seal", ""))
    return render_template("market/sheet.html", row=found[1], sheet=sheet, good=good)


def _known(typed: str, known: set[str]) -> UUID | None:
    return UUID(typed) if typed in known else None
