"""/provider/open/<token>: a provider's whole daily work without an account. GET changes nothing; the pages behind it open
after the code sent to the phone on record was typed, and close by themselves within a day (blueprints/bylink.py)."""

from uuid import UUID

from flask import flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import StringField

from blueprints.bylink import COOKIE, PATH, PURPOSE
from blueprints.forms import Form, lazy
from blueprints.provider.door import bp
from blueprints.security import LOGIN, PUBLIC_FORM, limiter
from rongjiu import links, masks
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity import service as identity
from rongjiu.links import Link
from rongjiu.marketplace import queries
from rongjiu.tenancy.queries import provider as place_of
from tenants.referrals.offering import opening

CODE = "portal_code"
"""Where the session keeps which code was sent for which link."""
LIFE = int(opening.LINK_LIFE.total_seconds())


class CodeForm(Form):
    """The code that came by message."""

    code = StringField(lazy("短信验证码"))


@bp.get("/open/<token>")
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
        passcode = identity.send_code(_phone(row), "job")
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _locked(row, form, status)
    session[CODE] = {"link": str(row.id), "passcode": str(passcode)}
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
        _check(row, form.code.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
        return _locked(row, form, status)
    session.pop(CODE, None)
    assert row.provider_id is not None  # noqa: S101  _find lets no other link through
    return keep(url_for("provider.route"), opening.portal_link(row.provider_id, proved=True))


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
    answer = redirect(to, 303)
    answer.set_cookie(COOKIE, token, max_age=LIFE, path=PATH, secure=True, httponly=True, samesite="Lax")
    return answer


def _find(token: str) -> Link:
    """The live link of a token and an active provider; raises Absent."""
    row = links.find(token, PURPOSE)
    if row.provider_id is None or place_of(row.provider_id) is None:
        raise Absent(links.DEAD)
    return row


def _phone(row: Link) -> str:
    found = queries.find(row.provider_id) if row.provider_id else None
    if found is None or not found.phone:
        raise Refused("没有登记手机号,收不到验证码。请打社区电话。", field="code")
    return str(found.phone)


def _check(row: Link, code: str) -> None:
    kept = session.get(CODE) or {}
    if kept.get("link") != str(row.id):
        raise Refused("请先获取验证码。", field="code")
    sent_to = identity.check_code(UUID(kept["passcode"]), "job", code)
    if sent_to != blind(_phone(row), PLATFORM, "phone"):
        raise Refused("验证码不是发到这个号码的,请重新获取。", field="code")


def _locked(row: Link, form: CodeForm, status: int = 200) -> ResponseReturnValue:
    """What the link shows before the code: whose work it is, and where the code goes; no job and no person."""
    kept = session.get(CODE) or {}
    sent = masks.phone(_phone(row)) if kept.get("link") == str(row.id) else ""
    place = place_of(row.provider_id) if row.provider_id else None
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
