"""A frozen screening as the desk reads it: one row a policy, every condition in words, the next act and to whom."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from blueprints.desk.fact_words import (
    cure_id,
    day_words,
    english,
    field_name,
    is_share,
    listed,
    name_of,
    paper_name,
    plain,
    quantity,
    value_words,
    vocabulary,
)
from blueprints.pages import spoken as _
from tenants.screening.conclusion import Amount, asked_for, hint_words
from tenants.screening.queries import Result
from tenants.screening.values import HOUSEHOLD, ConditionResult, PolicyVerdict, SubjectVerdict

GAP = "dibao_line_urban_month"
"""The line is not what a family receives: those policies pay the gap to it."""
_MEASURED = frozenset({"CNY", "m2", "0-1+"})
"""Units in which a distance is worth a bar and a percentage; 66 years too old is not."""
_OPS: dict[str, Callable[[], str]] = {
    "lt": lambda: _("低于"), "lte": lambda: _("不高于"), "gt": lambda: _("高于"), "gte": lambda: _("不低于"),
    "eq": lambda: _("等于"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One policy on the screening page, ready for `verdict_row`."""

    slug: str
    code: str
    name: str
    who: str
    note: str
    value: float | None
    line: float | None
    unit: str
    distance: str
    good: str
    next: str
    act: str


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

    @property
    def has(self) -> set[tuple[str, str]]:
        """(policy, subject) of what was received already."""
        return {(each.policy, each.subject) for each in self.result.frozen.relations if each.kind == "receives"}

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
    share = f" {row.distance_pct} %" if row.distance_pct is not None and unit in _MEASURED else ""
    return _far(row) + share


def _far(row: ConditionResult) -> str:
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


def _headline(verdict: SubjectVerdict) -> ConditionResult | None:
    """The number to draw: the farthest miss of the branch that decided."""
    misses = [
        row
        for row in verdict.misses
        if row.distance is not None
        and isinstance(row.value, Decimal)
        and vocabulary()[row.field].get("unit") in _MEASURED
    ]
    return max(misses, key=lambda row: row.distance_pct or Decimal(0), default=None)


def _listed(words: Iterable[str]) -> str:
    found = list(dict.fromkeys(words))
    return listed(found[:3]) + (_(" 等 %(n)s 项", n=len(found)) if len(found) > 3 else "")


def _missing(reader: Reader, verdict: SubjectVerdict) -> tuple[str, str]:
    """What is still to be known, and who can say it."""
    facts = [row for row in verdict.unknowns if row.missing == "fact"]
    lines = [name for row in verdict.unknowns if row.missing == "parameter" for name in row.params]
    unset = [name for name in lines if reader.model["parameters"][name]["value"] is None] or lines
    asked = _listed(field_name(row.field) for row in facts)
    parts = [_("还不清楚：%(facts)s", facts=asked)] if facts else []
    if unset:
        parts.append(_("%(lines)s 未设定（不猜）", lines=_listed(reader.parameter(name) for name in unset)))
    givers = [_("向本人或家属核实")] if facts else []
    if unset:
        givers.append(_("请书记或街道设定"))
    return listed(parts, parts=True), listed(givers, parts=True)


def _turn(reader: Reader, shown: PolicyVerdict, looks: Mapping[str, date]) -> tuple[str, str, str]:
    """For one policy: the words beside the bar, the next act, and the kind of link it has."""
    best, office = shown.best, reader.department(shown.policy_id)
    if shown.verdict == "eligible":
        worth = reader.amount_words(reader.result.frozen.amounts.get((shown.policy_id, shown.subjects[0])))
        if not asked_for(shown, reader.has):
            return worth, _("不用再申请；到期前办续"), ""
        return worth, _("交%(office)s", office=office), "department"
    if shown.verdict == "actionable":
        hints = [hint_words(row.hint)[english()] for row in best.cures if row.hint]
        worth = reader.amount_words(reader.result.frozen.amounts.get((shown.policy_id, best.subject)))
        lacking = _("缺：%(what)s", what=_listed(paper_name(row.field) for row in best.cures))
        return " · ".join(part for part in (lacking, worth) if part), listed(dict.fromkeys(hints), parts=True), ""
    if shown.verdict == "near_miss":
        day = looks.get(shown.policy_id)
        return "", _("%(day)s 再看", day=day_words(day)) if day else _("确认后列入“临界户”，到期再看"), "near"
    if shown.verdict == "need_info":
        words, giver = _missing(reader, best)
        return words, giver, "facts" if any(row.missing == "fact" for row in best.unknowns) else "parameters"
    if shown.verdict == "not_in_force":
        return (
            _("%(day)s 起施行", day=day_words(best.in_force_from)) if best.in_force_from else "",
            _("到时重新研判"),
            "",
        )
    first = next(iter(best.misses), None)
    why = "" if first is None else _("不满足：%(what)s", what=field_name(first.field))
    return why, "", ""


