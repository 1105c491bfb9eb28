"""/c/<slug>/family/link/<token>: how far things are, for the family and its carers; GET changes nothing, nothing personal."""

from flask import g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from blueprints.resident.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu import links
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent
from rongjiu.tenancy import queries as places
from tenants.casework import following

COOKIE, DEVICE = "__Secure-progress", "__Secure-progress-device"
LIFE = 90 * 24 * 3600


@bp.get("/family/link/<token>")
@limiter.limit(PUBLIC_FORM)
def progress_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of this page."""
    try:
        row = _link(token)
        with tenant_scope(g.place.tenant):
            following.progress(row.object_id)
    except Absent:
        return _dead()
    answer = redirect(_path(), 303)
    answer.set_cookie(COOKIE, token, max_age=LIFE, path=_path(), secure=True, httponly=True, samesite="Lax")
    return answer


@bp.get("/family/link/")
def progress() -> ResponseReturnValue:
    """What is done by whom, and who acts next by when."""
    try:
        row = _link(request.cookies.get(COOKIE, ""))
        with tenant_scope(g.place.tenant):
            found = following.progress(row.object_id)
    except Absent:
        return _dead()
    mine = links.here(row, request.cookies.get(DEVICE, ""))
    less = links.bound(row) and not mine
    page = render_template(
        "resident/progress.html", found=found, phone=g.place.footer.get("phone", ""), mine=mine, less=less
    )
    return _kept(page)


@bp.post("/family/link/papers")
@limiter.limit(PUBLIC_FORM)
def progress_papers() -> ResponseReturnValue:
    """Show the list of papers here: the link is then tied to this device, and shows less on every other."""
    try:
        row = _link(request.cookies.get(COOKIE, ""))
        if links.bound(row):
            return redirect(_path(), 303)
        secret = links.bind(row)
    except Absent:
        return _dead()
    answer = redirect(_path(), 303)
    answer.set_cookie(DEVICE, secret, max_age=LIFE, path=_path(), secure=True, httponly=True, samesite="Lax")
    return answer


def _path() -> str:
    return f"/c/{g.slug}/family/link/"


def _link(token: str) -> links.Link:
    """The live link of this community; raises Absent."""
    row = links.find(token, following.PURPOSE)
    place = places.community(g.slug)
    if place is None or place.tenant is None or row.tenant_uid != place.tenant.uid:
        raise Absent(links.DEAD)
    g.place = place
    return row


def _dead() -> Response:
    """One answer for every dead link."""
    db.session.rollback()
    g.place = g.get("place") or places.community(g.slug)
    phone = g.place.footer.get("phone", "") if g.place else ""
    return _kept(render_template("resident/dead.html", phone=phone), 404)


def _kept(text: str, status: int = 200) -> Response:
    page = make_response(text, status)
    page.headers["Cache-Control"] = "no-store"
    return page
