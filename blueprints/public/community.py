"""/c/<slug>/: a community's public page, its printable board, its privacy page. Read as a role that sees no person."""

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.entry import full_address
from blueprints.pictures import qr
from blueprints.public.door import bp
from tenants.founding import shown


@bp.get("/c/<slug>/")
def community() -> ResponseReturnValue:
    """Four pillars, what can be applied for, what can be needed, who helps, how to reach the community."""
    return render_template("public/community.html", it=shown.community(), desks=shown.desks())


@bp.get("/c/<slug>/board")
def board() -> ResponseReturnValue:
    """The needs board, for a wall: A4, with a QR code of the public page."""
    address = full_address("public.community")
    return render_template("public/board.html", it=shown.community(), picture=qr(address), address=address)


@bp.get("/c/<slug>/privacy")
def privacy() -> ResponseReturnValue:
    """What is kept of whom, who sees it, and what a resident may ask for."""
    return render_template("public/privacy.html", it=shown.community())
