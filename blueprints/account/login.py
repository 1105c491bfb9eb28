"""/account/login and /account/logout."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.account.door import bp
from blueprints.account.forms import LoginForm
from blueprints.entry import come_in, safe_next, take_away
from blueprints.guard import me, visitor
from blueprints.security import LOGIN, limiter
from rongjiu.errors import Refused
from rongjiu.identity import logins
from rongjiu.identity import service as identity


@bp.route("/login", methods=["GET", "POST"])
@limiter.limit(LOGIN, methods=["POST"])
def login() -> ResponseReturnValue:
    """Phone or e-mail and password; afterwards back to where one was going."""
    target = safe_next(request.values.get("next"))
    form = LoginForm()
    status = 200
    if request.method == "GET" and visitor() is not None:
        return redirect(target or url_for("account.places"), 303)
    if form.validate_on_submit():
        try:
            account = identity.check_password(form.address.data or "", form.password.data or "")
            return come_in(account.id, target)
        except Refused as refused:
            _words, status = form.refuse(refused, keep=isinstance(refused, identity.LoginRefused))
    elif request.method == "POST":
        status = 422
    return render_template("account/login.html", form=form, target=target), status


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """End this login on the server; a copied cookie is dead from now on.

    `keep`: the phone holds another account's sealed queue and has wiped its own part itself.
    """
    logins.end_session(me().session_id, me().account_id)
    answer = redirect("/", 303)
    take_away(answer, wipe=request.form.get("keep") != "1")
    return answer
