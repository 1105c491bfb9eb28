"""/provider/open/<token>: a provider's whole daily work without an account. GET changes nothing; the pages behind it open
after the code sent to the phone on record was typed, and close by themselves within a day (blueprints/bylink.py)."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import StringField

from blueprints.bylink import COOKIE, PATH, PURPOSE
from blueprints.forms import Form, lazy
from blueprints.provider import proving
from blueprints.provider.door import bp
from blueprints.security import LOGIN, PUBLIC_FORM, keep_cookie, limiter
from rongjiu import links
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity import service as identity
from rongjiu.links import Link
from rongjiu.tenancy.queries import provider as place_of
from tenants.referrals.offering import opening

LIFE = int(opening.LINK_LIFE.total_seconds())


class CodeForm(Form):
    """The code that came by message."""

    code = StringField(lazy("短信验证码"))


@bp.get("/open/<token>")
@limiter.limit(LOGIN)
def portal_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages; nothing else changes."""
    try:
        _find(token)
    except Absent:
        return _dead()
    return keep(url_for("provider.portal"), token)


@bp.get("/open/")
def portal() -> ResponseReturnValue:
    """To the day's work when the code was typed, else the page that asks for it."""
    try:
        row = _find(request.cookies.get(COOKIE, ""))
    except Absent:
        return _dead()
    if row.detail.get("proved") is True:
        return redirect(url_for("provider.route"), 303)
    return _locked(row, CodeForm())


@bp.post("/open/code")
@limiter.limit(PUBLIC_FORM)
def portal_code() -> ResponseReturnValue:
    """Send a code to the phone on record."""
    try:
        row = _find(request.cookies.get(COOKIE, ""))
    except Absent:
        return _dead()
    form = CodeForm(formdata=None)
    try:
        proving.send("portal", row.id, _provider(row), "code")
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _locked(row, form, status)
    return redirect(url_for("provider.portal", _anchor="code"), 303)


@bp.post("/open/unlock")
@limiter.limit(LOGIN)
def portal_unlock() -> ResponseReturnValue:
    """The code opens the pages in this browser; a link of its own, which ends within a day, takes the other's place."""
    try:
        row = _find(request.cookies.get(COOKIE, ""))
    except Absent:
        return _dead()
    form = CodeForm()
    try:
        proving.check("portal", row.id, _provider(row), form.code.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
        return _locked(row, form, status)
    proving.forget("portal")
    return keep(url_for("provider.route"), opening.portal_link(_provider(row), proved=True))


@bp.post("/open/close")
@limiter.limit(PUBLIC_FORM)
def portal_close() -> ResponseReturnValue:
    """Close the pages in this browser: the telephone may be somebody else's."""
    try:
        row = _find(request.cookies.get(COOKIE, ""))
        if row.detail.get("proved") is True:
            links.use(row)
    except Absent:
        pass
    flash(_("已关闭。要再看，请打开短信里的链接。"), "success")
    answer = redirect(url_for("public.start"), 303)
    answer.delete_cookie(COOKIE, path=PATH, secure=True, httponly=True, samesite="Lax")
    return answer


def keep(to: str, token: str) -> ResponseReturnValue:
    """Go to a page with the token in the cookie of these pages."""
    return keep_cookie(redirect(to, 303), COOKIE, token, life=LIFE, path=PATH)


def _find(token: str) -> Link:
    """The live link of a token and an active provider; raises Absent."""
    row = links.find(token, PURPOSE)
    if row.provider_id is None or place_of(row.provider_id) is None:
        raise Absent(links.DEAD)
    return row


def _provider(row: Link) -> UUID:
    assert row.provider_id is not None  # noqa: S101  _find lets no other link through
    return row.provider_id


def _locked(row: Link, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """What the link shows before the code: whose work it is, and where the code goes; no job and no person."""
    sent = proving.masked_phone("portal", row.id, _provider(row))
    place = place_of(_provider(row))
    name = place.name if place else ""
    answer = make_response(
        render_template("provider/portal_locked.html", form=form, code_phone=sent, name=name), status
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _dead() -> ResponseReturnValue:
    """The one answer for unknown, altered, used and expired links."""
    db.session.rollback()
    answer = make_response(
        render_template("provider/job_dead.html", text=_(links.DEAD), stop=False, call_phone=""), 404
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
