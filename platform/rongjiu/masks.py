"""The one masking table: what lists, search and public pages may show of a person."""

from collections.abc import Mapping
from typing import Literal

SMALL = 5
_LIST = """
    欧阳 上官 司马 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 宇文 长孙 司徒 司空 夏侯 独孤 南宫 西门 东郭 百里
    呼延 端木 轩辕 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 鲜于 闾丘 亓官 司寇 子车 颛孙 巫马
    公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 段干 东门 南门 左丘 第五 万俟 闻人 赫连 哥舒 羊舌 梁丘 微生
"""
COMPOUND = frozenset(_LIST.split())
"""Surnames of two characters."""


def surname(full: str) -> str:
    """The family name: two characters for a compound surname with a given name behind it, otherwise the first one."""
    text = full.strip()
    return text[:2] if len(text) > 2 and text[:2] in COMPOUND else text[:1]


def name(full: str) -> str:
    """张三 → 张*, 欧阳小明 → 欧阳**: the surname and one star for each further character."""
    text = full.strip()
    first = surname(text)
    return first + "*" * max(len(text) - len(first), 1) if first else ""


def public_name(full: str) -> str:
    """张三 → 张某: the only form in which a name may stand on a public page, and only with consent."""
    first = surname(full)
    return f"{first}某" if first else ""


def addressed(full: str, sex: Literal["male", "female"] | None) -> str:
    """周先生, 周女士: how a helper may address a person whose name it must not see; 周某 when the sex is unknown."""
    first = surname(full)
    if not first or sex is None:
        return public_name(full)
    return first + ("先生" if sex == "male" else "女士")


def phone(number: str) -> str:
    """13812345678 → 138****5678; of a landline the area code and the last four digits, of anything shorter nothing."""
    text = number.strip()
    if "-" in text:
        area, _, rest = text.partition("-")
        return f"{area}-{'*' * max(len(rest) - 4, 0)}{rest[-4:]}" if len(rest) > 6 else "*" * len(text)
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}" if len(text) >= 10 else "*" * len(text)


def id_number(number: str) -> str:
    """610103194001011234 → 6101**************: no tail, because joined fragments rebuild the number."""
    text = number.strip()
    return text[:4] + "*" * (len(text) - 4) if len(text) > 8 else "*" * len(text)


def address(courtyard: str, *_door: str) -> str:
    """The courtyard only; building, unit and room are taken and never shown."""
    return courtyard


def age_band(age: int) -> str:
    """The band that may stand where an age may not: 80+, 70+, 60+, 18-59, 14-17, 0-13."""
    for floor in (80, 70, 60):
        if age >= floor:
            return f"{floor}+"
    if age >= 18:
        return "18-59"
    return "14-17" if age >= 14 else "0-13"


def small(count: int) -> str:
    """A count of persons or households for others to see: 1 to 4 read 少于5; nought stays 0."""
    return f"少于{SMALL}" if 0 < count < SMALL else str(count)


def cells(counts: Mapping[str, int]) -> dict[str, str]:
    """The counts of one table whose total is shown: a lone small cell takes the next smallest with it (…), so that
    subtracting from the total tells nothing. Rule: timers.json small-cell, "also by difference"."""
    shown = {key: small(count) for key, count in counts.items()}
    hidden = [key for key, count in counts.items() if 0 < count < SMALL]
    if len(hidden) == 1:
        others = [key for key, count in counts.items() if count >= SMALL]
        if others:
            shown[min(others, key=lambda key: counts[key])] = "…"
    return shown
