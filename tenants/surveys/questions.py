"""The questions of a survey form: as the pack gives them, what may be asked at all, and what an answer must be. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rongjiu import codes
from rongjiu.codes import N_
from rongjiu.errors import Refused

Question = dict[str, Any]
"""id, label_zh, label_en, type, options [{id, zh, en}], required, purpose, sensitive, core."""

CORE = ("courtyard", "category_needs", "item_needs", "consent_basic")
"""Questions the count stands on; they may be worded anew, never removed."""
OWN_TYPES = {
    "text": N_("一行字"), "textarea": N_("几行字"), "int": N_("数字"), "bool": N_("是或否"), "select": N_("选一项"),
    "multi": N_("选几项"),
}  # fmt: skip
"""What a community may add."""
OPTION_WORDS = {
    "unknown": N_("不清楚"), "under_line": N_("低于低保线"), "line_to_1.5": N_("低保线到 1.5 倍"), "1.5_to_3": N_("1.5 到 3 倍"),
    "over_3": N_("3 倍以上"), "refused": N_("不愿说"), "home_visit": N_("上门"), "phone": N_("电话"), "wechat": N_("微信"),
    "family_member": N_("找家人"), "none": N_("不用联系"),
}  # fmt: skip
"""Options of the pack's form, which gives codes only."""
PURPOSES = {
    "building_unit_room": N_("找到这户人家，不重复上门"), "respondent_name": N_("回访时知道找谁"), "phone": N_("回访和答复"),
    "group_tags": N_("看哪些人群需要什么，困难家庭上门摸排"), "income_band": N_("找出可能漏救的困难家庭"),
}  # fmt: skip
"""Why the pack's form asks for what it asks of a person."""
MOST, LONGEST, MOST_OPTIONS = 40, 60, 20
TEXT = 500
_FORBIDDEN = (
    (
        r"银行卡|银行账|卡号|账号|存折|支付密码|bank|account number",
        N_("需求统计不收集银行账号，请删去这一问；办理救助确实要用时，由救助专干当面核对。"),
    ),
    (
        r"身份证|证件号|社保号|医保号|护照|id (card|number)|passport",
        N_("需求统计不收集证件号码，请删去这一问；办理救助确实要用时，由救助专干当面核对。"),
    ),
    (r"密码|验证码|password", N_("需求统计不收集密码或验证码，请删去这一问；办理救助确实要用时，由救助专干当面核对。")),
    (r"宗教|信仰|教派|religio", N_("需求统计不收集宗教信仰，请删去这一问；办理救助确实要用时，由救助专干当面核对。")),
    (
        r"指纹|人脸|虹膜|声纹|基因|dna|fingerprint|face scan",
        N_("需求统计不收集生物特征，请删去这一问；办理救助确实要用时，由救助专干当面核对。"),
    ),
    (
        r"党派|政治面貌|政治观点|政治立场|politic",
        N_("需求统计不收集政治立场，请删去这一问；办理救助确实要用时，由救助专干当面核对。"),
    ),
    (
        r"前科|犯罪|案底|criminal",
        N_("需求统计不收集违法犯罪记录，请删去这一问；办理救助确实要用时，由救助专干当面核对。"),
    ),
    (r"性取向|性生活|sexual", N_("需求统计不收集性取向，请删去这一问；办理救助确实要用时，由救助专干当面核对。")),
)
"""What a needs survey has no use for, and what is said to whoever asks for it."""
_PERSONAL = re.compile(
    r"姓名|名字|电话|手机号|微信号|住址|地址|门牌|生日|出生|年龄|收入|工资|存款|房产|病|残疾|健康|身体|用药|婚姻|离异|孩子|\bname|\bphone|"
    r"address|birth|income|illness|disab|health",
    re.IGNORECASE,
)


def of_pack(form: Mapping[str, Any]) -> list[Question]:
    """The questions of the pack's form, with words for its options and purposes for what is personal."""
    found = []
    for each in form["fields"]:
        found.append({
            "id": each["id"], "label_zh": each["label_zh"], "label_en": each["label_en"], "type": each["type"],
            "required": bool(each["required"]), "sensitive": bool(each["sensitive"]), "core": each["id"] in CORE,
            "options": [{"id": code, "zh": OPTION_WORDS.get(code, code), "en": ""} for code in each.get("options", ())],
            "purpose": PURPOSES.get(each["id"], ""),
        })  # fmt: skip
    return found


def personal(question: Question) -> bool:
    """Does a question hold something of a person, so that its purpose must be named?"""
    return bool(
        question["sensitive"] or question["type"] == "phone" or _PERSONAL.search(question["label_zh"])
        or _PERSONAL.search(question["label_en"])
    )  # fmt: skip


