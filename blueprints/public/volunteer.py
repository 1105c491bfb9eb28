"""/c/<slug>/volunteer/join: somebody wants to help. The community answers; nothing of anybody is shown here."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import RadioField, StringField, TelField

from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.public.door import bp
from blueprints.security import PUBLIC_FORM, limiter
from rongjiu.errors import Refused
from tenants.volunteers import joining


class JoinForm(Form):
    """Who wants to help."""

    name = StringField(lazy("姓名"), [required(lazy("请写您的姓名。"))])
    called = StringField(lazy("队里怎么称呼您"), [required()])
    phone = TelField(lazy("手机号"), [required(lazy("请填手机号"))])
    kin = RadioField(
        lazy("有没有亲属正在接受本社区帮扶"), [chosen()], choices=options([("no", lazy("没有")), ("yes", lazy("有"))])
    )


@bp.route("/c/<slug>/volunteer/join", methods=["GET", "POST"])
@limiter.limit(PUBLIC_FORM, methods=["POST"])
def volunteer() -> ResponseReturnValue:
    """Sign up."""
    form, status = JoinForm(), 200
    if form.validate_on_submit():
        try:
            joining.sign_up(form.name.data or "", form.called.data or "", form.phone.data or "", form.kin.data or "")
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("报名已收到。社区会在 5 个工作日内答复，同意后您会收到一条短信。"), "success")
            return redirect(url_for("public.volunteer"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("public/volunteer.html", form=form), status
