"""What the columns of an old register mean: targets with their purpose, words that name them, where the header is. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rongjiu.codes import N_


@dataclass(frozen=True, slots=True)
class Target:
    """What a column may be kept as: its name and why the community keeps it (msgids), and what people call it."""

    code: str
    name: str
    purpose: str
    words: tuple[str, ...]


TARGETS = (
    Target("courtyard", N_("院落"), N_("按院落安排网格员和摸排"),
           ("院落", "小区", "小区名称", "院落名称", "所属院落", "所在院落", "所属小区", "居住小区", "家属院", "住宅小区", "院落小区", "小区院落")),
    Target("building", N_("楼栋"), N_("找得到门"), ("楼栋", "楼号", "幢", "楼", "栋", "号楼", "楼栋号", "幢号", "栋号", "楼幢", "楼宇")),
    Target("unit", N_("单元"), N_("找得到门"), ("单元", "单元号")),
    Target("room", N_("门牌号"), N_("找得到门，一门一户"),
           ("室", "房号", "门牌", "门牌号", "房间号", "室号", "户号", "房屋号", "房屋编号", "房间")),
    Target("address", N_("地址（楼栋单元室写在一起）"), N_("找得到门，一门一户"),
           ("地址", "住址", "家庭住址", "现住址", "现住地址", "居住地址", "详细地址", "家庭地址", "居住地", "房屋地址", "常住地址")),
    Target("name", N_("姓名"), N_("认得出是谁"),
           ("姓名", "居民姓名", "成员姓名", "家庭成员", "家庭成员姓名", "人员姓名", "名字", "户主及成员姓名", "户主姓名", "户主")),
    Target("relation", N_("与户主关系"), N_("看得出谁和谁一起住、谁能照护"),
           ("与户主关系", "家庭关系", "关系", "户主关系", "与户主的关系", "成员关系", "称谓", "同户主关系")),
    Target("gender", N_("性别"), N_("称呼和上门安排"), ("性别",)),
    Target("birth_date", N_("出生日期"), N_("按年龄核对政策"),
           ("出生日期", "出生年月", "出生年月日", "生日", "出生时间", "出生")),
    Target("age", N_("年龄"), N_("没有出生日期时按年龄核对政策"), ("年龄", "周岁", "岁数", "实足年龄")),
    Target("id_number", N_("身份证号"), N_("避免重复登记，办理救助时核对身份"),
           ("身份证号", "身份证号码", "身份证", "公民身份号码", "公民身份证号", "证件号码", "证件号", "居民身份证号", "公民身份证号码")),
    Target("phone", N_("电话"), N_("联系本人或家人"),
           ("电话", "联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "移动电话", "本人电话", "联系人电话")),
    Target("groups", N_("特殊人群"), N_("按人群核对政策、安排走访"),
           ("人群类别", "特殊群体", "特殊人群", "困难类型", "人群", "人员类别", "重点人群", "困难类别", "群体类别", "救助类别")),
    Target("condition", N_("身体情况"), N_("安排照护，核对残疾和大病政策"),
           ("残疾", "残疾类别", "残疾类型", "残疾情况", "残疾等级", "健康状况", "身体状况", "身体情况", "疾病", "患病情况", "病情", "残疾类别等级")),
)  # fmt: skip
BY_CODE = {target.code: target for target in TARGETS}
DOOR = ("courtyard", "building", "unit", "room")
_KNOWN = {word: target.code for target in TARGETS for word in target.words}
HEADER_WITHIN = 15
"""The header stands among the first rows."""
_FULL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def narrow(text: str) -> str:
    """The text with full-width digits, letters and signs made narrow and without unseen characters; 生僻字 stay."""
    return _UNSEEN.sub("", text.translate(_FULL)).strip()


def title(value: Any) -> str:
    """A header cell as it is compared: no blanks, signs, or what stands in brackets."""
    text = re.sub(
        r"\(.*?\)|（.*?）|【.*?】", "", unicodedata.normalize("NFKC", str(value if value is not None else ""))
    )
    return re.sub(r"[^\w]", "", text)


def recognise(words: str) -> str:
    """The target that a header means, or ''."""
    text = title(words)
    return _KNOWN.get(text) or _KNOWN.get(re.sub(r"^(?:居民|人员|本人|家庭|成员|户籍)", "", text), "")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the header ends (row as Excel counts, 0 = none found), the titles, and what each column is taken for."""

    row: int
    titles: tuple[str, ...]
    mapping: tuple[str, ...]

    @property
    def score(self) -> int:
        """How many targets were recognised."""
        return len([code for code in self.mapping if code])

    @property
    def fingerprint(self) -> str:
        """The same headers in the same order have the same one."""
        return sha256("|".join(map(title, self.titles)).encode()).hexdigest()


