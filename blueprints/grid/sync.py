"""/grid/who, bundle, sync, photo, hand-in: what the app on the phone asks and sends. JSON only."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from blueprints.grid.bundle import bundle as today_bundle
from blueprints.grid.door import bp
from blueprints.guard import me
from blueprints.security import by_account, limiter
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.tenancy import queries as tenancy
from tenants.fieldwork import queries, reading, service
from tenants.residents import queries as residents

ROLE = "grid_worker"
SENDING = "1200 per hour; 120 per minute"
"""Limit of sendings per account: a full queue goes in tens of batches, each photograph by itself."""
BODY = 4 * 1024 * 1024
"""Octets of one list of items."""


@bp.get("/who")
def who() -> ResponseReturnValue:
    """Who is logged in in this browser, and may they work here: `here`, `elsewhere` (another post now) or `ended`."""
    return jsonify(account=str(me().account_id), post=_standing(), token=generate_csrf())


@bp.get("/bundle")
def bundle() -> ResponseReturnValue:
    """Today's work and the own courtyards, for the encrypted store of the phone."""
    return jsonify(today_bundle())


@bp.post("/sync")
@limiter.limit(SENDING, key_func=by_account)
def sync() -> ResponseReturnValue:
    """Take in a list of items; every item is answered by itself."""
    return _taken(residents.own_courtyards(me().courtyards))


@bp.post("/photo")
@limiter.limit(SENDING, key_func=by_account)
def photo() -> ResponseReturnValue:
    """Take in one photograph of an item."""
    return _taken(residents.own_courtyards(me().courtyards))


@bp.post("/hand-in")
@limiter.limit(SENDING, key_func=by_account)
def hand_in() -> ResponseReturnValue:
    """What a phone still holds of a post that has ended: kept for the desk to decide, never entered."""
    here = tenancy.community(g.slug or "")
    if here is None or here.tenant is None or here.state != "live":
        abort(404)
    if _standing() != "ended":
        return _problem(_("请换回网格员岗位再上传，记的都在。"), 409)
    with tenant_scope(here.tenant):
        if not queries.worked_here(me().account_id):
            abort(404)
        return _taken([])


def _standing() -> str:
    here = me().place
    if here is not None and here.kind == "community" and here.slug == g.slug and me().role == ROLE:
        return "here"
    return "elsewhere" if tenancy.holds(me().account_id, "community", g.slug, (ROLE,)) else "ended"


def _taken(courtyards: list[UUID]) -> ResponseReturnValue:
    try:
        if request.is_json:
            return _items(courtyards)
        return _photo(courtyards)
    except Refused as refused:
        db.session.rollback()
        return _problem(_(refused.message, **refused.words), 422 if refused.status == 404 else refused.status)


def _items(courtyards: list[UUID]) -> ResponseReturnValue:
    if len(request.get_data()) > BODY:
        raise Refused("一次最多上传 500 条，请分几次。", status=413)
    try:
        body = request.get_json(silent=True)
    except RecursionError as error:  # lists in lists without end
        raise reading.Unreadable from error
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise reading.Unreadable
    answers = service.take(body["items"], _sender(body, courtyards))
    return jsonify(answers=[_said(each) for each in answers])


def _photo(courtyards: list[UUID]) -> ResponseReturnValue:
    words: dict[str, Any] = dict(request.form)
    for name in ("seq", "at", "now"):
        words[name] = int(words[name]) if str(words.get(name, "")).isdecimal() else None
    item = reading.item({"id": words.get("id"), "kind": "photo", "at": words["at"], "seq": words["seq"], "payload": {}})
    given = request.files.get("photo")
    if given is None:
        raise reading.Unreadable
    of = reading.Payload(words).id("of")
    return jsonify(answers=[_said(service.take_photo(item, of, given.read(), _sender(words, courtyards)))])


def _sender(words: dict[str, Any], courtyards: list[UUID]) -> service.Sender:
    skew: timedelta = service.skew_of(words.get("now"))
    return service.Sender(
        me().account_id, me().post or me().name, reading.Payload(words).id("device"), courtyards, skew
    )


def _said(answer: service.Answer) -> dict[str, str]:
    problem = _(answer.problem, **answer.words) if answer.problem else ""
    return {"id": answer.id, "state": answer.state, "was": answer.was, "problem": problem}


def _problem(words: str, status: int) -> tuple[Response, int]:
    return jsonify(problem=words), status
