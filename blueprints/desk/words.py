"""Codes of the desk in the reader's words."""

from typing import Any

from flask_babel import gettext as _

from blueprints.forms import lazy
from blueprints.pages import language
from rongjiu.marketplace import words as market
from tenants.residents.rules import relation_word

LANGUAGES = {code: lazy(word) for code, word in market.LANGUAGES.items()}
CHANNELS = {
    "livestream_outdoor": lazy("户外直播"), "livestream": lazy("直播间"), "sweep": lazy("摸排"), "survey": lazy("需求统计"),
    "grid_report": lazy("网格上报"), "home_visit": lazy("走访"), "counter": lazy("窗口"), "hotline": lazy("电话"),
    "self": lazy("本人求助"), "neighbour": lazy("邻里反映"), "department": lazy("部门转来"), "partner": lazy("合作单位"),
}  # fmt: skip
KINDS = {"need": lazy("需求"), "wish": lazy("心愿"), "question": lazy("问题")}
SIGNAL_STATES = {"new": lazy("待分派"), "triaged": lazy("已分派，待答复"), "answered": lazy("已答复")}
BECAME = {
    "": lazy("还没分派"), "need": lazy("需求，已建个案"), "wish": lazy("心愿，已建个案"), "question": lazy("咨询问题"),
    "duplicate": lazy("重复，并入个案"), "no_action": lazy("不需处理"),
}  # fmt: skip
URGENCIES = {"ordinary": lazy("一般"), "urgent": lazy("紧急"), "critical": lazy("急难")}
CASE_STATES = {
    "open": lazy("未办结"), "identified": lazy("已发现"), "assessing": lazy("已入户核实"), "planned": lazy("已转介"),
    "in_service": lazy("服务中"), "accompanying": lazy("评估中"), "closed": lazy("已办结"), "reopened": lazy("重新启动"),
}  # fmt: skip
TRACKS = {"": lazy("未定"), "jiu": lazy("救"), "zhu": lazy("助"), "both": lazy("救＋助")}
MARKS = {"critical": lazy("急难"), "urgent": lazy("紧急"), "entitled_not_applied": lazy("可享受未申请")}
RESULTS = {
    "": lazy("还没有结果"), "solved": lazy("解决了"), "partly": lazy("部分解决"), "not_solved": lazy("没有解决"),
    "unknown": lazy("不清楚"),
}  # fmt: skip
SCOPES = {
    "survey_and_casework": lazy("登记与个案服务"), "share_with_provider": lazy("提供给服务方"),
    "publish_story": lazy("公开故事"),
}  # fmt: skip
SHARED = {
    "name": lazy("姓名"), "age": lazy("年龄"), "address": lazy("住址"), "phone": lazy("电话"),
    "phone_of_guardian": lazy("监护人电话"), "care_need": lazy("照护情况"),
}  # fmt: skip
HOW = {"paper": lazy("纸质签字"), "voice": lazy("口头同意"), "screen": lazy("屏幕确认")}
REVEALABLE = {
    "name": lazy("姓名"), "phone": lazy("电话"), "address": lazy("住址"), "birth_date": lazy("出生日期"),
    "id_number": lazy("身份证号"), "condition": lazy("身体情况"),
}  # fmt: skip
URGENCIES_SAID = {
    "ordinary": lazy("一般：几天内有人管就行"), "urgent": lazy("紧急：一天内要有人管"),
    "critical": lazy("急难：人可能有危险，马上要有人管"),
}  # fmt: skip
TOLD_HOW = {
    "": "", "call": lazy("电话"), "sms": lazy("短信"), "in_person": lazy("当面"), "on_air": lazy("直播里"),
    "board": lazy("公告栏"), "none": lazy("没有办法答复"),
}  # fmt: skip
CANNED = {
    "window": lazy("这件事可以到社区窗口办理，请带身份证和户口本。"),
    "street": lazy("这件事由街道办理，社区已经转过去，会有人联系您。"),
    "hotline": lazy("这件事请打 12345 热线，由他们办理。"),
    "thanks": lazy("谢谢您的建议，社区已经记下。"),
}  # fmt: skip
"""Answers that come again and again."""
ALIKE_WHY = {
    "phone": lazy("同一电话"), "household": lazy("同一家"), "words": lazy("同一院落，说的事相近"),
    "courtyard": lazy("同一院落"),
}  # fmt: skip
LIST_HOW = {
    "id_number": lazy("身份证号对上了"), "name": lazy("姓名和出生日期对上了"), "door": lazy("姓名和门牌对上了"),
    "none": lazy("登记里没有"), "several": lazy("对上了不止一家，请人工核对"), "wrong": lazy("这一行看不懂"),
}  # fmt: skip
LIST_STATES = {
    "draft": lazy("待确认"), "working": lazy("正在登记"), "done": lazy("已登记"), "undone": lazy("已撤销"),
}  # fmt: skip
REASONS = {
    "visit": lazy("上门或联系本人"), "verify": lazy("核对材料"), "referral": lazy("办理转介"), "urgent": lazy("急难处置"),
}  # fmt: skip
STATUSES = {"here": lazy("在住"), "moved": lazy("已搬走"), "died": lazy("已去世"), "merged": lazy("已并入")}
OCCUPANCIES = {
    "lived_in": lazy("有人住"), "vacant": lazy("空房"), "rented_out": lazy("出租"), "other_use": lazy("他用"),
}  # fmt: skip
GENDERS = {"male": lazy("男"), "female": lazy("女")}


def word(words: dict[str, Any], code: str) -> str:
    """A code in words; a code nobody knows stays as it is."""
    return str(words.get(code, code))


def relation(code: str) -> str:
    """The relation to the head of the household in words."""
    text = relation_word(code)
    return _(text) if text else ""


def local(rows: list[tuple[str, str, str]]) -> dict[str, str]:
    """Value → name in the reader's language, of rows (value, Chinese, English)."""
    english = language() == "en"
    return {value: (en if english else zh) for value, zh, en in rows}
