"""/account/password: a new password, for whoever knows the present one."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.forms import PasswordForm
from blueprints.guard import me
from blueprints.security import LOGIN, limiter
from rongjiu.errors import Refused
from rongjiu.identity import service as identity


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit(LOGIN, methods=["POST"])
def password() -> ResponseReturnValue:
    """Change the password; every other login ends."""
    form, status = PasswordForm(), 200
    if form.validate_on_submit():
        account = identity.locked(me().account_id)
        try:
            identity.same_password(account, form.password.data or "")
            identity.set_password(account, form.new.data or "", but=me().session_id)
            flash(_("密码已改好，其他设备都已退出。"), "success")
            return redirect(url_for("account.sessions"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.LoginRefused))
    elif request.method == "POST":
        status = 422
    return render_template("account/password.html", form=form), status