def lint(question: Question) -> None:
    """Refuse a question that asks too much or is not whole; the message says what to do. Raises Refused naming the
    input (label_zh, options, purpose)."""
    label = f"{question['label_zh']} {question['label_en']} {' '.join(each['zh'] for each in question['options'])}"
    if not question["label_zh"]:
        raise Refused("请写问题。", field="label_zh")
    if len(question["label_zh"]) > LONGEST or len(question["label_en"]) > LONGEST * 2:
        raise Refused("问题写短一点，60 个字以内。", field="label_zh")
    for pattern, why in _FORBIDDEN:
        if re.search(pattern, label, re.IGNORECASE):
            raise Refused(why, field="label_zh")
    if question["type"] in ("select", "multi") and not 2 <= len(question["options"]) <= MOST_OPTIONS:
        raise Refused("请写 2 到 20 个选项，一行一个。", field="options")
    if len({each["zh"] for each in question["options"]}) != len(question["options"]):
        raise Refused("有两个选项一样，请改一个。", field="options")
    if personal(question) and not question["purpose"]:
        raise Refused("这个问题涉及个人信息，请写明收集它做什么用；说不清用途就不要问。", field="purpose")


def whole(questions: Sequence[Question]) -> None:
    """Refuse a form that cannot be counted or is too long. Raises Refused."""
    ids = [each["id"] for each in questions]
    if any(core not in ids for core in CORE):
        raise Refused("院落、需求和同意这几题是统计的根据，不能删去，可以改问法。")
    if len(ids) > MOST:
        raise Refused("最多 40 题。题太多，居民答不完。")


class Choices:
    """What may be chosen where the model gives the options: slugs of groups, categories, items."""

    def __init__(self, groups: Collection[str], categories: Collection[str], items: Collection[str]) -> None:
        self.of = {
            "multi:special_groups": list(groups),
            "multi:needs.categories": list(categories),
            "ranked:needs.items": list(items),
        }


def read(questions: Sequence[Question], given: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    """The answers that fit their questions, empty ones left out; raises Refused naming the question.

    `given` is text, or a list for questions with several answers; what was not asked is not kept.
    """
    if str(given.get("consent_basic") or "no") not in ("1", "y", "yes", "True"):
        raise Refused("没有取得同意，不能保存。请先读给对方听，问清同不同意。", field="consent_basic")
    found: dict[str, Any] = {}
    for question in questions:
        if question["type"] == "ref:courtyards":
            continue
        value = _read(question, given.get(question["id"]), choices)
        if value in ("", None, []) and question["required"] and not _excused(question, given):
            raise Refused("请回答这一题。", field=question["id"])
        if value not in ("", None, []):
            found[question["id"]] = value
    return found


def _excused(question: Question, given: Mapping[str, Any]) -> bool:
    """A household may have no need at all, and may say so."""
    return question["id"] in ("category_needs", "item_needs") and given.get("no_need") in ("1", "y", True)


def _read(question: Question, value: Any, choices: Choices) -> Any:
    kind, name = question["type"], question["id"]
    if kind in choices.of or kind == "multi":
        allowed = choices.of.get(kind) or [each["id"] for each in question["options"]]
        picked = list(dict.fromkeys(each for each in (value or ()) if each))
        if not set(picked) <= set(allowed):
            raise Refused("请从列出的里面选。", field=name)
        return picked
    text = str(value or "").strip()
    return _read_text(question, text) if text else ""


def _read_text(question: Question, text: str) -> Any:
    kind, name = question["type"], question["id"]
    if kind in ("bool", "consent"):
        if text not in ("yes", "no", "1", "y", "True"):
            raise Refused("请从列出的里面选。", field=name)
        return ("no" if text == "no" else "yes") if kind == "bool" else text != "no"
    if kind == "int":
        if not text.isdecimal() or int(text) > 999:
            raise Refused("请写 0 到 999 的整数。", field=name)
        return int(text)
    if kind == "phone":
        try:
            return codes.phone(text)
        except codes.CodeError as error:
            raise Refused(str(error), field=name) from error
    if kind == "select":
        if text not in [each["id"] for each in question["options"]]:
            raise Refused("请从列出的里面选。", field=name)
        return text
    if len(text) > TEXT:
        raise Refused("请写短一点，500 字以内。", field=name)
    return text


def door_parts(text: str) -> tuple[str, str, str] | None:
    """Building, unit and room of 3-2-501, 3号楼2单元501室 or 7楼 2单元 301房; None when it does not say all three."""
    parts = re.findall(r"[0-9A-Za-z甲乙丙丁东西南北]+", re.sub(r"(号楼|栋|幢|楼|单元|门|室|房|号)", " ", text))
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None
