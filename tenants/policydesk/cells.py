"""One cell of the grid as somebody typed it: full-width signs, words or codes of the closed lists, lines by name. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from rongjiu.codes import N_

OPERATORS = {
    "is_true": N_("是"), "is_false": N_("否"), "lt": N_("低于"), "lte": N_("不高于"), "gt": N_("高于"), "gte": N_("不低于"),
    "eq": N_("等于"), "in": N_("属于"),
}  # fmt: skip
_SIGNS = {
    "<": "lt", "<=": "lte", "=<": "lte", "≤": "lte", "≦": "lte", "⩽": "lte", ">": "gt", ">=": "gte", "=>": "gte", "≥": "gte", "≧": "gte",
    "⩾": "gte", "=": "eq", "==": "eq", "∈": "in", "小于": "lt", "大于": "gt", "不超过": "lte", "不少于": "gte", "至少": "gte",
}  # fmt: skip
OF_TYPE = {
    "bool": ("is_true", "is_false"), "enum": ("in",), "number": ("lt", "lte", "gt", "gte", "eq", "in"),
}  # fmt: skip
_BETWEEN = re.compile(r"[、,，;；/]")
_TIMES = re.compile(r"[×*xX✕]")


@dataclass(frozen=True)
class Words:
    """The closed lists: what may be named, by id, with the words for it."""

    facts: Mapping[str, Mapping[str, Any]]
    """Rows of eligibility_fields.json."""
    parameters: Mapping[str, Mapping[str, Any]]
    options: Mapping[str, Mapping[str, str]]
    """Fact → value → word."""
    found: dict[str, dict[str, str]] = field(default_factory=dict)
    """Names to ids, made once."""

    def fact(self, text: str) -> str | None:
        """The id of a fact by id or name, with or without what stands in brackets."""
        return self._id("facts", self.facts, text)

    def parameter(self, text: str) -> str | None:
        """The id of a line by id or name."""
        return self._id("parameters", self.parameters, text)

    def _id(self, kind: str, rows: Mapping[str, Mapping[str, Any]], text: str) -> str | None:
        if kind not in self.found:
            whole = {half(str(row["name_zh"])): slug for slug, row in rows.items()}
            short = {name.partition("(")[0]: slug for name, slug in whole.items()}
            self.found[kind] = short | whole | {slug: slug for slug in rows}
        return self.found[kind].get(text)


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong cell: its row (from 1), its column, why (a msgid with words), and what may stand there."""

    row: int
    column: str
    message: str
    words: Mapping[str, object] = field(default_factory=dict)
    allowed: tuple[str, ...] = ()


def half(text: str) -> str:
    """As typed with a half-width keyboard, without spaces around: ＜＝ → <=, ＠ → @, ７４０ → 740."""
    return unicodedata.normalize("NFKC", text).strip()


def operator_of(text: str) -> str | None:
    """The code of an operator, however it was written: code, word or sign."""
    text = half(text).replace(" ", "")
    named = {word: code for code, word in OPERATORS.items()}
    return text if text in OPERATORS else _SIGNS.get(text) or named.get(text)


def operator(number: int, text: str, known: Mapping[str, Any], faults: list[Fault]) -> str | None:
    """The operator of a cell, one that suits the type of the fact; a fault otherwise."""
    op = operator_of(text)
    allowed = OF_TYPE[known["type"]]
    if op in allowed:
        return op
    said = tuple(OPERATORS[code] for code in allowed)
    faults.append(
        Fault(number, "op", "“%(fact)s”只能用：%(list)s。", {"fact": known["name_zh"], "list": "、".join(said)}, said)
    )
    return None


def options(number: int, text: str, slug: str, words: Words, faults: list[Fault]) -> list[Any]:
    """The values of a cell that asks for one of several, as the vocabulary has them."""
    known = words.facts[slug]
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if not parts:
        faults.append(Fault(number, "value", "请写至少一个值，多个用顿号隔开。"))
    found: list[Any] = []
    for part in parts:
        if known["type"] == "number":
            value = number_of(part)
            if value is None:
                faults.append(Fault(number, "value", "“%(text)s”不是数字。", {"text": part[:40]}))
            found.append(value)
            continue
        names = {half(word): code for code, word in words.options.get(slug, {}).items()}
        code = part if part in known["values"] else names.get(part)
        if code is None:
            said = tuple(words.options.get(slug, {}).get(each, each) for each in known["values"])
            faults.append(Fault(number, "value", "没有“%(text)s”这个值，请从列表里选。", {"text": part[:40]}, said))
        found.append(code)
    return found


def figure(number: int, text: str, words: Words, faults: list[Fault]) -> Any:
    """A number, or a line times a number or times another line."""
    if not text.startswith("@"):
        value = number_of(text)
        if value is None:
            faults.append(Fault(number, "value", "请填数字，或写 @ 加标准的名称，例如 @城市低保标准。"))
        return value
    head, *factor = split(text)
    slug = _named(number, head, words, faults)
    if not factor:
        return {"param": slug}
    if factor[0].startswith("@"):
        return {"param": slug, "times": {"param": _named(number, factor[0], words, faults)}}
    times = number_of(factor[0])
    if times is None or times <= 0:
        faults.append(Fault(number, "value", "× 后面请写一个大于 0 的数，或 @ 加标准的名称。"))
    return {"param": slug, "times": times}


def split(text: str) -> list[str]:
    """The line and its factor: split at the last sign of multiplication that stands before a number or an @."""
    for sign in reversed([*_TIMES.finditer(text)]):
        rest = text[sign.end() :].strip()
        if rest.startswith("@") or number_of(rest) is not None:
            return [text[: sign.start()].strip(), rest]
    return [text]


def _named(number: int, text: str, words: Words, faults: list[Fault]) -> str | None:
    slug = words.parameter(text.removeprefix("@").strip())
    if slug is None:
        names = tuple(f"@{each['name_zh']}" for each in words.parameters.values())
        faults.append(Fault(number, "value", "没有叫“%(text)s”的标准，请从列表里选。", {"text": text[:40]}, names))
    return slug


def number_of(text: str) -> int | float | None:
    """A plain number as JSON writes it: 740, 0.7; None for anything else."""
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