def find_header(rows: Sequence[Sequence[Any]]) -> Header:
    """The row, or two rows of which the upper one is merged over the lower, that names the most columns."""
    best = Header(0, (), ())
    for at in range(min(HEADER_WITHIN, len(rows))):
        for found in (_header(at, _texts(rows[at])), _joined(rows, at)):
            if found is not None and found.score > best.score:
                best = found
    if best.row:
        return best
    first = next(
        (at for at, row in enumerate(rows[:HEADER_WITHIN]) if sum(1 for cell in row if cell not in ("", None)) > 1), 0
    )
    return _header(first, _texts(rows[first])) if rows else best


def _texts(row: Sequence[Any]) -> list[str]:
    return [re.sub(r"\s+", "", narrow(str(cell))) if cell is not None else "" for cell in row]


def _header(at: int, titles: Sequence[str]) -> Header:
    mapping, taken = list[str](), set[str]()
    for words in titles:
        code = recognise(words)
        mapping.append("" if code in taken else code)
        taken.add(code)
    if "name" in taken and "户主姓名" in map(
        title, titles
    ):  # with the members' names beside it the head's is a repetition
        mapping = _members_first(titles, mapping)
    return Header(at + 1, tuple(words[:40] for words in titles), tuple(mapping))


def _members_first(titles: Sequence[str], mapping: list[str]) -> list[str]:
    names = [
        n for n, words in enumerate(titles) if recognise(words) == "name" and title(words) not in ("户主", "户主姓名")
    ]
    if not names:
        return mapping
    return [
        ("name" if n == names[0] else "") if code == "name" or n == names[0] else code for n, code in enumerate(mapping)
    ]


def _joined(rows: Sequence[Sequence[Any]], at: int) -> Header | None:
    """Two rows as one header: 住址 merged over 楼号 and 室 names three columns by the lower words."""
    if at + 1 >= len(rows):
        return None
    upper, lower = _texts(rows[at]), _texts(rows[at + 1])
    if not any(lower) or any(re.search(r"\d{3}", words) for words in lower):
        return None
    titles, over = list[str](), ""
    for n in range(max(len(upper), len(lower))):
        above, below = (row[n] if n < len(row) else "" for row in (upper, lower))
        over = above or over
        titles.append(above if not below else below if recognise(below) else (over if above else "") + below)
    found = _header(at + 1, titles)
    single = _header(at, upper)
    return found if found.score > single.score else None


def merge(header: Header, remembered: Sequence[str] | None) -> list[str]:
    """What the columns are proposed as: what was confirmed before for the same headers, else what is recognised."""
    if remembered is not None and len(remembered) == len(header.titles):
        return [code if code in BY_CODE else "" for code in remembered]
    return list(header.mapping)


def missing(mapping: Sequence[str]) -> str | None:
    """What a mapping still lacks, as a msgid; None when people can be found by it."""
    codes = [code for code in mapping if code]
    if len(codes) != len(set(codes)):
        return N_("有两列选成了同一项，请改一列。")
    if "name" not in codes:
        return N_("请指出哪一列是姓名。")
    if "room" not in codes and "address" not in codes:
        return N_("请指出哪一列是门牌号，或哪一列是地址。")
    return None


def masked(value: Any) -> str:
    """A sample that shows the shape of a value, not the value: the first sign and one star for each further one."""
    text = narrow(str(value if value is not None else ""))
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    return text[:1] + "*" * min(len(text) - 1, 17) if text else ""
