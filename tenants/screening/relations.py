"""How policies stand to each other in one screening: what is received already, what one recognition would open, what
cannot be had together. Shown as reasons beside the verdicts; nothing is dropped silently. Pure.

The exclusions are written from memory of the named documents and must be checked by a civil-affairs officer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rongjiu.codes import N_
from tenants.benefits.rules import Held, on, waits
from tenants.screening.implied import Implied
from tenants.screening.rules import Table
from tenants.screening.values import (
    HOUSEHOLD,
    Condition,
    ConditionResult,
    Facts,
    Group,
    Parameters,
    Policy,
    SubjectVerdict,
)

RECOGNISED = "household.recognised"
CLASSES: dict[str, str] = {
    "tekun": "tekun", "dibao": "dibao", "dibao_margin": "dibao-margin", "rigid_expense": "rigid-expense",
}  # fmt: skip
"""Recognised class of a household → the policy that recognises it."""
EXCLUSIONS: tuple[tuple[str, str, str], ...] = (
    ("tekun", "dibao", N_("特困供养和低保不同时享受（国发〔2016〕14号）")),
    ("tekun", "dibao-single", N_("特困供养和低保不同时享受（国发〔2016〕14号）")),
    ("tekun", "disability-living", N_("已纳入特困供养的残疾人不享受残疾人两项补贴（国发〔2015〕52号）")),
    ("tekun", "disability-care", N_("已纳入特困供养的残疾人不享受残疾人两项补贴（国发〔2015〕52号）")),
    ("orphan", "tekun", N_("孤儿基本生活费和特困供养不同时享受（国办发〔2010〕54号）")),
    ("orphan", "defacto-child", N_("孤儿和事实无人抚养儿童的补贴不同时享受（民发〔2019〕62号）")),
    ("public-rental", "rent-subsidy", N_("实物公租房和租赁补贴只能选一样")),
)
"""Two policies that one person (or household) cannot have together, and why."""
RECEIVED = N_("登记着正在享受")
TOLD = N_("家里说正在享受，日期待核")
FIRST = "先申请家庭认定 / Apply for recognition of the household first"
Kind = Literal["receives", "waits", "presumed", "excludes"]


@dataclass(frozen=True)
class Relation:
    """receives: `policy` is received already. waits: somebody is in line for it. presumed: `policy` opens once `other` has recognised the household.
    excludes: `policy` and `other` are both open, or one is received, and only one may be had; `reason` is a msgid."""

    kind: Kind
    policy: str
    subject: str
    other: str = ""
    reason: str = ""
    until: str = ""
    """receives: the last day, as ISO has it; '' when no end is known."""
    unchecked: bool = False
    """receives: it was told at the door, and nobody had checked it when this was judged."""
    since: str = ""
    """waits: in line since that day, as ISO has it."""


def receiving(facts: Facts, held: Sequence[Held], told_on: date | None) -> tuple[Facts, tuple[Implied, ...]]:
    """The facts with what the register says is received on their day, and what follows from it.

    A benefit in force that recognises the household says its class. A class that was told (on `told_on`, None = not
    known when) before the benefit behind it ended is no longer known afterwards: it may have been renewed, nobody has
    said so.
    """
    now = on(held, facts.as_of)
    facts = replace(facts, receives=now, waits=tuple(each for each in held if waits(each, facts.as_of)))
    told = facts.household.get(RECOGNISED)
    here = next((name for name, policy in CLASSES.items() if any(each.policy == policy for each in now)), None)
    if here is not None:
        sure = any(each.policy == CLASSES[here] and not each.unchecked for each in now)
        found = () if here == told else (Implied(HOUSEHOLD, RECOGNISED, here, RECEIVED if sure else TOLD),)
        return replace(facts, household={**facts.household, RECOGNISED: here}), found
    over = [
        each.until
        for each in held
        if each.policy == CLASSES.get(str(told)) and each.until is not None and not each.waiting
    ]
    ended = [day for day in over if day < facts.as_of and (told_on is None or told_on <= day)]
    home = {**facts.household, RECOGNISED: None} if ended else facts.household
    return replace(facts, household=home), ()


def received(facts: Facts) -> tuple[Relation, ...]:
    """What is received already: the benefits of the register, and what the household's recognised class says."""
    found = [
        Relation(
            "receives",
            each.policy,
            each.subject,
            until=each.until.isoformat() if each.until else "",
            unchecked=each.unchecked,
        )
        for each in facts.receives
    ]
    policy = CLASSES.get(str(facts.household.get(RECOGNISED)))
    if policy and all(each.policy != policy for each in found):
        found.append(Relation("receives", policy, HOUSEHOLD))
    return tuple(found)


