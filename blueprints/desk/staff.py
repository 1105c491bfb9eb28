"""…/desk/staff: who works in this community, who is invited, and one more. The secretary's page."""

from collections import Counter
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TelField
from wtforms.validators import Length, Optional

from blueprints import inviting
from blueprints.desk.door import bp
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import me, place
from blueprints.paging import cut
from blueprints.security import INVITING, by_account, limiter
from rongjiu.errors import Refused
from rongjiu.tenancy import invitations
from tenants.founding import posts, service
from tenants.residents import contacts
from tenants.residents import queries as residents

ROLES = [
    ("assistance_clerk", lazy("救助专干")), ("community_worker", lazy("社区工作者")), ("grid_worker", lazy("网格员")),
    ("live_desk", lazy("直播台")), ("volunteer_lead", lazy("志愿队长")), ("secretary", lazy("社区书记（副手）")),
]  # fmt: skip


class StaffForm(Form):
    """One person to invite."""

    role = SelectField(lazy("岗位"), [chosen()], choices=options(ROLES))
    post = StringField(lazy("岗位叫法"), [Optional(), Length(max=40, message=lazy("最多 40 个字"))])
    phone = TelField(lazy("手机号"), [required(lazy("请填手机号"))])
    courtyards = SelectField(lazy("负责的院落"), [Optional()], validate_choice=False)


@bp.route("/staff", methods=["GET", "POST"])
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def staff() -> ResponseReturnValue:
    """Who works here, who is invited; invite one more."""
    yards = [(str(yard.id), yard.name) for yard in residents.courtyards()]
    form, status = StaffForm(), 200
    form.courtyards.choices = options([("", _("请选择")), *yards])
    if form.validate_on_submit():
        try:
            yard = form.courtyards.data
            link = service.invite_staff(
                service.community(_id()), form.role.data or "", form.post.data or str(dict(ROLES)[form.role.data]),
                form.phone.data or "", by=me().account_id, courtyards=[yard] if yard in dict(yards) else [],
                link_of=inviting.link_of,
            )  # fmt: skip
            inviting.keep(link)
            return redirect(url_for("desk.staff"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("desk/staff.html", form=form, yards=yards, **inviting.shown(), **_listed()), status


def _listed() -> dict[str, Any]:
    """Who works here and who is asked to, as far as ?role= and ?q= (name or post) let through."""
    role, words = request.args.get("role", ""), request.args.get("q", "").strip()[:40]
    every, asked = posts.members(_id()), posts.invited(_id())
    held = Counter([each.role for each in every] + [each[1] for each in asked])
    members = cut([
        each for each in every
        if (not role or each.role == role) and words.casefold() in f"{each.name} {each.post}".casefold()
    ])  # fmt: skip
    return {
        "members": members.rows, "page": members.page, "pages": members.pages, "total": members.total,
        "invited": [each for each in asked if (not role or each[1] == role) and words.casefold() in each[2].casefold()],
        "held": sorted(held.items()), "role": role, "words": words,
    }  # fmt: skip


@bp.post("/staff/<uuid:membership>/end")
def staff_end(membership: UUID) -> ResponseReturnValue:
    """End a membership of this community; its sessions end with it."""
    service.end_staff(_id(), membership)
    flash(_("岗位已结束，对方下一次点击就会退出。"), "success")
    if place().tenant is not None and (waiting := contacts.waiting()):
        flash(_("有 %(n)s 位老人的紧急联系人已离岗，请到“紧急联系人”安排接手。", n=waiting), "warning")
    return redirect(url_for("desk.staff"), 303)


@bp.post("/staff/invitation/<uuid:invitation>/withdraw")
def staff_withdraw(invitation: UUID) -> ResponseReturnValue:
    """Withdraw an invitation that nobody has taken up."""
    invitations.withdraw(invitation, "community", _id())
    flash(_("邀请已撤回，链接不能再用。"), "success")
    return redirect(url_for("desk.staff"), 303)


def _id() -> UUID:
    found = place().id
    if found is None:
        raise Refused("请先克隆模型。", status=404)
    return found
