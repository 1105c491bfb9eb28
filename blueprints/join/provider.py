"""/join/provider: a merchant registers on a phone in five minutes: phone and code, shop, papers, services, hand in."""

import re
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy
from wtforms import PasswordField, StringField, TelField
from wtforms.validators import Length

from blueprints.entry import come_in
from blueprints.forms import Form, required
from blueprints.guard import visitor
from blueprints.join.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from rongjiu.identity import service as identity
from rongjiu.marketplace import listings, queries

_INVITED = re.compile(r"[a-z0-9-]{1,48}(\.[0-9a-z]{1,12})?")


class PhoneForm(Form):
    """Where the code goes."""

    phone = TelField(lazy("您的手机号"), [required(lazy("请填手机号"))])


class AccountForm(Form):
    """The code that came, and what the account is called."""

    code = StringField(lazy("短信里的验证码"), [required(lazy("请填六位验证码"))])
    name = StringField(lazy("怎么称呼您"), [required(lazy("请写您的称呼")), Length(max=30)])
    password = PasswordField(lazy("设一个登录密码"), [required(lazy("请设一个密码"))])


@bp.route("/provider", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def provider() -> ResponseReturnValue:
    """Begin: who is logged in goes on, everybody else gives a phone number."""
    code = request.args.get("from", "")
    if _INVITED.fullmatch(code):
        session["invited_by"] = code
    person = visitor()
    form, status = PhoneForm(), 200
    if person is None and form.validate_on_submit():
        try:
            passcode = identity.send_code(form.phone.data or "", "provider")
            session["provider"] = {"passcode": str(passcode), "phone": form.phone.data}
            return redirect(url_for("join.provider_code"), 303)
        except Refused as refused:
            refused.field = "phone"
            _words, status = form.refuse(refused)
    elif person is None and request.method == "POST":
        status = 422
    found = queries.of_account(person.account_id) if person else None
    return render_template("join/provider.html", form=form, person=person, found=found), status


@bp.route("/provider/code", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def provider_code() -> ResponseReturnValue:
    """Take the code; make the account and the draft, and log in."""
    known: dict[str, Any] | None = session.get("provider")
    if known is None:
        return redirect(url_for("join.provider"), 303)
    form, status = AccountForm(), 200
    if form.validate_on_submit():
        try:
            return _register(form, known)
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
    elif request.method == "POST":
        status = 422
    return render_template("join/provider_code.html", form=form, phone=known["phone"]), status


def _register(form: AccountForm, known: dict[str, Any]) -> ResponseReturnValue:
    identity.check_code(UUID(known["passcode"]), "provider", form.code.data or "")
    if identity.find_account(known["phone"]):
        session.pop("provider")
        flash(_("这个手机号已有账号。请登录,再接着登记。"), "info")
        return redirect(url_for("account.login", next=url_for("join.provider")), 303)
    demo = bool(current_app.config["DEMO"])
    account = identity.create_account(form.name.data or "", known["phone"], form.password.data or "", demo=demo)
    listings.begin(account.id, invited_by=session.pop("invited_by", ""), demo=demo)
    session.pop("provider")
    return come_in(account.id, url_for("join.provider_shop"))


@bp.post("/provider/begin")
def provider_begin() -> ResponseReturnValue:
    """Register with the account that is logged in; an unfinished registration goes on where it was."""
    person = visitor()
    if person is None:
        return redirect(url_for("join.provider"), 303)
    listings.begin(person.account_id, invited_by=session.pop("invited_by", ""), demo=bool(current_app.config["DEMO"]))
    return redirect(url_for("join.provider_shop"), 303)
