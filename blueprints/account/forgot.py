"""/account/forgot: a code to phone or e-mail, then a new password. The answer is the same for unknown accounts, and
the second factor is asked for at the next log-in as always."""

from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.forms import ForgotForm, ResetForm
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from rongjiu.identity import service as identity


@bp.route("/forgot", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def forgot() -> ResponseReturnValue:
    """Ask for the address and send a code there."""
    form, status = ForgotForm(), 200
    if form.validate_on_submit():
        try:
            session["reset"] = str(identity.send_code(form.address.data or "", "reset"))
            return redirect(url_for("account.reset"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("account/forgot.html", form=form), status


@bp.route("/forgot/code", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def reset() -> ResponseReturnValue:
    """Take the code and the new password; every login of the account ends."""
    if "reset" not in session:
        return redirect(url_for("account.forgot"), 303)
    form, status = ResetForm(), 200
    if form.validate_on_submit():
        try:
            identity.reset_password(UUID(session["reset"]), form.code.data or "", form.new.data or "")
            session.pop("reset")
            flash(_("新密码已生效，请用它登录。"), "success")
            return redirect(url_for("account.login"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.CodeWrong))
    elif request.method == "POST":
        status = 422
    return render_template("account/reset.html", form=form), status
