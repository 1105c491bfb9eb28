"""/hsds: services, organizations, service_at_locations, taxonomies, taxonomy_terms, each as a list and by id."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from blueprints.hsds.door import Malformed, bp, said
from rongjiu.clock import ZONE
from rongjiu.marketplace import opendata, records, taxonomies

NONE = {"error": "not_found"}
PAGING = frozenset({"page", "per_page", "format", "search"})
LINKED = frozenset({"taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "full"})


@bp.get("/services")
def services() -> ResponseReturnValue:
    """Services that fit every parameter given."""
    _known(PAGING | LINKED | {"minimal"})
    asked, full = _asked("service"), _flag("full")
    form = "minimal" if _flag("minimal") else "whole" if full else "brief"
    rows, total = opendata.page(asked, form)
    return _listed(_with_places(rows) if form == "whole" else rows, total, asked.page, asked.size)


@bp.get("/services/<uuid:key>")
def service(key: UUID) -> ResponseReturnValue:
    """One service in full, with the places left this month."""
    found = opendata.one("service", key)
    return said(_with_places([found])[0]) if found else said(NONE, 404)


@bp.get("/organizations")
def organizations() -> ResponseReturnValue:
    """Providers that fit every parameter given."""
    _known(PAGING | LINKED | {"full_service"})
    asked, nested = _asked("organization"), _flag("full_service")
    full = _flag("full") or nested
    rows, total = opendata.page(asked, "whole" if full else "brief")
    return _listed(_with_services(rows, nested) if full else rows, total, asked.page, asked.size)


@bp.get("/organizations/<uuid:key>")
def organization(key: UUID) -> ResponseReturnValue:
    """One provider in full."""
    found = opendata.one("organization", key)
    return said(_with_services([found], _flag("full_service"))[0]) if found else said(NONE, 404)


@bp.get("/service_at_locations")
def service_at_locations() -> ResponseReturnValue:
    """Services at the places where they are given."""
    _known(PAGING | LINKED)
    asked = _asked("service_at_location")
    rows, total = opendata.page(asked, "whole" if _flag("full") else "brief")
    return _listed(rows, total, asked.page, asked.size)


@bp.get("/service_at_locations/<uuid:key>")
def service_at_location(key: UUID) -> ResponseReturnValue:
    """One service at one place."""
    found = opendata.one("service_at_location", key)
    return said(found) if found else said(NONE, 404)


@bp.get("/taxonomies", endpoint="taxonomies")
def lists() -> ResponseReturnValue:
    """The four lists."""
    _known(PAGING)
    words = request.args.get("search", "").strip()
    rows = [one for one in taxonomies.TAXONOMIES.values() if words in one.name or words in one.description]
    return _paged([records.taxonomy(one) for one in rows])


@bp.get("/taxonomies/<uuid:key>")
def taxonomy(key: UUID) -> ResponseReturnValue:
    """One list."""
    found = next((one for one in taxonomies.TAXONOMIES.values() if one.id == key), None)
    return said(records.taxonomy(found)) if found else said(NONE, 404)


@bp.get("/taxonomy_terms")
def taxonomy_terms() -> ResponseReturnValue:
    """Entries of the lists."""
    _known(PAGING | {"taxonomy_id", "parent_id", "top_only"})
    words, within = request.args.get("search", "").strip(), _uuid("taxonomy_id")
    above, top = _uuid("parent_id"), _flag("top_only")
    rows = [
        one
        for one in taxonomies.terms().values()
        if (not words or words in one.name or words in one.description)
        and (within is None or one.taxonomy.id == within)
        and (above is None or one.parent and taxonomies.term_id(one.taxonomy.code, one.parent) == above)
        and not (top and one.parent)
    ]
    return _paged([records.term(one) for one in rows])


@bp.get("/taxonomy_terms/<uuid:key>")
def taxonomy_term(key: UUID) -> ResponseReturnValue:
    """One entry of a list."""
    found = taxonomies.terms().get(key)
    return said(records.term(found)) if found else said(NONE, 404)


def _asked(kind: str) -> opendata.Asked:
    return opendata.Asked(
        kind=kind, search=request.args.get("search", "").strip()[:60], term_id=_uuid("taxonomy_term_id"),
        taxonomy_id=_uuid("taxonomy_id"), organization_id=_uuid("organization_id"), modified_after=_moment(),
        page=_number("page", 1, 1_000_000), size=_number("per_page", 50, opendata.MOST),
    )  # fmt: skip


def _known(names: frozenset[str]) -> None:
    """Refuse a parameter that this list does not serve, and any format but JSON."""
    for name in request.args:
        if name not in names:
            raise Malformed(name)
    if request.args.get("format", "json").lower() != "json":
        raise Malformed("format")


def _number(name: str, default: int, most: int) -> int:
    typed = request.args.get(name, "")
    if not typed:
        return default
    if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:8]) <= most):
        raise Malformed(name)
    return int(typed[:8])


def _uuid(name: str) -> UUID | None:
    typed = request.args.get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise Malformed(name) from None


def _moment() -> datetime | None:
    typed = request.args.get("modified_after", "")
    try:
        found = datetime.fromisoformat(typed.replace(" ", "+")) if typed else None
    except ValueError:
        raise Malformed("modified_after") from None
    return found.replace(tzinfo=ZONE) if found and found.tzinfo is None else found


def _flag(name: str) -> bool:
    typed = request.args.get(name, "").lower()
    if typed not in ("", "true", "false", "1", "0"):
        raise Malformed(name)
    return typed in ("true", "1")


def _id(text: str) -> UUID:
    """The id of a record as it is sent: it stands first."""
    return UUID(text[7:43])


def _with_places(rows: Sequence[str]) -> list[str]:
    places = opendata.places([_id(row) for row in rows])
    return [
        f'{row[:-1]},"capacities":[{records.text(places[key])}]}}' if (key := _id(row)) in places else row
        for row in rows
    ]


def _with_services(rows: Sequence[str], nested: bool) -> list[str]:
    if not nested:
        return list(rows)
    services = opendata.of_organizations([_id(row) for row in rows])
    return [f'{row[:-1]},"services":[{",".join(_with_places(services[_id(row)]))}]}}' for row in rows]


def _paged(rows: list[records.Record]) -> ResponseReturnValue:
    page, size = _number("page", 1, 1_000_000), _number("per_page", 50, opendata.MOST)
    shown = rows[(page - 1) * size : page * size]
    return _listed([records.text(row) for row in shown], len(rows), page, size)


def _listed(rows: Sequence[str], total: int, page: int, size: int) -> ResponseReturnValue:
    """The envelope of every list; beyond the last page it is empty and says so."""
    pages = -(-total // size)
    head = {
        "total_items": total, "total_pages": pages, "page_number": page, "size": len(rows), "first_page": page == 1,
        "last_page": page >= pages, "empty": not rows,
    }  # fmt: skip
    return said(f'{records.text(head)[:-1]},"contents":[{",".join(rows)}]}}')
