"""The one guard: who asks, which place the address leads to, may they; then the community is entered.

Reads the endpoint's row in permissions.toml. One query finds session, account, membership and place. Whoever may
not gets 404 and a row in the audit, whether the thing exists or not.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

from flask import Flask, abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from werkzeug.wrappers import Response

from blueprints import bylink
from blueprints.permissions import KINDS, Permission, entries, matrix
from rongjiu import audit
from rongjiu.actor import SYSTEM, Actor, set_actor
from rongjiu.clock import now
from rongjiu.db import Scope, current_scope, db, enter, leave, scoped
from rongjiu.identity.models import LoginSession
from rongjiu.identity.rules import SECOND_FACTOR_ROLES, limits
from rongjiu.tenancy import queries
from rongjiu.tenancy.queries import Place, Visitor

COOKIE = "__Host-login"
"""Name of the login cookie; a demo adds its port, because cookies know no port (`cookie_name()`)."""
P = ParamSpec("P")
R = TypeVar("R")
login_manager = LoginManager()
_BEFORE_SECOND_FACTOR = frozenset({"account.second_factor", "account.logout"})


def cookie_name() -> str:
    """The login cookie of this installation."""
    return str(current_app.config["LOGIN_COOKIE"])


class Person(UserMixin):
    """What Flask-Login hands to templates as `current_user`."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor

    def __getattr__(self, name: str) -> Any:
        return getattr(self.visitor, name)

    def get_id(self) -> str:
        """The account's id, as Flask-Login asks for it."""
        return str(self.visitor.account_id)


@login_manager.request_loader  # type: ignore[untyped-decorator]
def _load(_request: Any) -> Person | None:
    token = request.cookies.get(cookie_name())
    visitor = queries.visitor(token) if token else None
    if visitor is None or now() - visitor.last_seen_at > limits(visitor.role).idle:
        return None
    return Person(visitor)


def visitor() -> Visitor | None:
    """The person logged in, or None."""
    if "visitor" not in g:
        g.visitor = current_user.visitor if current_user.is_authenticated else None
    found: Visitor | None = g.visitor
    return found


def me() -> Visitor:
    """The person logged in; only for endpoints whose row demands one."""
    found = visitor()
    if found is None:
        abort(401)
    return found


def place() -> Place:
    """The place that the address leads to; only for endpoints whose row has one."""
    found: Place | None = g.place
    if found is None:
        abort(404)
    return found


def init_app(app: Flask) -> None:
    """Put the guard before every request and leave the community after it."""
    login_manager.init_app(app)
    app.url_value_preprocessor(_take_slug)
    app.url_defaults(_give_slug)
    app.before_request(_guard)
    app.teardown_request(_leave)


def _take_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """The slug of the address is the guard's business: views read `place()`."""
    g.slug = values.pop("slug", None) if values else None


def _give_slug(endpoint: str, values: dict[str, Any]) -> None:
    """Addresses of the place worked in need not be told its slug."""
    if "slug" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        here = g.get("place")
        slug = here.slug if here else g.get("slug")
        if slug:
            values["slug"] = slug


def _guard() -> Response | None:
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or uuid4().hex
    g.place, g.rule, g.by_link = None, None, None
    g.scope_before = enter(Scope())
    set_actor(Actor(address=request.remote_addr or "", request_id=g.request_id))
    if request.endpoint is None or request.endpoint == "static":
        return None
    rule = g.rule = matrix()[request.endpoint]
    person = visitor()
    if person:
        actor = Actor(person.account_id, person.role or "account", person.name, request.remote_addr or "", g.request_id)
        set_actor(actor)
        _seen(person)
    if rule.scope in ("public", "link"):
        return _enter_public(rule)
    if person is None:
        return None if rule.by_link and _enter_by_link() else _to_login()
    if _lacks_second_factor(person) and request.endpoint not in _BEFORE_SECOND_FACTOR:
        return redirect(url_for("account.second_factor", next=_back()))
    if rule.scope == "account":
        g.place = person.place
        return None
    return _enter_place(rule, person)


def _enter_public(rule: Permission) -> Response | None:
    slug = g.get("slug")
    if slug is None or rule.scope == "link":
        return None
    g.place = queries.community(slug)
    if g.place is None or (g.place.state != "live" and not rule.any_state):
        abort(404)
    role = "app_public" if request.method in ("GET", "HEAD") else None
    enter(Scope(tenant=g.place.tenant, role=role))
    return None


def _enter_by_link() -> bool:
    """Whoever holds a link of a provider, and has typed the code for it, does that provider's daily work."""
    found = g.by_link = bylink.opened(request.cookies.get(bylink.COOKIE, ""))
    if found is None:
        return False
    g.place = found.place
    set_actor(Actor(None, "provider", found.place.name, request.remote_addr or "", g.request_id))
    enter(Scope(provider_id=found.place.id))
    return True


