"""…/desk/settings, parameters: what only this community says. The secretary's pages."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints.desk.door import bp
from blueprints.forms import Form, lazy, required
from blueprints.guard import place
from blueprints.parameters import answers, parameter_form
from rongjiu.errors import Refused
from tenants.founding import queries, service

SLOTS = ("title", "phone", "desk_hours", "address", "host", "icp", "police_record", "privacy_note")
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


def _id() -> UUID:
    found = place().id
    if found is None:
        raise Refused("请先克隆模型。", status=404)
    return found
