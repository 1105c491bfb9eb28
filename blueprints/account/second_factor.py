"""/account/second-factor: set up an authenticator, type its code after the password, move it to another phone."""

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.forms import CodeForm, SetupForm
from blueprints.entry import give, home_of, safe_next, take_away, where_from
from blueprints.guard import me
from blueprints.pictures import qr
from blueprints.security import LOGIN, limiter
from rongjiu.clock import now
from rongjiu.errors import Refused
from rongjiu.identity import logins, totp
from rongjiu.identity import service as identity
from rongjiu.identity.models import Account
from rongjiu.tenancy import queries

FRESH = timedelta(minutes=10)
"""After a log-in this young the password is not asked again."""


@bp.route("/second-factor", methods=["GET", "POST"])
@limiter.limit(LOGIN, methods=["POST"])
def second_factor() -> ResponseReturnValue:
    """Type a code, or set one up first; who has passed already may move it to another phone."""
    person = me()
    if person.totp_set and not person.second_factor:
        return _enter()
    return _set_up()


def _enter() -> ResponseReturnValue:
    form, status = CodeForm(), 200
    if form.validate_on_submit():
        try:
            totp.check_totp(identity.locked(me().account_id), form.code.data or "")
            return _onward()
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.LoginRefused))
    elif request.method == "POST":
        status = 422
    return render_template("account/code.html", form=form, target=_target()), status


def _set_up() -> ResponseReturnValue:
    person, form, status = me(), SetupForm(), 200
    fresh = now() - person.created_at < FRESH
    account = identity.locked(person.account_id)
    if form.validate_on_submit():
        try:
            _prove(account, form, fresh)
            totp.confirm_totp(account, form.offer.data or "", form.code.data or "")
            flash(_("第二重验证已开启。以后登录时请看手机上的动态码。"), "success")
            return _onward()
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.LoginRefused))
            account = identity.locked(person.account_id)
    elif request.method == "POST":
        status = 422
    return _offer(account, form, fresh), status


def _prove(account: Account, form: SetupForm, fresh: bool) -> None:
    """Before a second factor is made or moved: the password unless just typed, and the old code when there is one."""
    if account.totp_confirmed_at is not None or not fresh:
        identity.same_password(account, form.password.data or "")
    if account.totp_confirmed_at is not None:
        try:
            totp.check_totp(account, form.old_code.data or "")
        except identity.LoginRefused as refused:
            refused.field = "old_code"
            raise


def _offer(account: Account, form: SetupForm, fresh: bool) -> str:
    try:
        sealed = form.offer.data or ""
        secret = totp.opened_offer(account, sealed)
        address = totp.totp_address(account, secret)
    except Refused:
        sealed, secret, address = totp.totp_offer(account)
    form.offer.data = sealed
    return render_template(
        "account/second_factor.html", form=form, secret=" ".join(secret[at : at + 4] for at in range(0, 32, 4)),
        picture=qr(address), target=_target(),
        ask_password=account.totp_confirmed_at is not None or not fresh,
        moving=account.totp_confirmed_at is not None,
    )  # fmt: skip


def _target() -> str | None:
    return safe_next(request.values.get("next"))


def _onward() -> ResponseReturnValue:
    """Go on under a new session id that has passed the second factor."""
    person = me()
    token = logins.renew_session(
        person.session_id, person.membership_id, person.role, second_factor=True, **where_from()
    )
    if token is None:
        answer = redirect(url_for("account.login", next=_target()), 303)
        take_away(answer)
        return answer
    posts = queries.posts(person.account_id)
    here = next((post for post in posts if post.id == person.membership_id), None)
    home = home_of(here) if here or not posts else url_for("account.places")
    answer = redirect(_target() or home, 303)
    give(answer, token, person.role)
    return answer
