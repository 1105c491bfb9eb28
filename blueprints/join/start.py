"""/join/: from nobody to an account with a draft, by a phone and a code."""

from uuid import UUID

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from blueprints.entry import come_in, give, where_from
from blueprints.guard import me, visitor
from blueprints.join.door import bp
from blueprints.join.founding_forms import AccountForm, BeginForm, CodeForm, PhoneForm
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.clock import now
from rongjiu.errors import Refused
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.tenancy import founding
from tenants.founding import service

PROVED_FOR = 1800
"""Seconds in which a proved phone may make its account."""


@bp.get("/")
def home() -> ResponseReturnValue:
    """Two ways in: a community, a provider."""
    return render_template("join/home.html")


@bp.route("/community", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def start() -> ResponseReturnValue:
    """What founding takes, then a phone; whoever is logged in goes on to their drafts."""
    if visitor() is not None:
        return redirect(url_for("join.drafts"), 303)
    form, status = PhoneForm(), 200
    if form.validate_on_submit():
        address = form.address.data or ""
        try:
            sent = identity.send_code(address, "founding")
            session["founding"] = {"code": str(sent), "address": address}
            return redirect(url_for("join.code"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("join/start.html", form=form), status


@bp.route("/community/code", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def code() -> ResponseReturnValue:
    """The code; an account that exists is logged in, another is made on the next page."""
    kept = session.get("founding")
    if not kept or "code" not in kept:
        return redirect(url_for("join.start"), 303)
    form, status = CodeForm(), 200
    if form.validate_on_submit():
        try:
            identity.check_code(UUID(kept["code"]), "founding", form.code.data or "")
            account = identity.find_account(kept["address"])
            if account is not None and account.disabled_at is None:
                session.pop("founding")
                return come_in(account.id, url_for("join.drafts"))
            session["founding"] = {"address": kept["address"], "proved": now().timestamp()}
            return redirect(url_for("join.account"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
    elif request.method == "POST":
        status = 422
    return render_template("join/code.html", form=form), status


@bp.route("/community/account", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def account() -> ResponseReturnValue:
    """Name and password of a new account; the phone was proved on the page before."""
    kept = session.get("founding")
    if not kept or now().timestamp() - kept.get("proved", 0) > PROVED_FOR:
        return redirect(url_for("join.start"), 303)
    form, status = AccountForm(), 200
    if form.validate_on_submit():
        try:
            demo = bool(current_app.config["DEMO"])
            made = identity.create_account(
                form.name.data or "", kept["address"], form.password.data or "", demo=demo
            )  # fmt: skip
            session.pop("founding")
            token = logins.start_session(made.id, None, None, **where_from())
            answer = redirect(url_for("join.drafts"), 303)
            give(answer, token, None)
            return answer
        except Refused as refused:
            refused.field = "name" if refused.field == "address" else refused.field
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("join/account.html", form=form), status


@bp.route("/community/drafts", methods=["GET", "POST"])
def drafts() -> ResponseReturnValue:
    """Go on with a draft, or begin one by saying one's post."""
    form, status = BeginForm(), 200
    if form.validate_on_submit():
        try:
            draft = service.begin(me().account_id, form.post.data)
            return redirect(url_for("join.place", draft=draft), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("join/drafts.html", form=form, drafts=founding.mine(me().account_id)), status
