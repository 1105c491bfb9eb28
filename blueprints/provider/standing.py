"""/provider/pause, confirm, staff: what an owner does about the provider itself, mostly in one tap."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, TelField
from wtforms.validators import Optional

from blueprints import inviting
from blueprints.forms import Form, chosen, flashed, lazy, options, required
from blueprints.guard import me
from blueprints.provider.door import bp
from blueprints.provider.home import mine
from blueprints.security import INVITING, by_account, limiter
from blueprints.storefront import Day
from rongjiu.errors import Refused
from rongjiu.marketplace import keeping, staff

ROLES = {"provider_staff": lazy("员工:看派单、接单"), "provider_owner": lazy("负责人:什么都能办")}


class PauseForm(Form):
    """Until when."""

    until = Day(lazy("到哪天恢复"), [Optional()])


class StaffForm(Form):
    """Whom to invite as what."""

    phone = TelField(lazy("对方手机号"), [required(lazy("请填手机号"))])
    role = RadioField(lazy("做什么"), [chosen()], default="provider_staff", choices=options(ROLES.items()))


@bp.route("/pause", methods=["GET", "POST"])
def pause() -> ResponseReturnValue:
    """Take nothing new for a while, without leaving."""
    form, status = PauseForm(), 200
    if form.validate_on_submit():
        try:
            keeping.pause(mine(), form.until.data)
            flash(_("已暂停接新单。已接的请做完。"), "success")
            return redirect(url_for("provider.status"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("provider/pause.html", form=form), status


@bp.post("/unpause")
def unpause() -> ResponseReturnValue:
    """Take new offers again."""
    return _done(keeping.unpause, _("已恢复接单。"))


@bp.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Everything listed is still right."""
    return _done(keeping.confirm, _("谢谢,已记下今天核对过。"))


def _done(verb, words: str) -> ResponseReturnValue:  # type: ignore[no-untyped-def]  # a verb over a provider's id
    try:
        verb(mine())
        flash(words, "success")
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    return redirect(url_for("provider.status"), 303)


@bp.route("/staff", methods=["GET", "POST"], endpoint="staff")
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def people() -> ResponseReturnValue:
    """Who works here, who is invited; invite one more."""
    form, status = StaffForm(), 200
    if form.validate_on_submit():
        try:
            inviting.keep(
                staff.invite(
                    mine(), form.role.data or "", form.phone.data or "", by=me().account_id, link_of=inviting.link_of
                )
            )
            return redirect(url_for("provider.staff"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    shown = {"members": staff.members(mine()), "invited": staff.invited(mine()), "roles": ROLES}
    return render_template("provider/staff.html", form=form, **inviting.shown(), **shown), status


@bp.post("/staff/<uuid:membership>/end")
def staff_end(membership: UUID) -> ResponseReturnValue:
    """End somebody's work here."""
    with flashed():
        staff.end(mine(), membership)
        flash(_("岗位已结束，对方下一次点击就会退出。"), "success")
    return redirect(url_for("provider.staff"), 303)
