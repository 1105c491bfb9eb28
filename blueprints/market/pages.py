"""/market: what anyone may search and read of the providers that all communities share."""

from datetime import date
from math import ceil
from uuid import UUID

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints import storefront
from blueprints.guard import may, visitor
from blueprints.market.door import bp
from rongjiu.marketplace import queries, search, sheets, words


@bp.get("/", endpoint="search")
def market() -> ResponseReturnValue:
    """Services by words, street, type and price."""
    args = request.args
    page = int(args["page"]) if args.get("page", "").isascii() and args.get("page", "").isdigit() else 1
    types, streets = storefront.type_names(), queries.streets()
    wanted = search.Wanted(
        words=args.get("q", "").strip()[:40],
        street_id=_known(args.get("street", ""), {str(key) for key, _name in streets}),
        service_type=args.get("type", "") if args.get("type", "") in types else "",
        price_class=args.get("price", "") if args.get("price", "") in words.PRICES else "",
        page=min(max(page, 1), 1000),
    )
    rows, total = search.listings(wanted)
    shown = {
        "rows": rows, "total": total, "pages": ceil(total / search.PAGE), "page": wanted.page, "size": search.PAGE,
        "types": types, "streets": streets, "wanted": wanted, "said": storefront.WORDS, "prices": storefront.said(words.PRICES),
    }  # fmt: skip
    return render_template("market/search.html", **shown)


@bp.get("/providers/<mark>")
def provider(mark: str) -> ResponseReturnValue:
    """One provider; a secretary logged in sees how the own community stands to it."""
    row = search.public(mark)
    if row is None:
        abort(404)
    person = visitor()
    here = person.place if person and person.place and person.place.kind == "community" else None
    shown = {
        "row": row, "services": queries.services(row.id), "said": storefront.WORDS, "desk": here,
        "admission": search.admission(row.id, here.id) if here else None,
        "may_admit": here is not None and may("desk.admit"),
    }  # fmt: skip
    return render_template("market/provider.html", **shown)


@bp.get("/providers/<mark>/sheets/<month>")
def sheet_check(mark: str, month: str) -> ResponseReturnValue:
    """Is a printed sheet genuine, with these very figures? Nothing is looked up but the name."""
    row = search.public(mark)
    args = request.args
    try:
        period = date.fromisoformat(f"{month}-01")
        said = [int(args.get(name, "")) for name in ("done", "confirmed", "communities")]
    except ValueError:
        abort(404)
    if row is None:
        abort(404)
    sheet = sheets.Sheet(mark, period, *said)
    good = sheets.genuine(sheet, args.get("seal", ""))
    return render_template("market/sheet.html", row=row, sheet=sheet, good=good)


def _known(typed: str, known: set[str]) -> UUID | None:
    return UUID(typed) if typed in known else None
