"""Conditions as rows of a grid and back: closed lists, full-width typing, recognitions in a circle. Pure.

A row names its place among all / any groups as a path of labels (任一1/同时1); the root is 'all' unless every row
begins with a bare 任一. Rows and tree turn into each other without loss.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from rongjiu.codes import N_

MOST_ROWS = 200
"""Conditions of one policy."""
COLUMNS = ("group", "fact", "op", "value", "near", "hint")
HEADS = {
    "group": N_("分组"), "fact": N_("条件项"), "op": N_("比较"), "value": N_("数值或标准"), "near": N_("算临界"), "hint": N_("差这一条怎么补"),
}  # fmt: skip
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
YES, NO = frozenset({"是", "1", "y", "yes", "true", "√", "✓"}), frozenset({"", "否", "0", "n", "no", "false"})
ALL, ANY = "同时", "任一"
_LABEL = re.compile(f"^({ALL}|{ANY})([0-9]{{0,3}})$")
_BETWEEN = re.compile(r"[、,，;；/]")
_TIMES = re.compile(r"[×*xX✕]")

Node = dict[str, Any]
Row = Mapping[str, str]


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


def blank(row: Row) -> bool:
    """Is nothing typed in a row?"""
    return not any(str(row.get(name, "")).strip() for name in COLUMNS)


def rows_of(criteria: Node) -> list[dict[str, str]]:
    """The rows of a tree of conditions, in its order, with ids as they stand in it."""
    found: list[dict[str, str]] = []
    if "any" in criteria:
        _walk(criteria["any"], (ANY,), found)
    else:
        _walk(criteria.get("all", [criteria]), (), found)
    return found


def _walk(parts: Sequence[Node], path: tuple[str, ...], found: list[dict[str, str]]) -> None:
    counts = {ALL: 0, ANY: 0}
    for part in parts:
        kind = "any" if "any" in part else "all" if "all" in part else ""
        if kind:
            word = ANY if kind == "any" else ALL
            counts[word] += 1
            _walk(part[kind], (*path, f"{word}{counts[word]}"), found)
        else:
            found.append({
                "group": "/".join(path), "fact": part["field"], "op": part["op"], "value": _value_text(part),
                "near": "是" if part.get("near") else "", "hint": part.get("curable") or "",
            })  # fmt: skip


def _value_text(node: Node) -> str:
    value = node.get("value")
    if value is None:
        return ""
    if isinstance(value, Mapping):
        times = value.get("times")
        if times is None:
            return f"@{value['param']}"
        return f"@{value['param']}×@{times['param']}" if isinstance(times, Mapping) else f"@{value['param']}×{times}"
    return "、".join(str(each) for each in value) if isinstance(value, list) else str(value)


def tree_of(rows: Sequence[Row], words: Words) -> tuple[Node, list[Fault]]:
    """The tree that rows mean, and every wrong cell; the tree is only good without faults. Blank rows are skipped."""
    faults: list[Fault] = []
    read = [(number, row) for number, row in enumerate(rows, 1) if not blank(row)]
    if not read:
        return {"all": []}, [Fault(1, "fact", "至少写一条条件。")]
    paths = [_path(number, row, faults) for number, row in read]
    whole = all(path and path[0] == ANY for path in paths)
    root: Node = {"any" if whole else "all": []}
    groups: dict[tuple[str, ...], Node] = {(): root}
    for (number, row), labels in zip(read, paths, strict=True):
        place = labels[1:] if whole else labels
        node = _group(groups, tuple(place))
        (parts,) = node.values()
        parts.append(_leaf(number, row, words, faults))
    return root, faults


def _path(number: int, row: Row, faults: list[Fault]) -> list[str]:
    text = half(row.get("group", "")).replace(" ", "")
    if not text:
        return []
    labels = text.split("/")
    if len(labels) > 5 or not all(_LABEL.match(label) for label in labels):
        allowed = (f"{ANY}1", f"{ALL}1", f"{ANY}1/{ALL}1")
        faults.append(
            Fault(
                number,
                "group",
                "分组写成“任一1”（满足其中一条）或“同时1”，可以一层套一层；都要满足的留空。",
                {},
                allowed,
            )
        )
        return []
    return labels


def _group(groups: dict[tuple[str, ...], Node], place: tuple[str, ...]) -> Node:
    if place not in groups:
        (parts,) = _group(groups, place[:-1]).values()
        node: Node = {"any" if place[-1].startswith(ANY) else "all": []}
        parts.append(node)
        groups[place] = node
    return groups[place]


def _leaf(number: int, row: Row, words: Words, faults: list[Fault]) -> Node:
    named = half(row.get("fact", ""))
    slug = words.fact(named)
    if slug is None:
        names = tuple(str(each["name_zh"]) for each in words.facts.values())
        faults.append(Fault(number, "fact", "没有叫“%(text)s”的条件项，请从列表里选。", {"text": named[:40]}, names))
        return {}
    known = words.facts[slug]
    op = _operator(number, half(row.get("op", "")), known, faults)
    if op is None:
        return {}
    node: Node = {"field": slug, "op": op}
    value = half(row.get("value", ""))
    if op in ("is_true", "is_false"):
        if value:
            faults.append(Fault(number, "value", "比较是“是”或“否”的，数值请留空。"))
    elif op == "in":
        node["value"] = _options(number, value, slug, words, faults)
    else:
        node["value"] = _figure(number, value, words, faults)
    near = half(row.get("near", "")).lower()
    if near in YES:
        if op not in ("lt", "lte", "gt", "gte"):
            faults.append(Fault(number, "near", "只有比大小的条件才能算临界。"))
        node["near"] = True
    elif near not in NO:
        faults.append(Fault(number, "near", "请填“是”或留空。", {}, ("是", "")))
    if hint := row.get("hint", "").strip():
        node["curable"] = hint[:300]
    return node


def operator_of(text: str) -> str | None:
    """The code of an operator, however it was written: code, word or sign."""
    text = half(text).replace(" ", "")
    named = {word: code for code, word in OPERATORS.items()}
    return text if text in OPERATORS else _SIGNS.get(text) or named.get(text)


def _operator(number: int, text: str, known: Mapping[str, Any], faults: list[Fault]) -> str | None:
    op = operator_of(text)
    allowed = OF_TYPE[known["type"]]
    if op in allowed:
        return op
    said = tuple(OPERATORS[code] for code in allowed)
    faults.append(
        Fault(number, "op", "“%(fact)s”只能用：%(list)s。", {"fact": known["name_zh"], "list": "、".join(said)}, said)
    )
    return None


def _options(number: int, text: str, slug: str, words: Words, faults: list[Fault]) -> list[Any]:
    known = words.facts[slug]
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if not parts:
        faults.append(Fault(number, "value", "请写至少一个值，多个用顿号隔开。"))
    found: list[Any] = []
    for part in parts:
        if known["type"] == "number":
            figure = number_of(part)
            if figure is None:
                faults.append(Fault(number, "value", "“%(text)s”不是数字。", {"text": part[:40]}))
            found.append(figure)
            continue
        names = {half(word): code for code, word in words.options.get(slug, {}).items()}
        code = part if part in known["values"] else names.get(part)
        if code is None:
            said = tuple(words.options.get(slug, {}).get(each, each) for each in known["values"])
            faults.append(Fault(number, "value", "没有“%(text)s”这个值，请从列表里选。", {"text": part[:40]}, said))
        found.append(code)
    return found


def _figure(number: int, text: str, words: Words, faults: list[Fault]) -> Any:
    if not text.startswith("@"):
        figure = number_of(text)
        if figure is None:
            faults.append(Fault(number, "value", "请填数字，或写 @ 加标准的名称，例如 @城市低保标准。"))
        return figure
    head, *factor = _split(text)
    slug = _named(number, head, words, faults)
    if not factor:
        return {"param": slug}
    if factor[0].startswith("@"):
        return {"param": slug, "times": {"param": _named(number, factor[0], words, faults)}}
    times = number_of(factor[0])
    if times is None or times <= 0:
        faults.append(Fault(number, "value", "× 后面请写一个大于 0 的数，或 @ 加标准的名称。"))
    return {"param": slug, "times": times}


def _split(text: str) -> list[str]:
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


def pasted(text: str) -> list[dict[str, str]]:
    """Rows of a table copied from a spreadsheet: tabs between cells; a line of headings is left out."""
    found = []
    for line in text.splitlines():
        cells = line.split("\t")
        found.append({name: cells[n].strip() if n < len(cells) else "" for n, name in enumerate(COLUMNS)})
    if found and half(found[0]["fact"]) in (HEADS["fact"], "fact"):
        found = found[1:]
    return [row for row in found if not blank(row)]


def shown(row: Row, words: Words) -> dict[str, str]:
    """A row of ids with names in their place, as the grid and the workbook show it; what is unknown stays as typed."""
    found = {name: str(row.get(name, "")) for name in COLUMNS}
    slug = words.fact(half(found["fact"]))
    if slug is None:
        return found
    found["fact"] = str(words.facts[slug]["name_zh"])
    found["op"] = OPERATORS.get(found["op"], found["op"])
    value = found["value"]
    if value.startswith("@"):
        parts = _split(value)
        found["value"] = "×".join(_name(part, words) for part in parts)
    elif words.facts[slug]["type"] == "enum":
        named = words.options.get(slug, {})
        found["value"] = "、".join(named.get(part, part) for part in value.split("、"))
    return found


def _name(text: str, words: Words) -> str:
    row = words.parameters.get(text.removeprefix("@")) if text.startswith("@") else None
    return f"@{row['name_zh']}" if row else text


def circular(policies: Mapping[str, Node], classes: Mapping[str, str], fact: str) -> set[str]:
    """Recognising policies that can never begin, because each asks for a recognition that only the others give.

    `policies`: slug → criteria; `classes`: class → the policy that recognises it; `fact`: the recognised class.
    Every other condition is taken as fulfilled.
    """
    reached: set[str] = set()
    while True:
        more = {
            slug
            for slug in set(classes.values()) & set(policies) - reached
            if _opens(policies[slug], classes, fact, reached)
        }
        if not more:
            return set(classes.values()) & set(policies) - reached
        reached |= more


def _opens(node: Node, classes: Mapping[str, str], fact: str, reached: Collection[str]) -> bool:
    if "all" in node:
        return all(_opens(part, classes, fact, reached) for part in node["all"])
    if "any" in node:
        return any(_opens(part, classes, fact, reached) for part in node["any"])
    if node.get("field") != fact:
        return True
    return any(value not in classes or classes[value] in reached for value in node.get("value", ()))


def facts_in(criteria: Node) -> list[str]:
    """The facts that conditions ask for, each once, in their order."""
    return list(dict.fromkeys(row["fact"] for row in rows_of(criteria)))


def changed(old: Iterable[Row], new: Iterable[Row]) -> list[tuple[str, dict[str, str]]]:
    """What happened to the rows: (same | gone | new, row), in the order of the new ones, lost ones first."""
    before, after = [dict(row) for row in old], [dict(row) for row in new]
    lost = [("gone", row) for row in before if row not in after]
    return lost + [("same" if row in before else "new", row) for row in after]
