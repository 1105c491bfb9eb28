"""A frozen screening as the desk reads it: one row a policy with the next act and to whom, the ways that are open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from blueprints.desk.fact_words import (
    cure_id,
    day_words,
    english,
    field_name,
    is_share,
    listed,
    month_words,
    name_of,
    paper_name,
    quantity,
    vocabulary,
)
from blueprints.desk.verdict_words import MEASURED, Reader, distance_words, far_words, relation_words
from blueprints.pages import spoken as _
from tenants.screening.conclusion import WHY, Look, asked_for, hint_words
from tenants.screening.values import ConditionResult, PolicyVerdict, SubjectVerdict


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


def _headline(verdict: SubjectVerdict) -> ConditionResult | None:
    """The number to draw: the farthest miss of the branch that decided."""
    misses = [
        row
        for row in verdict.misses
        if row.distance is not None
        and isinstance(row.value, Decimal)
        and vocabulary()[row.field].get("unit") in MEASURED
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


def _turn(reader: Reader, shown: PolicyVerdict, looks: Mapping[str, Look]) -> tuple[str, str, str]:
    """For one policy: the words beside the bar, the next act, and the kind of link it has."""
    best, office = shown.best, reader.department(shown.policy_id)
    if shown.verdict == "eligible":
        worth = reader.amount_words(reader.result.frozen.amounts.get((shown.policy_id, shown.subjects[0])))
        if not asked_for(shown, reader.has):
            waits = any(
                each.kind == "waits" and each.policy == shown.policy_id for each in reader.result.frozen.relations
            )
            return worth, _("不用再申请，等轮到") if waits else _("不用再申请；到期前办续"), ""
        return worth, _("交%(office)s", office=office), "department"
    if shown.verdict == "actionable":
        hints = [hint_words(row.hint)[english()] for row in best.cures if row.hint]
        worth = reader.amount_words(reader.result.frozen.amounts.get((shown.policy_id, best.subject)))
        lacking = _("缺：%(what)s", what=_listed(paper_name(row.field) for row in best.cures))
        return " · ".join(part for part in (lacking, worth) if part), listed(dict.fromkeys(hints), parts=True), ""
    if shown.verdict == "near_miss":
        return "", _again(reader, looks.get(shown.policy_id)) or _("确认后列入“临界户”，到期再看"), "near"
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
    return why, _again(reader, looks.get(shown.policy_id)), ""


def _again(reader: Reader, look: Look | None) -> str:
    """When a missed policy is looked at again, and what happens on that day if anything is dated. The day on which an age
    is reached tells a birth date, so that only the month is said to whom the facts are closed."""
    if look is None:
        return ""
    if WHY[look.why]:
        closed = look.why == "age" and not reader.open
        day = month_words(look.on) if closed else day_words(look.on)
        return _("%(day)s 再看（%(why)s）", day=day, why=_(WHY[look.why]))
    return _("%(day)s 再看", day=day_words(look.on))


def row(reader: Reader, shown: PolicyVerdict, looks: Mapping[str, Look]) -> Row:
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
    lacking = [each for each in shown.subjects if (shown.policy_id, each) not in reader.has]
    who = listed(reader.subject(each, age=True) for each in lacking or shown.subjects) if many else ""
    related = relation_words(reader, shown.policy_id)
    note = " · ".join(part for part in (note, *related) if part)
    return Row(
        shown.policy_id, shown.verdict, name_of(policy), who, note, value, line, unit, words, good, act, kind,
    )  # fmt: skip


ORDER = ("eligible", "near_miss", "actionable", "need_info", "not_eligible", "not_in_force")


def rows(reader: Reader, looks: Mapping[str, Look], only: str = "") -> list[Row]:
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
        found.append(str(_("%(what)s：您家 %(value)s，标准 %(line)s，%(far)s", far=far_words(row), **words)))
    return found
