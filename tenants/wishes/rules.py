"""Which steps a wish may take, and what may hang on a wall that everybody reads."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from rongjiu.codes import N_
from rongjiu.masks import COMPOUND


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a wish, which is the business status of its slip (FHIR Task.businessStatus), and what slip and claim do
    with it (referral-flow 4.2, 4.3, 4.5)."""

    source: str
    target: str
    actors: frozenset[str]
    """desk | claimer | resident | system."""
    slip: str = ""
    """State that the slip takes; empty when it stays."""
    task: tuple[str, ...] = ()
    """States through which the claim goes in this one step; `draft` begins a new one, empty when it stays."""
    claim: str = ""
    """What the claimer reads of it afterwards; empty when nothing is new."""
    reason: str = ""
    """Code that slip and claim keep (REASONS)."""
    guards: tuple[str, ...] = ()
    timer: str = ""
    """The wait that starts (timers.json)."""
    count: str = ""
    """Indicator that goes up by one."""


def _step(
    source: str, target: str, actors: str, *, slip: str = "", task: str = "", claim: str = "", reason: str = "",
    guards: str = "", timer: str = "", count: str = "",
) -> Step:  # fmt: skip
    hops = tuple(task.split())
    return Step(
        source, target, frozenset(actors.split()), slip, hops, claim, reason, tuple(guards.split()), timer, count
    )