def _enter_place(rule: Permission, person: Visitor) -> Response | None:
    slug = g.get("slug")
    here = person.place
    if here is None or here.kind not in KINDS[rule.scope] or (slug is not None and here.slug != slug):
        if _elsewhere(rule, person, slug):
            return redirect(url_for("account.places", next=request.full_path))
        return _refuse(person)
    if person.role not in rule.roles:
        return _refuse(person)
    if person.role in SECOND_FACTOR_ROLES and not person.second_factor:
        return redirect(url_for("account.second_factor", next=_back()))
    if here.state != "live" and not rule.any_state:
        flash(_("社区还在筹建,审批通过后才能登记居民。"), "warning")
        return redirect(url_for("desk.founding", slug=here.slug))
    g.place = here
    if here.kind == "community":
        enter(Scope(tenant=here.tenant))
    elif here.kind == "provider":
        enter(Scope(provider_id=here.id))
    return None


def _lacks_second_factor(person: Visitor) -> bool:
    """Whoever has set up a second factor passes it at every log-in, whatever the role."""
    return person.totp_set and not person.second_factor


def _elsewhere(rule: Permission, person: Visitor, slug: str | None) -> bool:
    """Does the person hold a fitting role at the place asked for, though working at another now?"""
    if request.method not in ("GET", "HEAD") or rule.scope == "platform":
        return False
    return queries.holds(person.account_id, rule.scope, slug, tuple(rule.roles))


def _refuse(person: Visitor) -> Response | None:
    """404, nothing changed, one audit row in the chain of the person's own place, in a second short transaction."""
    db.session.rollback()
    g.refused = True
    _write_down("refused", person)
    abort(404)


def absent() -> None:
    """Called by the error page: an id that is not there for this person is a refusal too, and is written down."""
    person = visitor()
    if person is not None and g.get("rule") is not None and request.view_args and not g.get("refused"):
        _write_down("absent", person)


def _write_down(what: str, person: Visitor) -> None:
    tenant = person.place.tenant if person.place else None
    with scoped(Scope(tenant=tenant)):
        audit.record(what, "endpoint", request.endpoint or "", method=request.method)
    db.session.commit()


def _seen(person: Visitor) -> None:
    if now() - person.last_seen_at > timedelta(minutes=1):
        db.session.execute(update(LoginSession).where(LoginSession.id == person.session_id).values(last_seen_at=now()))


def _back() -> str:
    """Where to return to: this page, or the page on which the form stood."""
    if request.method == "GET":
        return request.full_path
    form = urlsplit(request.referrer or "")
    return form.path if form.netloc == request.host else request.path


def _to_login() -> Response:
    flash(_("请先登录。刚才填写的内容还在,登录后接着做。"), "info")
    return redirect(url_for("account.login", next=_back()))


def _leave(_error: BaseException | None) -> None:
    """Whatever scope a door entered ends with its request: the thread goes on to somebody else's."""
    before = g.pop("scope_before", None)
    if before is not None:
        if current_scope() != Scope():
            db.session.remove()
        leave(before)
    set_actor(SYSTEM)


def may(endpoint: str) -> bool:
    """May the person here use an endpoint; for menus only, the guard decides anew."""
    known: frozenset[str] | None = g.get("entries")
    if known is None:
        person = visitor()
        kind = person.place.kind if person and person.place else ""
        by_link = g.get("by_link") is not None
        known = g.entries = entries(person is not None, person.role if person else None, kind, by_link)
    return endpoint in known and endpoint in current_app.view_functions


def restriction() -> str:
    """'' | own | courtyard: how far the row of this endpoint narrows this role."""
    rule: Permission = g.rule
    return rule.roles.get(me().role or "", "")


def logged(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose opening is written down when it is answered with a page: as what the row's `opens` says,
    for the reason the view gives (`g.open_reason`) or that was typed (`?reason=`), else for the task in hand (`g.task`,
    when it is not the subject itself).
    """

    @wraps(function)
    def opened(*args: P.args, **words: P.kwargs) -> R:
        rule: Permission = g.rule
        subject = next(iter((request.view_args or {}).values()), "")

        def write() -> None:
            if not g.get("unopened"):
                task = {"task": g.task} if g.get("task") else {}
                audit.record(
                    "open", rule.opens, subject, reason=g.get("open_reason") or typed_reason() or "task", **task
                )

        opening(write)
        return function(*args, **words)

    return opened


def typed_reason() -> str:
    """Why a file is opened, in the words of whoever opens it; empty when nothing was typed."""
    return request.args.get("reason", "").strip()[:200]


def unopened() -> None:
    """Say that this answer shows nothing of the file: it asks for the reason first."""
    g.unopened = True


def opening(write: Callable[[], None]) -> None:
    """Have something written down when this request is answered with a page; a refusal shows the page too, so it is
    written then in a transaction of its own (see transaction.py)."""
    g.setdefault("openings", []).append(write)
