"""/desk/messages: what this community has sent, by which channel, and what did not arrive. Never a message's text."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size
from blueprints.forms import lazy
from blueprints.guard import place
from rongjiu.notify import queries

STATES = {
    "waiting": lazy("等待发送"), "held": lazy("免打扰，稍后发"), "digest": lazy("等每日汇总"), "sent": lazy("已发出"),
    "failed": lazy("没有送到"),
}  # fmt: skip
CHANNELS = {
    "sms": lazy("短信"), "wechat": lazy("微信"), "wecom": lazy("企业微信"), "dingtalk": lazy("钉钉"), "email": lazy("邮件"),
}  # fmt: skip
PURPOSES = {
    "handover": lazy("办理进度"), "provider_task": lazy("派单"), "provider_job": lazy("上门服务"),
    "provider_portal": lazy("日程链接"), "hearing": lazy("请说明"), "provider_stop": lazy("撤回派单"), "resident_confirm": lazy("请家属确认"), "signal_answer": lazy("答复线索"),
    "signal_late": lazy("线索逾期"), "signal_half": lazy("线索提醒"), "signal_unsorted": lazy("线索待分派"),
    "desk_file": lazy("一门受理"), "desk_chase": lazy("催办"), "emergency": lazy("急难"), "wish": lazy("心愿"),
    "founding": lazy("建站"), "digest": lazy("每日汇总"), "invitation": lazy("邀请"), "provider": lazy("服务方审核"),
}  # fmt: skip


@bp.get("/messages")
def messages() -> ResponseReturnValue:
    """The delivery log."""
    asked, page = _asked(), page_number()
    here = place().id
    rows, total = queries.log(here, **asked, page=page, size=page_size()) if here else ([], 0)
    counts = queries.counts(here) if here else {}
    filters = [
        {"name": "state", "label": _("状态"), "value": asked["state"],
         "options": [(code, str(word), counts.get(code, 0)) for code, word in STATES.items()]},
        {"name": "channel", "label": _("方式"), "value": asked["channel"],
         "options": [(code, str(word), None) for code, word in CHANNELS.items()]},
    ]  # fmt: skip
    return render_template(
        "desk/messages.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), size=page_size(),
        filters=filters, states=STATES, channels=CHANNELS, purpose=purpose, lost=counts.get("failed", 0),
        tries=queries.tries([row.id for row in rows if row.tries]),
    )  # fmt: skip


def purpose(code: str) -> str:
    """What a message was for, in words."""
    return str(PURPOSES.get(code, _("其他")))


def _asked() -> dict[str, Any]:
    state, channel = request.args.get("state", ""), request.args.get("channel", "")
    return {"state": state if state in STATES else "", "channel": channel if channel in CHANNELS else ""}
