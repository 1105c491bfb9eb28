"""/c/<slug>/link/<token>: the family says what came of the help; no account, large buttons, GET changes nothing. The
questions open on one device, by a press; wherever else the link is forwarded, it says only whom to ring."""

from dataclasses import dataclass
from uuid import UUID

from flask import g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import IntegerField, TextAreaField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy
from blueprints.pages import named
from blueprints.resident.door import bp
from blueprints.security import LOGIN, PUBLIC_FORM, keep_cookie, limiter
from rongjiu import links
from rongjiu.actor import Actor, current_actor, set_actor
from rongjiu.db import Scope, Tenant, current_scope, db, enter, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.tenancy import queries as places
from tenants.accompaniment import queries as visits
from tenants.catalogue import queries as catalogue
from tenants.referrals import confirming, queries

COOKIE, DEVICE = "__Secure-answer", "__Secure-answer-device"
PURPOSE = "resident_confirm"
LIFE = 14 * 24 * 3600
ANSWERS = {"solved": lazy("解决了"), "partly": lazy("解决了一部分"), "not_solved": lazy("没有解决")}
SIGNS = {"solved": "emoji-smile", "partly": "emoji-neutral", "not_solved": "emoji-frown"}


class AnswerForm(Form):
    """Stars and words beside the answers, which stand under w1, w2 …"""

    stars = IntegerField(lazy("给几颗星"), [Optional()])
    words = TextAreaField(lazy("还想说什么"))
    thanks = TextAreaField(lazy("对来帮忙的人说一句"))


@dataclass(frozen=True, slots=True)
class Opened:
    """What a live link opens."""

    case_id: UUID
    tenant: Tenant
    taken: bool
    """Some device has opened the questions."""
    mine: bool
    """This is that device."""


@bp.get("/link/<token>")
@limiter.limit(LOGIN)
def answer_open(token: str) -> ResponseReturnValue:
    """Move the token from the address into a cookie of these pages; nothing else changes."""
    try:
        _enter(token)
    except Absent:
        return _dead()
    return keep_cookie(redirect(url_for("resident.answer"), 303), COOKIE, token, life=LIFE, path=_path())


@bp.get("/link/")
def answer() -> ResponseReturnValue:
    """What was done, and three answers for each."""
    try:
        found = _enter(request.cookies.get(COOKIE, ""))
    except Absent:
        return _dead()
    return _page(found, AnswerForm(formdata=None))


@bp.post("/link/begin")
@limiter.limit(PUBLIC_FORM)
def answer_begin() -> ResponseReturnValue:
    """Open the questions here: the link is then tied to this device."""
    token = request.cookies.get(COOKIE, "")
    try:
        if _enter(token).taken:
            return redirect(url_for("resident.answer"), 303)
        secret = links.bind(links.find(token, PURPOSE))
    except Absent:
        return _dead()
    return keep_cookie(redirect(url_for("resident.answer"), 303), DEVICE, secret, life=LIFE, path=_path())


@bp.post("/link/")
@limiter.limit(PUBLIC_FORM)
def give_answer() -> ResponseReturnValue:
    """Write the answers down, once; the link is spent."""
    token = request.cookies.get(COOKIE, "")
    try:
        found = _enter(token)
    except Absent:
        return _dead()
    if not found.mine:
        return redirect(url_for("resident.answer"), 303)
    form = AnswerForm()
    asked = queries.to_confirm(found.case_id)
    given = {row.need_id: request.form.get(f"w{row.seq}", "") for row in asked}
    stars, words = form.stars.data, form.words.data or ""
    try:
        if not all(given.values()):
            raise Refused("请为每一项选一个答案。", field="answers")
        answers = {need: confirming.Answer(said, stars, words, form.thanks.data or "") for need, said in given.items()}
        confirming.confirm(found.case_id, answers)
        links.use(links.find(token, PURPOSE))
    except Refused as refused:
        if isinstance(refused, Absent):
            return _dead()
        _said, status = form.refuse(refused)
        return _page(found, form, status)
    return redirect(url_for("resident.answer_thanks"), 303)


@bp.get("/link/thanks")
def answer_thanks() -> ResponseReturnValue:
    """Thanks, the next visit, and whom to ring; without the link's cookie only thanks."""
    coming = None
    place = places.community(g.slug)
    if place is None or place.tenant is None:
        return _dead()
    g.place = place
    with tenant_scope(place.tenant):
        case_id = links.spent(request.cookies.get(COOKIE, ""), PURPOSE, place.tenant.uid)
        row = visits.next_visit(case_id) if case_id else None
        if row is not None:
            title = next((each for each in catalogue.service_types() if each["id"] == row.service_type), None)
            coming = (row.planned_at, named(title) if title else "")
    return _fresh(render_template("resident/thanks.html", coming=coming, phone=place.footer.get("phone", "")))


def _path() -> str:
    return f"/c/{g.slug}/link"


def _enter(token: str) -> Opened:
    """The live link of this community with something left to answer; enters the community. Raises Absent."""
    row = links.find(token, PURPOSE)
    place = places.community(g.slug)
    if place is None or place.tenant is None or row.tenant_uid != place.tenant.uid:
        raise Absent(links.DEAD)
    mine = links.here(row, request.cookies.get(DEVICE, ""))
    found = Opened(row.object_id, place.tenant, links.bound(row), mine)
    if current_scope() == Scope():
        g.place = place
        enter(Scope(tenant=place.tenant))
        before = current_actor()
        set_actor(Actor(None, "resident", "居民家属", before.address, before.request_id))
    if not queries.to_confirm(found.case_id):
        raise Absent(links.DEAD)
    return found


def _page(found: Opened, form: AnswerForm, status: int = 200) -> Response:
    if not found.mine:
        closed = render_template(
            "resident/answer_begin.html", count=len(queries.to_confirm(found.case_id)), taken=found.taken,
            phone=g.place.footer.get("phone", ""),
        )  # fmt: skip
        return _fresh(closed)
    items = {row["id"]: named(row) for row in catalogue.need_items(every=True)}
    text = render_template(
        "resident/answer.html", asked=queries.to_confirm(found.case_id), items=items, form=form, answers=ANSWERS,
        signs=SIGNS, typed=request.form,
    )  # fmt: skip
    return _fresh(text, status)


def _fresh(text: str, status: int = 200) -> Response:
    page = make_response(text, status)
    page.headers["Cache-Control"] = "no-store"
    return page


def _dead() -> ResponseReturnValue:
    """One answer for every dead link."""
    db.session.rollback()
    g.place = g.get("place") or places.community(g.slug)
    phone = g.place.footer.get("phone", "") if g.place else ""
    return _fresh(render_template("resident/dead.html", phone=phone), 404)