MOVES: tuple[Step, ...] = (
    _step("", "submitted", "desk", slip="draft", guards="words", timer="wish-review"),
    _step(
        "submitted", "published", "desk", slip="active", guards="anonymous", timer="wish-unclaimed",
        count="wishes_published",
    ),
    _step("submitted", "declined", "desk", slip="revoked", reason="not-public", guards="reason"),
    _step("submitted", "need", "desk", slip="revoked", reason="became-need", guards="case"),
    _step(
        "published", "claimed", "claimer", task="draft requested accepted", claim="claimed", guards="few_claims",
        timer="wish-claim",
    ),
    _step("published", "withdrawn", "desk", slip="revoked", reason="taken-down", guards="reason"),
    _step("published", "need", "desk", slip="revoked", reason="became-need", guards="case"),
    _step(
        "claimed", "published", "claimer", task="cancelled", claim="returned", reason="returned", guards="own",
        timer="wish-unclaimed",
    ),
    _step(
        "claimed", "published", "system", task="cancelled", claim="expired", reason="expired", guards="time_over",
        timer="wish-unclaimed",
    ),
    _step(
        "claimed", "delivered", "claimer desk", slip="awaiting_confirmation", task="completed", claim="delivered",
        guards="own", timer="confirm",
    ),
    _step(
        "claimed", "withdrawn", "desk", slip="revoked", task="cancelled", claim="withdrawn", reason="taken-down",
        guards="reason",
    ),
    _step(
        "delivered", "thanked", "desk resident", slip="completed", claim="thanked", guards="anonymous",
        count="wishes_granted",
    ),
    _step(
        "delivered", "published", "desk resident", slip="active", claim="returned", reason="not-confirmed",
        timer="wish-unclaimed",
    ),
)  # fmt: skip
"""Every step that a wish may take; what is not in it is refused. After a claim that came to nothing the wish hangs again
and the next claim is a new task on the same slip, never a reset; a claim that the family does not confirm stays completed."""
REASONS = {
    "expired": N_("过了期限"), "returned": N_("认领人退回"), "not-confirmed": N_("居民说没有收到"), "not-public": N_("没有公开"),
    "taken-down": N_("已撤下"), "became-need": N_("转为需求"),
}  # fmt: skip
"""Why a slip or claim of a wish ended, beside the codes of the offers."""
SIDES = {"desk": "sender", "claimer": "receiver", "resident": "resident", "system": "system"}
"""Who an actor is to the slip."""
ENDED = frozenset({"thanked", "need", "declined", "withdrawn"})
ROLES = frozenset({"provider_owner", "provider_staff", "volunteer", "volunteer_lead"})
"""Who may take a wish from the wall, wherever they work."""
LONGEST = 120
"""Signs of a text on the wall."""
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳鲍史唐费廉"
    "岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵"
    "席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫房丁邓洪包左石崔吉龚程邢裴陆荣翁荀段侯武刘景龙叶白蒲赖乔谭劳申"
    "冉桑桂边温庄晏柴翟阎连向古易廖辛曾关岳"
)
_HAN = r"[\u4e00-\u9fff\u3400-\u4dbf\U00020000-\U0003ffff]"
_TITLED = re.compile(
    rf"([{_SURNAMES}]|{'|'.join(sorted(COMPOUND))}){_HAN}{{0,2}}?(先生|女士|小姐|阿姨|大爷|大妈|大娘|奶奶|爷爷|叔叔|师傅|老师|某)"
)
_CALLED = re.compile(rf"(我叫|我名叫|名叫|叫做|姓名|名字[是叫]?)[::\s]*{_HAN}{{2,4}}")
_DOTTED = re.compile(rf"{_HAN}{{2,}}[·•・]{_HAN}{{2,}}")
_DIGITS = str.maketrans("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_ID = re.compile(r"\d{17}[\dxX]|\d{15}")
_PHONE = re.compile(r"\d{7,}")
_DOOR = re.compile(r"\d+\s*(号楼|栋|幢|单元|室|号院)|\d+-\d+-\d+")
_PAY = re.compile(
    "转账|转钱|打钱|汇款|收款|付款码|二维码|支付宝|微信号|加微信|加我|银行卡|卡号|账号|账户|捐款|捐钱|借钱|借我|筹款|众筹|红包|水滴|轻松筹|现金|qq|http|www", re.IGNORECASE
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """What the scanner found, and what to do about it."""

    kind: str
    message: str


_SAID = {
    "phone": N_("文字里有电话号码。请删去，社区会帮着联系。"),
    "id_number": N_("文字里有证件号码。请删去。"),
    "name": N_("文字里有姓名或称呼。请改成“一位老人”“一个孩子”这样的说法。"),
    "door": N_("文字里有门牌。请删去，只写做什么。"),
    "payment": N_("文字里有要钱或收款的内容。心愿墙只收东西和帮忙，缺钱请转为需求，由社区救助。"),
    "long": N_("文字太长了，请写在 120 字以内。"),
    "empty": N_("请写一句可以公开的话。"),
}


def scan(text: str, names: Collection[str] = ()) -> Found | None:
    """What may not stand on the wall: somebody's name (`names` = those known of the family), phone, identity number, door,
    an appeal for money. None when the text may hang there. Digits are read in any script."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if not plain:
        return _found("empty")
    if len(plain) > LONGEST:
        return _found("long")
    figures = re.sub(r"[\s\-—_,,.。、·()]", "", plain).translate(_DIGITS)
    if _ID.search(figures):
        return _found("id_number")
    if _PHONE.search(figures):
        return _found("phone")
    if _DOOR.search(plain):
        return _found("door")
    if _named(plain, names):
        return _found("name")
    if _PAY.search(plain):
        return _found("payment")
    return None


def _named(text: str, names: Collection[str]) -> bool:
    known = [unicodedata.normalize("NFKC", name).strip() for name in names]
    if any(len(name) > 1 and name in text for name in known):
        return True
    return bool(_TITLED.search(text) or _CALLED.search(text) or _DOTTED.search(text))


def _found(kind: str) -> Found:
    return Found(kind, _SAID[kind])


def find(source: str, target: str, actor: str) -> Step | None:
    """The step between two states that the actor may take, or None."""
    return next((m for m in MOVES if m.source == source and m.target == target and actor in m.actors), None)


def may(source: str, target: str, actor: str) -> bool:
    """May this actor take a wish from one state to the other?"""
    return find(source, target, actor) is not None


def as_rows() -> list[dict[str, object]]:
    """The table of wishes as plain data, in its order; `from` is empty for what begins, `slip` and `task` for what stays."""
    return [
        {
            "from": step.source, "to": step.target, "actors": sorted(step.actors), "guards": list(step.guards),
            "timer": step.timer, "slip": step.slip, "task": list(step.task), "reason": step.reason,
        }
        for step in MOVES
    ]  # fmt: skip
