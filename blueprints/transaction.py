"""One transaction a request: committed after rendering, rolled back on any error answer; retries answered alike."""

from hashlib import sha256
from uuid import UUID

from flask import Flask, g, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from blueprints.guard import visitor
from rongjiu import idempotency
from rongjiu.db import db

UNREAD = frozenset({"_key", "csrf_token", "password"})
"""Not part of the kept fingerprint of a form: a fast hash over a password could be guessed."""


def init_app(app: Flask) -> None:
    """Commit last: what is registered first with `after_request` runs last."""
    app.after_request(_commit)


def claim_key() -> ResponseReturnValue | None:
    """Answer a repeated write as before; runs after the guard. Forms carry `_key`, programs `Idempotency-Key`."""
    g.key = None
    if request.method not in ("POST", "PUT", "PATCH", "DELETE") or request.endpoint is None:
        return None
    raw = request.form.get("_key") or request.headers.get("Idempotency-Key")
    if not raw:
        return None
    try:
        key = UUID(raw)
    except ValueError:
        return None
    person = visitor()
    caller = f"{request.endpoint}|{person.account_id if person else request.remote_addr}"
    words = sorted((name, value) for name, values in request.form.lists() for value in values if name not in UNREAD)
    files = sorted((name, sha256(file.stream.read()).hexdigest()) for name, file in request.files.items(multi=True))
    for file in request.files.values():
        file.stream.seek(0)
    body = repr((request.path, words, files)).encode()
    earlier = idempotency.begin(key, caller, body)
    if earlier is not None:
        return redirect(earlier, 303)
    g.key = key
    return None


def _opened() -> bool:
    """Write down what this page has opened; a form that was refused has shown it as well."""
    writes = g.pop("openings", [])
    for write in writes:
        write()
    return bool(writes)


def _commit(response: Response) -> Response:
    if response.status_code >= 400 and not g.get("keep"):
        db.session.rollback()
        if response.status_code < 500 and response.status_code != 404 and _opened():
            db.session.commit()
        return response
    if not 300 <= response.status_code < 400:
        _opened()
    key = g.get("key")
    if key is not None and 300 <= response.status_code < 400:
        idempotency.finish(key, response.headers["Location"])
    elif key is not None:
        idempotency.forget(key)
    db.session.commit()
    return response
