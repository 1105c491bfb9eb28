"""Volunteers and their leads, on a phone."""

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for

from blueprints.guard import me
from tenants.volunteers import joining, queries
from tenants.volunteers.models import Volunteer

bp = Blueprint("volunteer", __name__, url_prefix="/c/<slug>/volunteer")


def mine() -> Volunteer:
    """The volunteer who is logged in; who has not yet said that the sign-up is theirs is asked first; 404 for a login
    that belongs to none here."""
    found = joining.mine(me().account_id)
    if found is None and joining.waiting(me().account_id) is not None:
        abort(redirect(url_for("volunteer.begin"), 303))
    if found is None or found.state in ("refused", "ended"):
        abort(404)
    return found


def own_teams() -> list[UUID]:
    """The teams that whoever is logged in may arrange: a lead's own, for a secretary all."""
    return [row.id for row in queries.teams(None if me().role == "secretary" else me().account_id)]
