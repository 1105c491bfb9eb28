"""/demo/phone: the sample phone of a demo database, on which messages arrive. Anywhere else it does not exist."""

import re
from collections.abc import Iterator
from time import time

import pyotp
from flask import abort, current_app, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from blueprints.public.door import bp
from rongjiu.identity import queries as identity
from rongjiu.notify import queries

_LINK = re.compile(r"(https?://[^\s,。;、]+|(?<![\w/])/[a-z][\w/\-]+)")


@bp.get("/demo/phone")
def demo_phone() -> ResponseReturnValue:
    """The newest messages, links clickable."""
    if not current_app.config["DEMO"]:
        abort(404)
    rows = queries.newest(50)
    words = [(row, list(_pieces(row.text))) for row in rows]
    return render_template("public/demo_phone.html", rows=words, codes=[*_codes()], seconds=30 - int(time()) % 30)


def _codes() -> Iterator[tuple[str, str]]:
    """Name and present one-time code of each sample person, as an authenticator would show them."""
    for row in identity.personas():
        if row.totp_secret:
            yield row.name, pyotp.TOTP(row.totp_secret).now()


def _pieces(text: str) -> Iterator[str | Markup]:
    """A message cut into words and links of this site; a link elsewhere stays words."""
    site = current_app.config["SETTINGS"].public_url.rstrip("/")
    for piece in _LINK.split(text):
        path = piece.removeprefix(site) if piece.startswith(site) else piece
        yield Markup('<a href="{0}">{1}</a>').format(path, piece) if path[:1] == "/" != path[1:2] else piece
