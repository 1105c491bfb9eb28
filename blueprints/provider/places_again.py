"""/provider/again/<token>: a provider that had said that it has no places is asked once whether there are some again, and
answers with one tap, without an account. GET changes nothing; the link is used once."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.provider.door import bp
from blueprints.security import LOGIN, PUBLIC_FORM, keep_cookie, limiter
from rongjiu import links
from rongjiu.actor import Actor, current_actor, set_actor
from rongjiu.db import Scope, db, enter
from rongjiu.errors import Absent
from rongjiu.links import Link
from rongjiu.marketplace import offers
from rongjiu.tenancy.queries import provider as place_of
from tenants.referrals.offering.opening import PLACES

COOKIE, PATH = "__Secure-again", "/provider/again"
LIFE = 14 * 24 * 3600
"""Seconds; the link itself ends before (timer link-answer)."""


@bp.get("/again/<token>")
@limiter.limit(LOGIN)
def again_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages; nothing else changes."""
    try:
        _enter(token)
    except Absent:
        return _dead()
    return keep_cookie(redirect(url_for("provider.again"), 303), COOKIE, token, life=LIFE, path=PATH)


@bp.get("/again/")
def again() -> ResponseReturnValue:
    """The question and its one answer."""
    try:
        row, title = _enter(request.cookies.get(COOKIE, ""))
    except Absent:
        return _dead()
    place = place_of(_provider(row))
    answer = make_response(render_template("provider/again.html", title=title, name=place.name if place else ""))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/again/yes")
@limiter.limit(PUBLIC_FORM)
def again_yes() -> ResponseReturnValue:
    """There are places again: the places a month come back and offers may come; the link is spent."""
    try:
        row, _title = _enter(request.cookies.get(COOKIE, ""))
        links.use(row)
        places = offers.places_again(_provider(row), row.object_id)
    except Absent:
        return _dead()
    words = {"title": _("好的，记下了"), "text": _("已恢复：每月 %(n)s 人次，可以收到新派单了。", n=places)}
    return make_response(render_template("provider/job_over.html", **words))


def _enter(token: str) -> tuple[Link, str]:
    """The live link of a token with the title of its service, which still waits; enters the provider's scope."""
    row = links.find(token, PLACES)
    place = place_of(_provider(row))
    if place is None:
        raise Absent(links.DEAD)
    enter(Scope(provider_id=place.id))
    title = offers.closed(row.object_id)
    if title is None:
        raise Absent(links.DEAD)
    before = current_actor()
    set_actor(Actor(None, "provider", place.name, before.address, before.request_id))
    return row, title


def _provider(row: Link) -> UUID:
    assert row.provider_id is not None  # noqa: S101  a link of this purpose is made with one
    return row.provider_id


def _dead() -> ResponseReturnValue:
    """One answer for unknown, used and expired links, and where there are places already."""
    db.session.rollback()
    answer = make_response(
        render_template("provider/job_dead.html", text=_(links.DEAD), stop=False, call_phone=""), 404
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
