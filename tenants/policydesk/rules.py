"""Conditions as rows of a grid and back: closed lists, full-width typing, recognitions in a circle. Pure.

A row names its place among all / any groups as a path of labels (任一1/同时1); the root is 'all' unless every row
begins with a bare 任一. Rows and tree turn into each other without loss.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rongjiu.codes import N_
from tenants.policydesk.cells import OPERATORS, Fault, Words, figure, half, operator, options, split

MOST_ROWS = 200
"""Conditions of one policy."""
COLUMNS = ("group", "fact", "op", "value", "near", "hint")
HEADS = {
    "group": N_("分组"), "fact": N_("条件项"), "op": N_("比较"), "value": N_("数值或标准"), "near": N_("算临界"), "hint": N_("差这一条怎么补"),
}  # fmt: skip
YES, NO = frozenset({"是", "1", "y", "yes", "true", "√", "✓"}), frozenset({"", "否", "0", "n", "no", "false"})
ALL, ANY = "同时", "任一"
_LABEL = re.compile(f"^({ALL}|{ANY})([0-9]{{0,3}})$")

Node = dict[str, Any]
Row = Mapping[str, str]


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
    op = operator(number, half(row.get("op", "")), known, faults)
    if op is None:
        return {}
    node: Node = {"field": slug, "op": op}
    value = half(row.get("value", ""))
    if op in ("is_true", "is_false"):
        if value:
            faults.append(Fault(number, "value", "比较是“是”或“否”的，数值请留空。"))
    elif op == "in":
        node["value"] = options(number, value, slug, words, faults)
    else:
        node["value"] = figure(number, value, words, faults)
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
        parts = split(value)
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
