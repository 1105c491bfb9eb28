"""/prefs: large type and language, kept in the browser's session; back to where one was."""

from flask import redirect, request, session
from flask.typing import ResponseReturnValue

from blueprints.entry import safe_next
from blueprints.pages import LANGUAGES
from blueprints.public.door import bp


@bp.get("/prefs")
def prefs() -> ResponseReturnValue:
    """Set what the address says and nothing else; a reader's own taste, not a change of data."""
    if request.args.get("elder") in ("0", "1"):
        session["elder"] = request.args["elder"] == "1"
    if request.args.get("lang") in LANGUAGES:
        session["lang"] = request.args["lang"]
    session.permanent = True
    return redirect(safe_next(request.args.get("next"), entrance=True) or "/", 303)
