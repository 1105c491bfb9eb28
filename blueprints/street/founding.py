"""/street/<slug>/founding: communities of this street that ask to go live."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.foundings import Answerer
from blueprints.guard import place
from blueprints.street.door import bp
from rongjiu.errors import Absent
from tenants.founding import queries


@bp.get("/founding")
def foundings() -> ResponseReturnValue:
    """Those that wait first."""
    return render_template("street/foundings.html", rows=queries.requests(_street().street))


@bp.get("/founding/<uuid:draft>")
def founding(draft: UUID) -> ResponseReturnValue:
    """One founding: place, proof, posts, parameter table; nothing else."""
    return _street().page(draft)


@bp.post("/founding/<uuid:draft>/approve")
def founding_approve(draft: UUID) -> ResponseReturnValue:
    """Let the community go live."""
    return _street().approve(draft)


@bp.post("/founding/<uuid:draft>/return")
def founding_return(draft: UUID) -> ResponseReturnValue:
    """Give it back with a reason."""
    return _street().give_back(draft)


@bp.get("/founding/<uuid:draft>/letter")
def founding_letter(draft: UUID) -> ResponseReturnValue:
    """The stamped letter, as an attachment; its opening is written down."""
    return _street().letter(draft)


def _street() -> Answerer:
    here = place()
    if here.kind != "street" or here.id is None:
        raise Absent
    return Answerer("street", here.id)
