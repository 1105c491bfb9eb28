"""What every answer carries: CSRF, content policy, rate limits, no shared caching of personal pages."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response

from blueprints.guard import COOKIE, visitor

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=True)
PUBLIC_FORM = "20 per hour; 5 per minute"
"""Limit of a form that anyone may send, per address."""
LOGIN = "100 per hour; 20 per minute"
INVITING = "60 per hour; 20 per minute"
"""Limit of what sends a message to a telephone of one's choice, or makes a community, per account."""
EXPORTING = "60 per hour; 10 per minute"
SEARCHING = "60 per minute"
UPLOADING = "60 per hour; 10 per minute"


def by_account() -> str:
    """The account logged in, else the address: limits of pages behind a log-in."""
    person = visitor()
    return str(person.account_id) if person else get_remote_address()


def keep_cookie(answer: Response, name: str, value: str, *, life: int | timedelta | None, path: str) -> Response:
    """Put a secret into a cookie that only pages below `path` get, over TLS only; None = until the browser is closed."""
    answer.set_cookie(name, value, max_age=life, path=path, secure=True, httponly=True, samesite="Lax")
    return answer


def init_app(app: Flask) -> None:
    """Bind the protections to the app."""
    settings = app.config["SETTINGS"]
    port = f"-{urlsplit(settings.public_url).port}" if settings.demo else ""
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-rj{port}", LOGIN_COOKIE=f"{COOKIE}{port}", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True,
        # A picture answered late must not bring back the session of before: only a change sends the cookie again.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_PATH="/", MAX_CONTENT_LENGTH=25 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024, WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False,
        RATELIMIT_STORAGE_URI=settings.limiter_url, RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_KEY_PREFIX="rongjiu", RATELIMIT_SWALLOW_ERRORS=False,
    )  # fmt: skip
    csrf.init_app(app)
    limiter.init_app(app)
    Talisman(
        app, force_https=False, content_security_policy=POLICY, frame_options="DENY", referrer_policy="same-origin",
        strict_transport_security_include_subdomains=True, session_cookie_secure=True, session_cookie_http_only=True,
        session_cookie_samesite="Lax",
    )  # fmt: skip
    app.before_request(_no_nul)
    app.after_request(_private)


def _no_nul() -> None:
    """A NUL is in no text that anybody types, and PostgreSQL keeps none: such a request is malformed, not a crash."""
    given = (request.path, *request.args.values(), *request.form.values(), *request.cookies.values())
    if any("\0" in text for text in given):
        abort(400)


def _private(response: Response) -> Response:
    if request.endpoint != "static":  # pages of the log-in and of invitations carry telephones too
        response.headers["Cache-Control"] = "no-store"
    return response
