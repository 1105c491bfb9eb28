"""What a policy gives, as inputs and back: kind, amount by a line, period, and amounts that go by an age or grade."""

import re
from collections.abc import Mapping
from typing import Any

from rongjiu.codes import N_
from rongjiu.errors import Refused
from tenants.policydesk.cells import Words, half, number_of

Row = dict[str, Any]
KINDS = {
    "cash": N_("现金"), "service": N_("服务"), "in_kind": N_("实物"), "waiver": N_("减免"), "recognition": N_("身份认定"),
    "loan": N_("贷款"),
}  # fmt: skip
PERIODS = {"month": N_("每月"), "year": N_("每年"), "season": N_("每季"), "case": N_("每次"), "once": N_("一次性")}
INPUTS = ("benefit_kind", "amount_param", "period", "banded_by", "bands")
MOST_BANDS = 20
_BAND = re.compile(r"^(?P<low>[0-9.]+)\s*(?:[-~—–至到]\s*(?P<high>[0-9.]+)|(?P<up>以上|\+|up))?\s*@(?P<line>.+)$")
_ENDS = re.compile(r"[;；\n]")


def shown(content: Mapping[str, Any], words: Words, *, ids: bool = False) -> dict[str, str]:
    """The inputs that say what an item gives; `ids` = lines in the bands by id, not by name."""
    benefit = content.get("benefit") or {}
    banded = benefit.get("banded") or {}
    lines = []
    for low, high, param in banded.get("bands", ()):
        ends = f"{low}以上" if high is None else f"{low}" if high == low else f"{low}-{high}"
        name = param if ids or param not in words.parameters else words.parameters[param]["name_zh"]
        lines.append(f"{ends} @{name}")
    return {
        "benefit_kind": benefit.get("kind") or "", "amount_param": benefit.get("amount_param") or "",
        "period": benefit.get("period") or "", "banded_by": banded.get("by") or "", "bands": "\n".join(lines),
    }  # fmt: skip


def read(base: Mapping[str, Any], given: Mapping[str, Any], words: Words, faults: list[Refused]) -> Row:
    """What the inputs change in what is given; each fault is added with its input's name. Inputs left out stay."""
    if not any(name in given for name in INPUTS):
        return {}
    typed = shown(base, words) | {name: half(str(given[name])) for name in INPUTS if name in given}
    before = len(faults)
    for name, allowed in (("benefit_kind", KINDS), ("period", {"": "", **PERIODS})):
        if typed[name] not in allowed:
            faults.append(Refused("请从列出的里面选。", field=name))
    param = typed["amount_param"].removeprefix("@")
    slug = words.parameter(param) if param else None
    if param and slug is None:
        faults.append(Refused("没有叫“%(text)s”的标准，请从列表里选。", field="amount_param", text=param[:40]))
    benefit: Row = {"kind": typed["benefit_kind"], "amount_param": slug, "period": typed["period"] or None}
    bands = [text.strip() for text in _ENDS.split(typed["bands"]) if text.strip()]
    if bands or typed["banded_by"]:
        benefit["banded"] = {"by": _fact(typed["banded_by"], words, faults), "bands": _bands(bands, words, faults)}
    return {} if len(faults) > before or benefit == base.get("benefit") else {"benefit": benefit}


def _fact(text: str, words: Words, faults: list[Refused]) -> str | None:
    slug = words.fact(text)
    if slug is None or words.facts[slug]["type"] not in ("number", "enum"):
        faults.append(Refused("分档请选按哪一项分，例如年龄或残疾等级；不分档就把分档清空。", field="banded_by"))
    return slug


def _bands(texts: list[str], words: Words, faults: list[Refused]) -> list[list[Any]]:
    found: list[list[Any]] = []
    if not texts or len(texts) > MOST_BANDS:
        faults.append(Refused("请写 1 到 %(n)s 档，每行一档，例如：70-79 @标准的名称。", field="bands", n=MOST_BANDS))
    for text in texts[:MOST_BANDS]:
        match = _BAND.match(half(text))
        said = match.groupdict() if match else {"low": "", "high": None, "up": None, "line": ""}
        line, low = words.parameter(str(said["line"]).strip()), number_of(said["low"] or "")
        high = number_of(said["high"]) if said["high"] else None if said["up"] else low
        if line is None or low is None or (high is None and not said["up"]):
            faults.append(Refused("“%(text)s”看不懂。请写成：70-79 @标准的名称，或 100以上 @标准的名称。", field="bands", text=text[:60]))  # fmt: skip
            return []
        if (high is not None and high < low) or (found and (found[-1][1] is None or low <= found[-1][1])):
            faults.append(Refused("这一档和前面的重叠，或者上下颠倒：%(text)s", field="bands", text=text[:60]))
            return []
        found.append([low, high, line])
    return found
