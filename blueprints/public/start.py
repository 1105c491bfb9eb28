"""/ and /try: where everyone arrives, and what a community's own pages would look like before anyone signs up."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.public.door import bp
from tenants.founding import shown


@bp.get("/")
def start() -> ResponseReturnValue:
    """Ways in: my community, found one, offer help, log in; and a look before signing up."""
    words = (request.args.get("q") or "").strip()[:30]
    return render_template("public/start.html", communities=shown.live(words), q=words)


@bp.get("/try")
def try_out() -> ResponseReturnValue:
    """The public page of a community by its name alone; nothing is stored."""
    return _preview("public/community.html")


@bp.get("/try/board")
def try_board() -> ResponseReturnValue:
    """The printable board of the same."""
    return _preview("public/board.html")


def _preview(template: str) -> ResponseReturnValue:
    words = (request.args.get("name") or "").strip()
    found = shown.preview(words) if words else None
    if found is None:
        return redirect(url_for("public.start", missing=1) + "#try", 303)
    return render_template(template, it=found, words=words[:30], picture="", desks=shown.desks())
