"""…/grid/hearings: what a grid worker is asked about; the right of reply, without who complained."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from blueprints import heard
from blueprints.grid.door import bp


@bp.get("/hearings")
def hearings() -> ResponseReturnValue:
    """What I am asked about."""
    return heard.page("doors/grid.html", "grid.hearing_reply")


@bp.post("/hearings/<uuid:matter_id>")
def hearing_reply(matter_id: UUID) -> ResponseReturnValue:
    """My side of it."""
    return heard.reply(matter_id, "doors/grid.html", "grid.hearing_reply", "grid.hearings")
