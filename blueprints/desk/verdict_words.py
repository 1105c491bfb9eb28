"""A frozen screening in words: who its people are, each condition with value, line and source, what stands to what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from blueprints.desk.fact_words import (
    day_words,
    field_name,
    is_share,
    listed,
    name_of,
    plain,
    quantity,
    value_words,
    vocabulary,
)
from blueprints.pages import spoken as _
from tenants.screening.conclusion import Amount
from tenants.screening.queries import Result
from tenants.screening.relations import settled
from tenants.screening.values import HOUSEHOLD, ConditionResult, SubjectVerdict

GAP = "dibao_line_urban_month"
"""The line is not what a family receives: those policies pay the gap to it."""
MEASURED = frozenset({"CNY", "m2", "0-1+"})
"""Units in which a distance is worth a bar and a percentage; 66 years too old is not."""
_OPS: dict[str, Callable[[], str]] = {
    "lt": lambda: _("低于"), "lte": lambda: _("不高于"), "gt": lambda: _("高于"), "gte": lambda: _("不低于"),
    "eq": lambda: _("等于"),
}  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """What the person at the desk may see of a screening, and what its people are called."""

    result: Result
    names: Mapping[str, str]
    open: bool
    """May protected facts (income, illness, disability) be read?"""

    @property
    def model(self) -> dict[str, Any]:
        """The model as it stood."""
        return self.result.model

    @cached_property
    def has(self) -> frozenset[tuple[str, str]]:
        """(policy, subject) of what was received already, or somebody was in line for."""
        return settled(self.result.frozen.relations)

    def subject(self, who: str, *, age: bool = False) -> str:
        """A member by name, with the age on the as-of date if asked; '' for the household."""
        if who == HOUSEHOLD:
            return ""
        name = self.names.get(who) or _("原成员")
        years = self.result.frozen.facts["members"].get(who, {}).get("person.age")
        return f"{name} {years}" if age and years is not None else name

    def hidden(self, name: str) -> bool:
        """Is this fact closed to the reader?"""
        return not self.open and bool(vocabulary().get(name, {}).get("sensitive"))

    def department(self, policy: str) -> str:
        """The department of a policy, short."""
        return self.office(self.model["policies"][policy]["department_id"])

    def office(self, slug: str) -> str:
        """A department by its short name."""
        row = self.model["departments"].get(slug)
        return str((row or {}).get("short_zh") or slug) if name_of(row) == (row or {}).get("name_zh") else name_of(row)

    def parameter(self, slug: str) -> str:
        """The name of a line."""
        return name_of(self.model["parameters"].get(slug), slug)

    def amount_words(self, amount: Amount | None) -> str:
        """What the policy would give, with the year of the figure; '' where it pays the gap to the line."""
        if amount is None or amount.param is None or amount.param == GAP:
            return ""
        if amount.value is None:
            return str(_("金额：由社区设定"))
        words = quantity(amount.value, self.model["parameters"][amount.param]["unit"])
        return (
            str(_("%(amount)s（%(year)s 年的标准，请核）", amount=words, year=amount.since.year))
            if amount.since
            else words
        )


def distance_words(row: ConditionResult) -> str:
    """高出 410 元 55.4 %, or 还差 3 岁 5 %; '' when nothing was compared."""
    if row.distance is None or row.truth not in ("missed", "near"):
        return ""
    unit = vocabulary()[row.field].get("unit")
    if not row.distance:
        return str(_("正好在线上"))
    share = f" {row.distance_pct} %" if row.distance_pct is not None and unit in MEASURED else ""
    return far_words(row) + share


def far_words(row: ConditionResult) -> str:
    """高出 410 元, 还差 3 岁."""
    unit, far = vocabulary()[row.field].get("unit"), row.distance or Decimal(0)
    words = _("%(n)s 个百分点", n=plain(far * 100)) if is_share(unit) else quantity(far, unit)
    return str(_("高出 %(far)s", far=words) if row.op in ("lt", "lte") else _("还差 %(far)s", far=words))


def condition(reader: Reader, row: ConditionResult, who: str = "", owner: str = HOUSEHOLD) -> dict[str, Any]:
    """One condition for the macro: what is asked, the value, the line, whether it is met, where the line is from, and
    from what the value follows when nobody told it. `owner`: whose fact it is."""
    named = field_name(row.field)
    unit = vocabulary()[row.field].get("unit") if row.field in vocabulary() else None
    line = ""
    if row.op in _OPS:
        origin = " × ".join(reader.parameter(name) for name in row.params)
        figure = quantity(row.line, unit) if row.line is not None else ""
        text = f"{named} {_OPS[row.op]()} {origin or figure}"
        line = figure or _("本地未定")
        if row.near_line is not None:
            line = _("%(line)s，临界线 %(near)s", line=line, near=quantity(row.near_line, unit))
        line = line if origin or row.near_line is not None else ""
    elif row.op == "in":
        text = _("%(name)s：%(options)s", name=named, options=listed(value_words(row.field, x) for x in row.options))
    else:
        text = named if row.op == "is_true" else _("%(name)s：应为“否”", name=named)
    if who:
        text = _("%(text)s（%(who)s）", text=text, who=who)
    if not row.decisive:
        text = _("另一条路：%(text)s", text=text)
    closed = reader.hidden(row.field)
    since = _("%(day)s 起", day=day_words(row.since)) if row.since else ""
    title = _("凭记忆整理，待查原文") if row.source == "memory" else reader.model["sources"].get(row.source or "", "")
    far = "" if closed else distance_words(row)
    why = "" if closed else reader.result.frozen.implied.get((owner, row.field), "")
    return {
        "text": f"{text} · {far}" if far else text,
        "value": _("已隐藏") if closed and row.value is not None else value_words(row.field, row.value),
        "line": line,
        "met": None if row.truth == "unknown" else row.truth == "met",
        "source": listed(part for part in (title, since, _("推定：%(why)s", why=_(why)) if why else "") if part),
        "check": any(reader.model["parameters"].get(name, {}).get("must_review") for name in row.params),
    }


def conditions(reader: Reader, verdict: SubjectVerdict) -> list[dict[str, Any]]:
    """All conditions of one verdict, those that made it first."""
    person = reader.subject(verdict.member) if verdict.subject == HOUSEHOLD and verdict.member else ""
    ordered = sorted(verdict.conditions, key=lambda row: not row.decisive)
    return [
        condition(reader, row, person, verdict.member or HOUSEHOLD)
        if row.field.startswith("person.")
        else condition(reader, row)
        for row in ordered
    ]


def relation_words(reader: Reader, policy: str) -> list[str]:
    """How a policy stands to others, each once: received already, waited for, opened by another, not to be had together."""
    found: dict[str, None] = {}
    for each in reader.result.frozen.relations:
        if each.kind == "receives" and each.policy == policy:
            who = reader.subject(each.subject)
            words = (
                _("家里说已在享受，日期待核")
                if each.unchecked
                else _("已在享受，到 %(day)s", day=day_words(date.fromisoformat(each.until)))
                if each.until
                else _("已在享受")
            )
            found[_("%(text)s（%(who)s）", text=words, who=who) if who else words] = None
        elif each.kind == "waits" and each.policy == policy:
            who, since = reader.subject(each.subject), date.fromisoformat(each.since)
            words = _("轮候中，从 %(day)s 起", day=day_words(since))
            found[_("%(text)s（%(who)s）", text=words, who=who) if who else words] = None
        elif each.kind == "presumed" and each.policy == policy:
            found[_("认定“%(name)s”以后即可申请", name=name_of(reader.model["policies"][each.other]))] = None
        elif each.kind == "excludes" and policy in (each.policy, each.other):
            other = each.other if policy == each.policy else each.policy
            name = name_of(reader.model["policies"].get(other), other)
            found[_("与“%(name)s”只能选一样：%(why)s", name=name, why=_(each.reason))] = None
    return [str(word) for word in found]


def received(reader: Reader) -> list[tuple[str, str, str]]:
    """What is received already: the policy, whose it is ('' for the household's), until when ('' = no end known)."""
    return [
        (
            name_of(reader.model["policies"].get(each.policy), each.policy),
            reader.subject(each.subject),
            day_words(date.fromisoformat(each.until)) if each.until else "",
        )
        for each in reader.result.frozen.relations
        if each.kind == "receives"
    ]
