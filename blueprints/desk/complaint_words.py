"""Words for the codes of complaints."""

from blueprints.forms import lazy
from tenants.complaints.words import CATEGORIES as SAID

ABOUT = {
    "provider": lazy("服务方"),
    "worker": lazy("工作人员"),
    "volunteer": lazy("志愿者"),
    "unknown": lazy("还不清楚"),
}
CATEGORIES = {code: lazy(word) for code, word in SAID.items()}
CHANNELS = {"phone": lazy("电话"), "paper": lazy("书面"), "link": lazy("评价链接"), "page": lazy("网页")}
STATES = {
    "received": lazy("待处理"),
    "hearing": lazy("等对方说明"),
    "decided": lazy("待答复投诉人"),
    "answered": lazy("已答复"),
}
TONES = {"received": "warn", "hearing": "info", "decided": "primary", "answered": "ok"}
HOWS = {
    "call": lazy("打了电话"),
    "in_person": lazy("当面说了"),
    "letter": lazy("书面答复"),
    "unreachable": lazy("联系不上"),
}
VERBS = {
    "receive": lazy("收到投诉"), "take": lazy("写明投诉的是谁"), "ask": lazy("请对方说明"), "reply": lazy("对方已说明"),
    "decide": lazy("作出认定"), "answer": lazy("答复投诉人"), "reopen": lazy("重新处理"),
}  # fmt: skip
NOTICES = {"complaint_upheld": lazy("投诉属实"), "stopped": lazy("停止派单")}
