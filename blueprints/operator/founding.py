"""/operator/founding: communities whose street is not on the platform; of all others only how far they are."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.foundings import Answerer
from blueprints.operator.door import bp
from tenants.founding import queries

_OPERATOR = Answerer("operator")


@bp.get("/founding")
def foundings() -> ResponseReturnValue:
    """All foundings; those without a street are the operator's to answer."""
    own = {row.draft_id for row in queries.requests(None)}
    return render_template("operator/foundings.html", rows=queries.requests(None, everywhere=True), mine=own)


@bp.get("/founding/<uuid:draft>")
def founding(draft: UUID) -> ResponseReturnValue:
    """One founding: place, proof, posts, parameter table; nothing else."""
    return _OPERATOR.page(draft)


@bp.post("/founding/<uuid:draft>/approve")
def founding_approve(draft: UUID) -> ResponseReturnValue:
    """Let the community go live."""
    return _OPERATOR.approve(draft)


@bp.post("/founding/<uuid:draft>/return")
def founding_return(draft: UUID) -> ResponseReturnValue:
    """Give it back with a reason."""
    return _OPERATOR.give_back(draft)


@bp.get("/founding/<uuid:draft>/letter")
def founding_letter(draft: UUID) -> ResponseReturnValue:
    """The stamped letter, as an attachment; its opening is written down."""
    return _OPERATOR.letter(draft)
