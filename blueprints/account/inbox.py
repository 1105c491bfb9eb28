"""/account/inbox: what one was told; /account/notify: how one wants to be told."""

from datetime import time
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import BooleanField, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired

from blueprints import exporting
from blueprints.account.door import bp
from blueprints.forms import Form, lazy, options
from blueprints.guard import me
from blueprints.pages import when
from blueprints.security import EXPORTING, by_account, limiter
from rongjiu.errors import Refused
from rongjiu.notify import channels, people, queries, service

SIZE = 20
CHANNELS = {
    "sms": lazy("短信"), "wechat": lazy("微信"), "wecom": lazy("企业微信"), "dingtalk": lazy("钉钉"), "email": lazy("邮件"),
}  # fmt: skip


class NotifyForm(Form):
    """Language, quiet hours, digest, channel."""

    language = RadioField(
        lazy("消息用哪种语言"), choices=options([("zh", Markup('<span lang="zh-Hans">中文</span>')), ("en", "English")])
    )
    quiet_from = TimeField(lazy("免打扰从"), [InputRequired(lazy("请填几点，例如 21:00。"))])
    quiet_to = TimeField(lazy("免打扰到"), [InputRequired(lazy("请填几点，例如 08:00。"))])
    digest = BooleanField(lazy("不急的消息每天早上合成一条"))
    first = SelectField(lazy("先用哪种方式"), validate_choice=False)
    wechat = StringField(lazy("微信 openid"))
    wecom = StringField(lazy("企业微信账号"))
    dingtalk = StringField(lazy("钉钉手机号"))


@bp.get("/inbox")
def inbox() -> ResponseReturnValue:
    """One's messages, newest first."""
    unread, page = request.args.get("show") == "unread", min(max(1, request.args.get("page", 1, type=int)), 1_000_000)
    rows, total = queries.inbox(me().account_id, unread=unread, page=page, size=SIZE)
    return render_template(
        "account/inbox.html", rows=rows, total=total, page=page, pages=max(1, -(-total // SIZE)), size=SIZE, only=unread
    )


@bp.post("/inbox/export")
@limiter.limit(EXPORTING, key_func=by_account)
def inbox_export() -> ResponseReturnValue:
    """One's own messages as a file, those of the filter."""
    unread = request.args.get("show") == "unread"
    if not exporting.purpose():
        return exporting.unasked(url_for("account.inbox", show="unread" if unread else None))
    rows, _total = queries.inbox(me().account_id, unread=unread, size=exporting.MOST)
    lines = [(when(row.created_at), row.text, "" if row.read_at else _("未读")) for row in rows]
    return exporting.file("inbox", _("收件箱"), [_("时间"), _("内容"), _("状态")], lines)


@bp.post("/inbox/read")
def inbox_read() -> ResponseReturnValue:
    """Mark one message (`message`) or all as read."""
    try:
        one = UUID(request.form["message"]) if request.form.get("message") else None
    except ValueError:
        one = None
    service.read(me().account_id, one)
    return redirect(url_for("account.inbox"), 303)


@bp.route("/notify", methods=["GET", "POST"])
def notify() -> ResponseReturnValue:
    """How one wants to be told."""
    wish, status = queries.preference(me().account_id), 200
    known = {
        "language": wish.language, "quiet_from": time.fromisoformat(wish.quiet_from),
        "quiet_to": time.fromisoformat(wish.quiet_to), "digest": wish.digest,
        "first": wish.wished[0] if wish.wished else "", "wechat": wish.wechat, "wecom": wish.wecom,
        "dingtalk": wish.dingtalk,
    }  # fmt: skip
    form = NotifyForm(data=known)
    person, here = people.account(me().account_id), channels.configured()
    ways = {**dict.fromkeys(person.addresses if person else ()), **dict.fromkeys(sorted(here - {"sms", "email"}))}
    form.first.choices = options(
        [("", _("按系统安排")), *((name, CHANNELS[name]) for name in CHANNELS if name in ways)]
    )
    if form.validate_on_submit():
        try:
            service.prefer(
                me().account_id, language=str(form.language.data), quiet_from=form.quiet_from.data,
                quiet_to=form.quiet_to.data, digest=bool(form.digest.data), first=form.first.data or "",
                wechat=form.wechat.data or "", wecom=form.wecom.data or "", dingtalk=form.dingtalk.data or "",
            )  # fmt: skip
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已保存。急难消息和验证码不受免打扰限制。"), "success")
            return redirect(url_for("account.notify"), 303)
    elif request.method == "POST":
        status = 422
    dead = [CHANNELS[name] for name, to in (person.addresses if person else {}).items() if people.is_dead(name, to)]
    return render_template("account/notify.html", form=form, here=here, dead=dead), status
