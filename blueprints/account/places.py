"""/account/places: the posts one holds, and which of them one works in now."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.account.door import bp
from blueprints.account.words import ROLES
from blueprints.entry import fitting, give, home_of, safe_next, take_away, where_from
from blueprints.guard import me
from rongjiu.errors import Absent
from rongjiu.identity import logins
from rongjiu.tenancy import queries


@bp.get("/places")
def places() -> ResponseReturnValue:
    """All standing posts, the present one marked; those that fit the page asked for come first."""
    posts = queries.posts(me().account_id)
    target = safe_next(request.args.get("next"))
    wanted = fitting(posts, target) if target else None
    if wanted is not None:
        posts.sort(key=lambda post: post.id != wanted.id)
    return render_template("account/places.html", posts=posts, target=target, wanted=wanted, roles=ROLES)


@bp.post("/places/<uuid:membership_id>")
def switch(membership_id: UUID) -> ResponseReturnValue:
    """Work at another post from now on, under a new session id."""
    person = me()
    post = next((post for post in queries.posts(person.account_id) if post.id == membership_id), None)
    if post is None:
        raise Absent("没有这个岗位。")
    token = logins.renew_session(
        person.session_id, post.id, post.role, second_factor=person.second_factor, **where_from()
    )
    target = safe_next(request.form.get("next"))
    if token is None:
        logins.end_session(person.session_id, person.account_id)
        flash(_("这个岗位登录时间较短，请再登录一次。"), "info")
        answer = redirect(url_for("account.login", next=target or home_of(post)), 303)
        take_away(answer)
        return answer
    answer = redirect(target or home_of(post), 303)
    give(answer, token, post.role)
    return answer
