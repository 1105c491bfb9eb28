"""How far a role sees at the desk: a community worker only the cases assigned to them."""

from typing import Any
from uuid import UUID

from flask import abort, request

from blueprints.guard import me, restriction
from tenants.cases import queries as cases


def own() -> UUID | None:
    """The account to which cases must belong; None for roles that see all cases."""
    return me().account_id if restriction() == "own" else None


def case_or_404(number: str) -> Any:
    """The case of an address as far as this person may see it; 404 otherwise."""
    found = cases.one(number, own=own())
    if found is None:
        abort(404)
    return found


def page_number() -> int:
    """?page=, at least 1."""
    return max(1, request.args.get("page", 1, type=int))


def uuid_of(text: str | None) -> UUID | None:
    """An id in an address or form, or None when it is empty or none."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
