"""What follows from a screening: track 救 or 助, paths to walk, near misses to watch, days to judge anew."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from rongjiu.codes import N_
from tenants.screening import relations
from tenants.screening.means import birthday
from tenants.screening.rules import shown
from tenants.screening.values import (
    AGE,
    HOUSEHOLD,
    ConditionResult,
    Cure,
    Facts,
    Parameters,
    Policy,
    PolicyVerdict,
    SubjectVerdict,
)

LATEST_LOOK = timedelta(days=366)
"""So far ahead a missed policy is looked at again at the latest."""
MISSED = ("near_miss", "not_eligible")
WHY = {"age": N_("到年龄"), "line": N_("标准要变"), "policy": N_("政策要变"), "review": N_("计划复盘"), "wait": ""}
"""What happens on the day on which a missed policy is looked at again."""
# The seed's three classes of government assistance; 福利 (welfare) is the fourth and makes no track 救.
JIU_CLASSES = frozenset({"basic_living", "special", "emergency"})


@dataclass(frozen=True)
class Path:
    """One thing the family can do now. kind cure: get a paper or recognition, which opens `policies`;
    kind apply: the policy itself. department_id: where to go. subjects: for whom."""

    kind: Literal["cure", "apply"]
    id: str
    name_zh: str
    name_en: str
    department_id: str
    subjects: tuple[str, ...]
    policies: tuple[str, ...]
    hint: str | None = None


@dataclass(frozen=True)
class Amount:
    """What a policy would give; value None = 由社区设定. since: the day from which the figure holds."""

    param: str | None
    value: Decimal | None
    since: date | None = None
    period: str | None = None
    source: str | None = None
    must_review: bool = False


@dataclass(frozen=True)
class Look:
    """The day on which a missed policy is looked at again; `why` is one of WHY."""

    on: date
    why: str = "wait"


@dataclass(frozen=True)
class Conclusion:
    """The foot of the screening page. entitled: eligible items of the 救 classes that are not received yet; open: policies with need_info."""

    track: Literal["jiu", "zhu"]
    entitled: tuple[PolicyVerdict, ...]
    paths: tuple[Path, ...]
    near_misses: tuple[PolicyVerdict, ...]
    rescreen: tuple[tuple[date, str], ...]
    open: tuple[str, ...]


def _way_is_open(cure: Cure, row: ConditionResult, subject: str, facts: Facts, eligible: set[str]) -> bool:
    """Whether walking to this cure makes sense: the value would help, and a recognition is itself within reach."""
    member = None if subject == HOUSEHOLD else subject
    if any(facts.of(name, member) == value for name, value in cure.senseless_if.items()):
        return False
    if not cure.recognition:
        return True
    return any(cure.recognition.get(str(option)) in eligible for option in row.options)


def _cure_paths(
    determinations: Iterable[SubjectVerdict],
    policies: Mapping[str, Policy],
    facts: Facts,
    cures: Mapping[str, Cure],
    eligible: set[str],
) -> list[Path]:
    found: dict[str, Path] = {}
    for verdict in determinations:
        if verdict.verdict != "actionable":
            continue
        for row in verdict.cures:
            who = verdict.member if row.field.startswith("person.") and verdict.member else HOUSEHOLD
            cure = cures.get(row.field)
            if cure is not None and not _way_is_open(cure, row, who, facts, eligible):
                continue
            if cure is None:  # a community's own criterion: its hint must speak for itself
                zh, en = hint_words(row.hint or row.field)
                cure = Cure(row.field, row.field, zh, en, policies[verdict.policy_id].department_id)
            old = found.get(cure.id)
            subjects = dict.fromkeys((*(old.subjects if old else ()), who))
            opens = dict.fromkeys((*(old.policies if old else ()), verdict.policy_id))
            found[cure.id] = Path(
                "cure", cure.id, cure.name_zh, cure.name_en, cure.department_id, tuple(subjects), tuple(opens), row.hint
            )
    return list(found.values())


def asked_for(row: PolicyVerdict, has: Collection[tuple[str, str]]) -> bool:
    """Is there somebody whom the policy is open to and who neither receives it nor is in line for it? `has` is that of `relations`."""
    return row.verdict == "eligible" and any(
        (row.policy_id, who) not in has and (row.policy_id, HOUSEHOLD) not in has for who in row.subjects
    )


def _apply_paths(verdicts: Iterable[PolicyVerdict], policies: Mapping[str, Policy]) -> list[Path]:
    return [
        Path(
            "apply",
            row.policy_id,
            policies[row.policy_id].name_zh,
            policies[row.policy_id].name_en,
            policies[row.policy_id].department_id,
            row.subjects,
            (row.policy_id,),
        )
        for row in verdicts
    ]


def conclude(
    determinations: Iterable[SubjectVerdict],
    policies: Iterable[Policy],
    facts: Facts,
    cures: Iterable[Cure] = (),
) -> Conclusion:
    """Track and ways: 救 when an item of the three 救 classes is eligible and not received yet, otherwise 助, with what
    can be done at once.

    A recognition of the household is a path only where its own policy came out eligible: no promise is made by a near
    miss, which goes to the near-miss queue instead.
    """
    rows = tuple(determinations)
    by_id = {policy.id: policy for policy in policies}
    verdicts = shown(rows)
    eligible = {row.policy_id for row in verdicts if row.verdict == "eligible"}
    has = relations.has(facts)
    fresh = tuple(row for row in verdicts if asked_for(row, has))
    entitled = tuple(row for row in fresh if by_id[row.policy_id].help_class in JIU_CLASSES)
    rescreen = sorted(
        (row.best.in_force_from, row.policy_id)
        for row in verdicts
        if row.verdict == "not_in_force" and row.best.in_force_from is not None and row.best.in_force_from > facts.as_of
    )
    return Conclusion(
        track="jiu" if entitled else "zhu",
        entitled=entitled,
        paths=(
            *_cure_paths(rows, by_id, facts, {cure.field: cure for cure in cures}, eligible),
            *_apply_paths(fresh, by_id),
        ),
        near_misses=tuple(row for row in verdicts if row.verdict == "near_miss"),
        rescreen=tuple(rescreen),
        open=tuple(row.policy_id for row in verdicts if row.verdict == "need_info"),
    )


def hint_words(hint: str) -> tuple[str, str]:
    """The Chinese and the English half of a hint written as 中文 / English; without English both are the whole."""
    zh, slash, en = hint.partition(" / ")
    return (zh.strip(), en.strip()) if slash else (hint, hint)


def amount(policy: Policy, parameters: Parameters, facts: Facts, subject: str) -> Amount:
    """What the policy would give that subject on the as-of date, by the band of age or grade where there is one."""
    param = policy.amount_param
    if policy.banded_by is not None:
        value = facts.of(policy.banded_by, None if subject == HOUSEHOLD else subject)
        param = next(
            (
                name
                for low, high, name in policy.bands
                if isinstance(value, Decimal) and (low is None or value >= low) and (high is None or value <= high)
            ),
            None,
        )
    if param is None:
        return Amount(None, None, period=policy.period)
    parameter = parameters[param]
    dated = parameter.on(facts.as_of)
    if dated is None:
        return Amount(param, None, period=policy.period, must_review=parameter.must_review)
    since = dated.since if parameter.since else None
    return Amount(param, dated.value, since, policy.period, dated.source, parameter.must_review)


def looks(
    determinations: Iterable[SubjectVerdict], parameters: Parameters, births: Mapping[str, date],
    later: Iterable[tuple[date, str]], after: date, wait: date,
) -> dict[str, Look]:  # fmt: skip
    """Missed policy → when it is looked at again: the next day after `after` on which it turns by itself, else `wait`.

    It turns when a member reaches an age it lacks (`births`: member → birth date), when a line it stands outside has its
    next value, or when its next version begins (`later`: day, policy). What turns later than LATEST_LOOK waits like the rest.
    """
    turns: dict[str, list[tuple[date, str]]] = {}
    rows = tuple(determinations)
    for verdict in rows:
        turns.setdefault(verdict.policy_id, []).extend(_turns(verdict, parameters, births))
    for day, slug in later:
        turns.setdefault(slug, []).append((day, "policy"))
    found = {}
    for slug in (each.policy_id for each in shown(rows) if each.verdict in MISSED):
        due = [turn for turn in turns[slug] if after < turn[0] <= after + LATEST_LOOK]
        found[slug] = Look(*min(due)) if due else Look(wait)
    return found


def _turns(verdict: SubjectVerdict, parameters: Parameters, births: Mapping[str, date]) -> Iterable[tuple[date, str]]:
    """Every day that is dated, past ones too, on which one of the misses of a subject moves."""
    for row in verdict.misses:
        for name in row.params:
            line = parameters[name]
            yield from ((day, "line") for day in (line.since, *(each.since for each in line.history)) if day)
        born = births.get(verdict.member or verdict.subject)
        if row.field == AGE and born and row.line is not None and row.op in ("gte", "gt"):
            yield birthday(born, born.year + int(row.line) + (row.op == "gt")), "age"


def reviewed(found: Mapping[str, Look], review: date | None) -> dict[str, Look]:
    """The same when a day is set on which the plan is reviewed: it comes in place of a bare wait."""
    if review is None:
        return dict(found)
    return {slug: Look(review, "review") if each.why == "wait" else each for slug, each in found.items()}