def in_line(facts: Facts) -> tuple[Relation, ...]:
    """What somebody waits for in line and does not receive: nobody need apply for it again."""
    here = {(each.policy, each.subject) for each in received(facts)}
    return tuple(
        Relation("waits", each.policy, each.subject, since=each.since.isoformat() if each.since else "")
        for each in facts.waits
        if (each.policy, each.subject) not in here
    )


def settled(relations: Iterable[Relation]) -> frozenset[tuple[str, str]]:
    """(policy, subject) of what nobody need apply for: it is received already, or somebody is in line for it."""
    return frozenset((each.policy, each.subject) for each in relations if each.kind in ("receives", "waits"))


def asked(facts: Facts) -> tuple[Relation, ...]:
    """What is received already, and what somebody waits for in line."""
    return (*received(facts), *in_line(facts))


def has(facts: Facts) -> frozenset[tuple[str, str]]:
    """(policy, subject) of both."""
    return settled(asked(facts))


def asking(policies: Iterable[Policy], parameters: Parameters, as_of: date) -> Table:
    """The policies that ask for a recognition, made ready for a day: what `presume` judges again."""
    return Table([policy for policy in policies if _asks(policy.criteria)], parameters, as_of)


def presume(
    determinations: Sequence[SubjectVerdict], table: Table, facts: Facts
) -> tuple[tuple[SubjectVerdict, ...], tuple[Relation, ...]]:
    """A policy that only lacks a recognition which is itself open becomes actionable: first that one, then this.

    One step and no more: what is presumed never makes something else presumed, so policies that point at each other
    cannot run in a circle. `table` is that of `asking`.
    """
    open_now = {row.policy_id for row in determinations if row.verdict == "eligible"}
    classes = [name for name, policy in CLASSES.items() if policy in open_now]
    opened: dict[tuple[str, str], str] = {}
    for name in classes:
        then = table.judge(replace(facts, household={**facts.household, RECOGNISED: name}))
        for row in then:
            if row.verdict == "eligible":
                opened.setdefault((row.policy_id, row.subject), CLASSES[name])
    found, relations = list[SubjectVerdict](), list[Relation]()
    for row in determinations:
        other = opened.get((row.policy_id, row.subject))
        if other and other != row.policy_id and row.verdict in ("not_eligible", "need_info", "actionable"):
            row = row._replace(verdict="actionable", conditions=tuple(_curable(each) for each in row.conditions))
            relations.append(Relation("presumed", row.policy_id, row.subject, other))
        found.append(row)
    return tuple(found), tuple(relations)


def exclude(determinations: Iterable[SubjectVerdict], facts: Facts) -> tuple[Relation, ...]:
    """Pairs of which only one may be had: both open to one person, or one open and the other received."""
    subjects: dict[str, set[str]] = {}
    for row in determinations:
        if row.verdict == "eligible":
            subjects.setdefault(row.policy_id, set()).add(row.subject)
    for each in received(facts):
        subjects.setdefault(each.policy, set()).add(each.subject)
    return tuple(
        Relation("excludes", one, who, other, why)
        for one, other, why in EXCLUSIONS
        for who in sorted(_shared(subjects.get(one, set()), subjects.get(other, set())))
    )


def _shared(one: set[str], other: set[str]) -> set[str]:
    """Subjects of both; what the household has counts for each of its members."""
    if not one or not other:
        return set()
    both = one & other
    return both or (one | other if HOUSEHOLD in one | other else set())


def _asks(node: Condition | Group) -> bool:
    return node.field == RECOGNISED if isinstance(node, Condition) else any(_asks(part) for part in node.parts)


def _curable(row: ConditionResult) -> ConditionResult:
    if row.field != RECOGNISED or row.truth == "met":
        return row
    return row._replace(truth="curable", missing=None, hint=row.hint or FIRST)
