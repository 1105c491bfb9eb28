"""/c/<slug>/family/link/<token>: how far things are, for the family and its carers, who may also say what came of it; GET
changes nothing, nothing personal."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from blueprints.pages import named
from blueprints.resident.confirm import ANSWERS, SIGNS, AnswerForm
from blueprints.resident.door import bp
from blueprints.security import PUBLIC_FORM, keep_cookie, limiter
from rongjiu import links
from rongjiu.actor import Actor, acting, current_actor
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.tenancy import queries as places
from tenants.casework import following
from tenants.catalogue import queries as catalogue
from tenants.referrals import confirming
from tenants.referrals.queries import Asked

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
    return keep_cookie(redirect(_path(), 303), COOKIE, token, life=LIFE, path=_path())


@bp.get("/family/link/")
def progress() -> ResponseReturnValue:
    """What is done by whom, and who acts next by when."""
    try:
        row = _link(request.cookies.get(COOKIE, ""))
        return _page(row, AnswerForm(formdata=None))
    except Absent:
        return _dead()


@bp.post("/family/link/answer")
@limiter.limit(PUBLIC_FORM)
def progress_answer() -> ResponseReturnValue:
    """Who cares for the family says what came of the help; only on the device to which the link is tied."""
    form = AnswerForm()
    try:
        row = _link(request.cookies.get(COOKIE, ""))
        if not links.here(row, request.cookies.get(DEVICE, "")):
            return redirect(_path(), 303)
        with tenant_scope(g.place.tenant), acting(_carer()):
            asked = following.progress(row.object_id).asked
            if asked:
                confirming.confirm(row.object_id, _said(asked, form))
    except Absent:
        return _dead()
    except Refused as refused:
        _words, status = form.refuse(refused)
        return _page(row, form, status)
    if asked:
        flash(_("谢谢，已告诉社区。"), "success")
    return redirect(_path(), 303)


def _carer() -> Actor:
    before = current_actor()
    return Actor(None, "family_carer", "家属照护者", before.address, before.request_id)


def _said(asked: Sequence[Asked], form: AnswerForm) -> dict[UUID, confirming.Answer]:
    """An answer for each need that is asked about. Raises Refused naming `answers`."""
    given = {each.need_id: request.form.get(f"w{each.seq}", "") for each in asked}
    if not all(given.values()):
        raise Refused("请为每一项选一个答案。", field="answers")
    return {need: confirming.Answer(said, form.stars.data, form.words.data or "") for need, said in given.items()}


def _page(row: links.Link, form: AnswerForm, status: int = 200) -> Response:
    """The page as this device may see it. Raises Absent when the case is closed."""
    mine = links.here(row, request.cookies.get(DEVICE, ""))
    less = links.bound(row) and not mine
    with tenant_scope(g.place.tenant), acting(current_actor() if less else _carer()):
        found = following.progress(row.object_id)
        items = {each["id"]: named(each) for each in catalogue.need_items(every=True)}
    text = render_template(
        "resident/progress.html", found=found, phone=g.place.footer.get("phone", ""), mine=mine,
        less=less, form=form, items=items, answers=ANSWERS, signs=SIGNS, typed=request.form,
    )  # fmt: skip
    return _kept(text, status)


@bp.post("/family/link/papers")
@limiter.limit(PUBLIC_FORM)
def progress_papers() -> ResponseReturnValue:
    """Open the list of papers and the questions here: the link is then tied to this device, and shows less on every other."""
    try:
        row = _link(request.cookies.get(COOKIE, ""))
        if links.bound(row):
            return redirect(_path(), 303)
        secret = links.bind(row)
    except Absent:
        return _dead()
    return keep_cookie(redirect(_path(), 303), DEVICE, secret, life=LIFE, path=_path())


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
