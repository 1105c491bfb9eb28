"""…/desk/settings, parameters, staff: what only this community says, and who works in it. The secretary's pages."""

from uuid import UUID

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints.desk.door import bp
from blueprints.entry import full_address
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import me, place
from blueprints.parameters import answers, parameter_form
from blueprints.pictures import qr
from blueprints.security import INVITING, by_account, limiter
from rongjiu.errors import Refused
from rongjiu.tenancy import invitations
from tenants.founding import queries, service
from tenants.residents import contacts
from tenants.residents import queries as residents

SLOTS = ("title", "phone", "desk_hours", "address", "host", "icp", "police_record", "privacy_note")
ROLES = [
    ("assistance_clerk", lazy("救助专干")), ("community_worker", lazy("社区工作者")), ("grid_worker", lazy("网格员")),
    ("live_desk", lazy("直播台")), ("volunteer_lead", lazy("志愿队长")), ("secretary", lazy("社区书记（副手）")),
]  # fmt: skip
_long = Length(max=120, message=lazy("最多 120 个字"))


class SettingsForm(Form):
    """What stands on every page of the community."""

    title = StringField(lazy("服务名称"), [required(), Length(max=40, message=lazy("最多 40 个字"))])
    phone = TelField(lazy("社区电话"), [required(lazy("请填电话，居民要打得通"))])
    desk_hours = StringField(lazy("办公时间"), [required(), _long])
    address = StringField(lazy("办公地址"), [required(), _long])
    host = StringField(lazy("主办单位"), [Optional(), _long])
    icp = StringField(lazy("ICP 备案号"), [Optional(), _long])
    police_record = StringField(lazy("公安备案号"), [Optional(), _long])
    privacy_note = TextAreaField(lazy("隐私说明里本社区要补充的话"), [Optional(), Length(max=2000)])


class StaffForm(Form):
    """One person to invite."""

    role = SelectField(lazy("岗位"), [chosen()], choices=options(ROLES))
    post = StringField(lazy("岗位叫法"), [Optional(), Length(max=40, message=lazy("最多 40 个字"))])
    phone = TelField(lazy("手机号"), [required(lazy("请填手机号"))])
    courtyards = SelectField(lazy("负责的院落"), [Optional()], validate_choice=False)


@bp.route("/settings", methods=["GET", "POST"])
def settings() -> ResponseReturnValue:
    """Telephone, hours, address, organiser, record numbers."""
    community, status = service.community(_id()), 200
    form = SettingsForm(obj=community)
    if form.validate_on_submit():
        try:
            service.change_slots(community, {name: form[name].data or "" for name in SLOTS})
            flash(_("已保存，公开页面马上更新。"), "success")
            return redirect(url_for("desk.settings"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("desk/settings.html", form=form), status


@bp.route("/settings/parameters", methods=["GET", "POST"])
def parameters() -> ResponseReturnValue:
    """Lines and amounts, confirmed as a value with its day or as 本地未定."""
    tenant = place().tenant
    if tenant is None:
        raise Refused("请先克隆模型。", status=404)
    rows = queries.parameters_of(tenant)
    form, status = parameter_form(rows), 200
    if form.validate_on_submit():
        try:
            waiting = service.confirm_all(tenant, answers(form, rows, request.form.get("rest", "")))
            flash(
                _("已保存，还有 %(n)s 项没有确认。", n=waiting) if waiting else _("已全部确认，政策研判已打开。"),
                "success",
            )
            return redirect(url_for("desk.parameters"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    return render_template("desk/parameters.html", form=form, rows=rows), status


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
            session["invited"] = service.invite_staff(
                service.community(_id()), form.role.data or "", form.post.data or str(dict(ROLES)[form.role.data]),
                form.phone.data or "", by=me().account_id, courtyards=[yard] if yard in dict(yards) else [],
                link_of=lambda token: full_address("account.invitation_link", token=token),
            )  # fmt: skip
            return redirect(url_for("desk.staff"), 303)
        except Refused as refused:
            _words, status = form.refuse(refused)
    elif request.method == "POST":
        status = 422
    link = session.pop("invited", "")
    return render_template(
        "desk/staff.html", form=form, members=queries.members(_id()), invited=queries.invited(_id()), yards=yards,
        link=link, picture=qr(link) if link else "",
    ), status  # fmt: skip


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