def row(reader: Reader, shown: PolicyVerdict, looks: Mapping[str, date]) -> Row:
    """One policy, the best of its members."""
    best = shown.best
    policy = reader.model["policies"][shown.policy_id]
    words, act, kind = _turn(reader, shown, looks)
    headline = _headline(best)
    drawn = headline is not None and not reader.hidden(headline.field)
    value = line = None
    unit, good, note = "", "below", ""
    if headline is not None and drawn and isinstance(headline.value, Decimal) and headline.line is not None:
        share = is_share(vocabulary()[headline.field].get("unit"))
        value, line = float(headline.value * (100 if share else 1)), float(headline.line * (100 if share else 1))
        unit, good = " %" if share else "", "below" if headline.op in ("lt", "lte") else "above"
        words = distance_words(headline)
        if shown.verdict == "not_eligible" and headline.near_line is not None:
            near = quantity(headline.near_line, vocabulary()[headline.field].get("unit"))
            note = _("超过临界线 %(near)s", near=near) if good == "below" else _("未到临界线 %(near)s", near=near)
    many = shown.verdict in ("eligible", "near_miss", "actionable") and policy["scope"] == "person"
    who = listed(reader.subject(each, age=True) for each in shown.subjects) if many else ""
    related = relation_words(reader, shown.policy_id)
    note = " · ".join(part for part in (note, *related) if part)
    return Row(
        shown.policy_id, shown.verdict, name_of(policy), who, note, value, line, unit, words, good, act, kind,
    )  # fmt: skip


def relation_words(reader: Reader, policy: str) -> list[str]:
    """How a policy stands to others, each once: received already, opened by another, not to be had together."""
    found: dict[str, None] = {}
    for each in reader.result.frozen.relations:
        if each.kind == "receives" and each.policy == policy:
            who = reader.subject(each.subject)
            words = (
                _("已在享受，到 %(day)s", day=day_words(date.fromisoformat(each.until)))
                if each.until
                else _("已在享受")
            )
            found[_("%(text)s（%(who)s）", text=words, who=who) if who else words] = None
        elif each.kind == "presumed" and each.policy == policy:
            found[_("认定“%(name)s”以后即可申请", name=name_of(reader.model["policies"][each.other]))] = None
        elif each.kind == "excludes" and policy in (each.policy, each.other):
            other = each.other if policy == each.policy else each.policy
            name = name_of(reader.model["policies"].get(other), other)
            found[_("与“%(name)s”只能选一样：%(why)s", name=name, why=_(each.reason))] = None
    return [str(word) for word in found]


ORDER = ("eligible", "near_miss", "actionable", "need_info", "not_eligible", "not_in_force")


def rows(reader: Reader, looks: Mapping[str, date], only: str = "") -> list[Row]:
    """All policies in the order of the verdicts, then of the catalogue; `only` = one verdict."""
    wanted = [each for each in reader.result.verdicts if not only or each.verdict == only]
    wanted.sort(key=lambda each: ORDER.index(each.verdict))
    return [row(reader, each, looks) for each in wanted]


def paths(reader: Reader, done: Mapping[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    """The ways that are open now: what, where, for whom, what it opens; `done`: code → (task id, ticked at).

    Named as opened are only policies whose every other step is open too: a step is no promise.
    """
    walked = {path.id for path in reader.result.frozen.paths}
    within = {
        shown.policy_id: all(cure_id(row.field) in walked for row in shown.best.cures)
        for shown in reader.result.verdicts
    }
    found = []
    for path in reader.result.frozen.paths:
        task, at = done.get(path.id, (None, None))
        opens = [slug for slug in path.policies if within.get(slug)] if path.kind == "cure" else []
        found.append({
            "code": path.id, "kind": path.kind, "name": name_of({"name_zh": path.name_zh, "name_en": path.name_en}),
            "office": reader.office(path.department_id),
            "who": listed(filter(None, (reader.subject(each) for each in path.subjects))),
            "opens": [name_of(reader.model["policies"][slug]) for slug in opens], "id": task, "done_at": at,
        })  # fmt: skip
    return found


def plainly(reader: Reader, shown: PolicyVerdict) -> list[str]:
    """What stands in the way, in words for the family."""
    found = []
    for row in shown.best.misses:
        unit = vocabulary()[row.field].get("unit")
        if row.distance is None or row.line is None or not isinstance(row.value, Decimal):
            found.append(str(_("“%(what)s”这一条没有满足", what=field_name(row.field))))
            continue
        words = {"what": field_name(row.field), "value": quantity(row.value, unit), "line": quantity(row.line, unit)}
        found.append(str(_("%(what)s：您家 %(value)s，标准 %(line)s，%(far)s", far=_far(row), **words)))
    return found
