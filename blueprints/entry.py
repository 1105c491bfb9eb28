"""Coming in and going out: the login cookie, where a person's work begins, and where one may return to."""

from datetime import timedelta
from typing import Any, TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, g, redirect, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from blueprints.guard import cookie_name, visitor
from blueprints.permissions import KINDS, matrix
from rongjiu.identity import logins
from rongjiu.identity.rules import FIELD, limits
from rongjiu.tenancy import queries
from rongjiu.tenancy.queries import Post

HOMES = {
    "community": "desk.home", "street": "street.overview", "district": "street.overview", "provider": "provider.inbox",
    "platform": "operator.home",
}  # fmt: skip
ROLE_HOMES = {
    "grid_worker": "grid.today",
    "live_desk": "live.sessions",
    "volunteer": "volunteer.home",
    "volunteer_lead": "volunteer.roster",
    "street_vetting": "street.vetting",
    "street_acceptance": "street.acceptance",
}
_NEVER = frozenset({"account.logout", "public.prefs"})
_ENTRANCE = frozenset({"account.login", "account.second_factor"})


def safe_next(target: str | None, *, entrance: bool = False) -> str | None:
    """The path to return to: of this site, known to it, readable with GET; None for anything else (ASVS 3.7.2).

    `entrance`: the log-in pages themselves may be returned to, as after a change of language on them.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(sign) < 33 or sign == "\\" for sign in target):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    endpoint = _leads_to(parts.path)[0]
    if endpoint is None or endpoint in _NEVER or (endpoint in _ENTRANCE and not entrance):
        return None
    return target.rstrip("?")


def _leads_to(path: str) -> tuple[str | None, str | None]:
    """Endpoint and slug behind a path, or None."""
    try:
        endpoint, values = current_app.url_map.bind("localhost").match(path, method="GET")
    except RequestRedirect:
        return None, None
    except HTTPException:
        return None, None
    return endpoint, values.get("slug")


def full_address(endpoint: str, **values: Any) -> str:
    """The whole address of a page for a message or a picture, under the configured host: what a request calls itself
    is the sender's word."""
    root = str(current_app.config["SETTINGS"].public_url).rstrip("/")
    return root + url_for(endpoint, **values)


def home_of(post: Post | None) -> str:
    """Where work begins at a post; the start page for a person without one."""
    if post is None:
        return "/"
    for endpoint in (ROLE_HOMES.get(post.role, ""), HOMES.get(post.kind, "")):
        if endpoint in current_app.view_functions and post.role in matrix()[endpoint].roles:
            if current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
                return url_for(endpoint, slug=post.slug)
            return url_for(endpoint)
    return url_for("account.places")


def fitting(posts: list[Post], target: str | None) -> Post | None:
    """The post for which the page asked for is meant; the only post when there is one; None when one must choose."""
    if target:
        endpoint, slug = _leads_to(urlsplit(target).path)
        rule = matrix().get(endpoint or "")
        if rule is not None and rule.roles:
            for post in posts:
                if post.kind in KINDS.get(rule.scope, ()) and post.role in rule.roles and slug in (None, post.slug):
                    return post
    return posts[0] if len(posts) == 1 else None


def come_in(account_id: UUID, target: str | None = None, *, second_factor: bool = False) -> Response:
    """Log a person in whose password (or code) was right, and answer with the page that comes next."""
    before = visitor()
    if before is not None:
        logins.end_session(before.session_id, before.account_id)
    posts = queries.posts(account_id)
    target = safe_next(target)
    post = fitting(posts, target)
    token = logins.start_session(
        account_id, post.id if post else None, post.role if post else None, second_factor=second_factor, **where_from(),
    )  # fmt: skip
    if post is None and len(posts) > 1 and not _without_post(target):
        target = url_for("account.places", next=target) if target else url_for("account.places")
    answer = redirect(target or home_of(post), 303)
    give(answer, token, post.role if post else None)
    return answer


def _without_post(target: str | None) -> bool:
    """Is the page asked for one of the account itself, or of a link?"""
    rule = matrix().get(_leads_to(urlsplit(target).path)[0] or "") if target else None
    return rule is not None and rule.scope in ("account", "link")


class Origin(TypedDict):
    """Address and browser of a request."""

    address: str
    agent: str


def where_from() -> Origin:
    """Address and browser of the request, as a login session keeps them."""
    return Origin(address=request.remote_addr or "", agent=request.headers.get("User-Agent", ""))


def give(answer: Response, token: str, role: str | None) -> None:
    """Put the login cookie on an answer; on phones of the field it outlives the browser, elsewhere it does not."""
    life: timedelta | None = limits(role).absolute if role in FIELD else None
    answer.set_cookie(cookie_name(), token, max_age=life, secure=True, httponly=True, samesite="Lax", path="/")


def take_away(answer: Response, *, wipe: bool = False) -> None:
    """Remove the login cookie; `wipe` also empties what the browser kept (log-out), else drafts wait for the return."""
    answer.delete_cookie(cookie_name(), secure=True, httponly=True, samesite="Lax", path="/")
    if wipe:
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    g.pop("_login_user", None)
