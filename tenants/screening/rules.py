"""Three-valued screening: what is not known is never a no. Rule: eligibility_fields.json `verdict_rule`.

Nothing here decides entitlement: the department decides. Pure functions over frozen values.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from tenants.screening.values import (
    HOUSEHOLD,
    VERDICTS,
    Condition,
    ConditionResult,
    Fact,
    Facts,
    Group,
    Line,
    Parameter,
    Policy,
    PolicyVerdict,
    Rank,
    SubjectVerdict,
    Truth,
    Verdict,
)

MARGIN = "near_miss_margin_pct"
_TRUTH_RANK: dict[Truth, Rank] = {
    "met": Rank.MET,
    "curable": Rank.CURABLE,
    "near": Rank.NEAR,
    "unknown": Rank.UNKNOWN,
    "missed": Rank.MISSED,
}
_VERDICT: dict[Rank, Verdict] = {
    Rank.MET: "eligible",
    Rank.CURABLE: "actionable",
    Rank.NEAR: "near_miss",
    Rank.UNKNOWN: "need_info",
    Rank.MISSED: "not_eligible",
    Rank.NOT_IN_FORCE: "not_in_force",
}
_RANK = {verdict: rank for rank, verdict in _VERDICT.items()}

_TENTH = Decimal("0.1")
_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "lt": operator.lt, "lte": operator.le, "gt": operator.gt, "gte": operator.ge,
}  # fmt: skip
Parameters = Mapping[str, Parameter]
Looker = Callable[[Fact | None], ConditionResult]


def line_on(line: Line, parameters: Parameters, as_of: date) -> tuple[Decimal | None, dict[str, Any]]:
    """The figure to compare with on the as-of date (None = not set), and where it comes from: param, params, since,
    source as a condition's result carries them."""
    if line.param is None:
        return line.literal, {}
    dated = parameters[line.param].on(as_of)
    factor: Decimal | None = line.times
    params: tuple[str, ...] = (line.param,)
    if line.times_param is not None:
        second = parameters[line.times_param].on(as_of)
        factor, params = (second.value if second else None), (*params, line.times_param)
    since = dated.since if dated and parameters[line.param].since else None
    origin = {"param": line.param, "params": params, "source": dated.source if dated else None, "since": since}
    if dated is None or dated.value is None or factor is None:
        return None, origin
    return dated.value * factor, origin


def _margin(parameters: Parameters, as_of: date) -> Decimal:
    """How far a miss may lie to be near, as a share of the line; 0 when the community has not set it."""
    dated = parameters[MARGIN].on(as_of) if MARGIN in parameters else None
    return dated.value / 100 if dated and dated.value is not None else Decimal(0)


def ready(condition: Condition, parameters: Parameters, as_of: date, path: str = "") -> Looker:
    """A condition with its line of that day: asked for a value it answers met, near, curable, unknown or missed, with
    everything needed to explain it. TypeError when a number is asked for and something else comes."""
    blank = ConditionResult(condition.field, condition.op, None, "missed", options=condition.options, path=path)
    hint = condition.hint
    unknown = blank._replace(truth="unknown", missing="fact")
    if condition.line is None:
        good = frozenset(condition.options if condition.op == "in" else [condition.op == "is_true"])

        def plain(value: Fact | None) -> ConditionResult:
            if value is None:
                return unknown
            met = value in good and isinstance(value, bool) == (condition.op != "in")
            return blank._replace(value=value, truth="met" if met else "curable" if hint else "missed", hint=hint)

        return plain
    line, origin = line_on(condition.line, parameters, as_of)
    blank, unknown = blank._replace(line=line, **origin), unknown._replace(line=line, **origin)
    if line is None:
        unset = blank._replace(truth="unknown", missing="parameter")
        return lambda value: unknown if value is None else unset._replace(value=value)
    return _against(condition, line, _margin(parameters, as_of), blank, unknown)


def _against(
    condition: Condition, line: Decimal, margin: Decimal, blank: ConditionResult, unknown: ConditionResult
) -> Looker:
    """A number against its line: met, near or missed, with the distance."""
    upper, exact, hint = condition.op in ("lt", "lte"), condition.op == "eq", condition.hint
    holds = _HOLDS[condition.op]
    near_line = (line * (1 + margin) if upper else line * (1 - margin)) if condition.near and not exact else None
    size = abs(line)
    blank = blank._replace(near_line=near_line)

    def look(value: Fact | None) -> ConditionResult:
        if value is None:
            return unknown
        if not isinstance(value, Decimal):
            raise TypeError(f"{condition.field}: {value!r} is not a number")
        distance = abs(value - line) if exact else (value - line if upper else line - value)
        percent = (distance / size * 100).quantize(_TENTH, ROUND_HALF_UP) if line else None
        truth: Truth = "met"
        if not holds(value, line):
            near = near_line is not None and margin > 0 and (value <= near_line if upper else value >= near_line)
            truth = "near" if near else "curable" if hint else "missed"
        return blank._replace(value=value, truth=truth, distance=distance, distance_pct=percent, hint=hint)

    return look


_GRAVITY: dict[Rank, int] = {Rank.MET: 0, Rank.UNKNOWN: 1, Rank.NEAR: 2, Rank.CURABLE: 3, Rank.MISSED: 4}
"""What settles an 'all': a hard miss; else a miss that is near or curable; else what is unknown; else met."""
_Look = tuple[Rank, int, ConditionResult, ConditionResult]
"""A condition looked at: its rank, its gravity, its result, and its result when another branch decides."""
_Seen = tuple[Rank, tuple[ConditionResult, ...], tuple[ConditionResult, ...]]
"""A part looked at: its rank, its trace, and its trace when another branch decides (built only within an 'any')."""
_Values = Mapping[str, Fact | None]
_Weigher = Callable[[_Values, _Values], _Seen]


class _Probe:
    """One condition made ready: a fact, and what the condition says of each value met so far.

    True equals 1 as a key, so truths are remembered apart from numbers.
    """

    __slots__ = ("ask", "inside_any", "name", "numbers", "truths", "whole")

    def __init__(self, condition: Condition, ask: Looker, inside_any: bool) -> None:
        self.name, self.whole = condition.field, condition.field.startswith("household.")
        self.numbers: dict[Fact | None, _Look] = {}
        self.truths: dict[Fact | None, _Look] = {}
        self.ask, self.inside_any = ask, inside_any

    def learn(self, value: Fact | None, known: dict[Fact | None, _Look]) -> _Look:
        """Work a value out, and remember it as long as there is room."""
        row = self.ask(value)
        rank = _TRUTH_RANK[row.truth]
        seen = (rank, _GRAVITY[rank], row, row._replace(decisive=False) if self.inside_any else row)
        if len(known) < Table.KEPT:
            known[value] = seen
        return seen


class Table:
    """Policies made ready for one day: what a condition says of a value is worked out once and then looked up.

    A condition compares one fact with one line, so its result depends on the value alone. A table serves every
    household of that day; `KEPT` values of a condition are remembered.
    """

    KEPT = 5000

    def __init__(self, policies: Iterable[Policy], parameters: Parameters, as_of: date) -> None:
        self._parameters, self._as_of = parameters, as_of
        self._rows = [
            (
                policy,
                self._part(policy.criteria, "", False) if _in_force(policy, as_of) else None,
                _personal(policy.criteria),
            )
            for policy in policies
        ]

    def judge(self, facts: Facts) -> tuple[SubjectVerdict, ...]:
        """Every policy for every subject it speaks of, in the order of the policies; ValueError for another day."""
        if facts.as_of != self._as_of:
            raise ValueError(f"table of {self._as_of}, facts of {facts.as_of}")
        found: list[SubjectVerdict] = []
        household, members = facts.household, tuple(facts.members.items())
        for policy, weigh, personal in self._rows:
            since = policy.in_force_from
            if weigh is None:
                subjects = (HOUSEHOLD,) if policy.scope == "household" else facts.members
                found += [SubjectVerdict(policy.id, subject, "not_in_force", (), since) for subject in subjects]
            elif policy.scope == "household":
                found.append(_of_household(policy, weigh, household, members if personal else members[:1]))
            elif personal:
                for who, values in members:
                    rank, rows, _other = weigh(household, values)
                    found.append(SubjectVerdict(policy.id, who, _VERDICT[rank], rows, since, who))
            else:
                rank, rows, _other = weigh(household, {})
                found += [SubjectVerdict(policy.id, who, _VERDICT[rank], rows, since, who) for who, _values in members]
        return tuple(found)

    def _part(self, node: Condition | Group, path: str, inside_any: bool) -> _Weigher:
        if isinstance(node, Condition):
            return _all_plain([self._probe(node, path, inside_any)], inside_any)
        places = [
            (part, f"{path}{'.' if path else ''}{node.combinator}{number}") for number, part in enumerate(node.parts, 1)
        ]
        if node.combinator == "any":
            plain = [self._probe(part, place, True) for part, place in places if isinstance(part, Condition)]
            if len(plain) == len(places):
                return _any_plain(plain, inside_any)
            return _any_of([self._part(part, place, True) for part, place in places])
        parts: list[_Weigher] = []
        for single, run in groupby(places, lambda each: isinstance(each[0], Condition)):
            if single:  # conditions side by side are one part
                probes = [self._probe(part, place, inside_any) for part, place in run if isinstance(part, Condition)]
                parts.append(_all_plain(probes, inside_any))
            else:
                parts += [self._part(part, place, inside_any) for part, place in run]
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def _probe(self, condition: Condition, path: str, inside_any: bool) -> _Probe:
        return _Probe(condition, ready(condition, self._parameters, self._as_of, path), inside_any)


def _all_plain(probes: list[_Probe], inside_any: bool) -> _Weigher:
    """All of some conditions: the busiest part, so it asks its probes without a call for each."""

    def weigh(household: _Values, member: _Values) -> _Seen:
        rank, gravity = Rank.MET, 0
        looks = []
        for probe in probes:
            value = (household if probe.whole else member).get(probe.name)
            known = probe.truths if value is True or value is False else probe.numbers
            seen = known.get(value) or probe.learn(value, known)
            looks.append(seen)
            if seen[1] > gravity:
                rank, gravity = seen[0], seen[1]
        return rank, tuple([seen[2] for seen in looks]), tuple([seen[3] for seen in looks]) if inside_any else ()

    return weigh


def _any_plain(probes: list[_Probe], inside_any: bool) -> _Weigher:
    """Any of some conditions, asked without a call for each; those that are not the best do not decide."""

    def weigh(household: _Values, member: _Values) -> _Seen:
        best = Rank.MISSED
        looks = []
        for probe in probes:
            value = (household if probe.whole else member).get(probe.name)
            known = probe.truths if value is True or value is False else probe.numbers
            seen = known.get(value) or probe.learn(value, known)
            looks.append(seen)
            if seen[0] < best:
                best = seen[0]
        rows = tuple([seen[2] if seen[0] is best else seen[3] for seen in looks])
        return best, rows, tuple([seen[3] for seen in looks]) if inside_any else ()

    return weigh


def _all_of(parts: list[_Weigher]) -> _Weigher:
    def weigh(household: _Values, member: _Values) -> _Seen:
        rank, gravity = Rank.MET, 0
        rows: tuple[ConditionResult, ...] = ()
        other: tuple[ConditionResult, ...] = ()
        for part in parts:
            one, its, its_other = part(household, member)
            rows += its
            other += its_other
            if _GRAVITY[one] > gravity:
                rank, gravity = one, _GRAVITY[one]
        return rank, rows, other

    return weigh


def _any_of(parts: list[_Weigher]) -> _Weigher:
    def weigh(household: _Values, member: _Values) -> _Seen:
        seen = [part(household, member) for part in parts]
        best = min([each[0] for each in seen])
        rows: tuple[ConditionResult, ...] = ()
        other: tuple[ConditionResult, ...] = ()
        for rank, its, its_other in seen:
            rows += its if rank is best else its_other
            other += its_other
        return best, rows, other

    return weigh


def _of_household(
    policy: Policy, weigh: _Weigher, household: _Values, members: tuple[tuple[str, _Values], ...]
) -> SubjectVerdict:
    """One verdict for the household: the member who fulfils most of it counts; without members only its own facts."""
    best: _Seen | None = None
    counts: str | None = None
    for who, values in members or ((None, {}),):
        seen = weigh(household, values)
        if best is None or seen[0] < best[0]:
            best, counts = seen, who
            if seen[0] is Rank.MET:
                break  # nobody fulfils more
    assert best is not None  # noqa: S101  there is always one turn
    return SubjectVerdict(policy.id, HOUSEHOLD, _VERDICT[best[0]], best[1], policy.in_force_from, counts)


def _personal(node: Condition | Group) -> bool:
    """Does any condition look at a member? Where none does, one look stands for everybody."""
    if isinstance(node, Group):
        return any(_personal(part) for part in node.parts)
    return not node.field.startswith("household.")


def _in_force(policy: Policy, as_of: date) -> bool:
    begun = policy.in_force_from is None or policy.in_force_from <= as_of
    return begun and (policy.in_force_to is None or as_of <= policy.in_force_to)


def judge(policy: Policy, parameters: Parameters, facts: Facts) -> tuple[SubjectVerdict, ...]:
    """The verdict for each member, or one for the household: there the member who fulfils most of it counts."""
    return Table((policy,), parameters, facts.as_of).judge(facts)


def judge_all(policies: Iterable[Policy], parameters: Parameters, facts: Facts) -> tuple[SubjectVerdict, ...]:
    """Every policy for every subject it speaks of, in the order of the policies."""
    return Table(policies, parameters, facts.as_of).judge(facts)


def best_of(determinations: Iterable[SubjectVerdict]) -> SubjectVerdict:
    """The best of several verdicts on one policy; the first of equals."""
    return min(determinations, key=lambda row: _RANK[row.verdict])


def shown(determinations: Iterable[SubjectVerdict]) -> tuple[PolicyVerdict, ...]:
    """One verdict for each policy, the best of the members, and the subjects who have it."""
    by_policy: dict[str, list[SubjectVerdict]] = {}
    for row in determinations:
        by_policy.setdefault(row.policy_id, []).append(row)
    found = []
    for policy_id, rows in by_policy.items():
        best = best_of(rows)
        subjects = tuple(row.subject for row in rows if row.verdict == best.verdict)
        found.append(PolicyVerdict(policy_id, best.verdict, subjects, best))
    return tuple(found)


def tally(verdicts: Iterable[PolicyVerdict]) -> dict[Verdict, int]:
    """How many policies have each verdict, all six named, in the order of the screen."""
    counts = Counter(row.verdict for row in verdicts)
    return {verdict: counts[verdict] for verdict in VERDICTS}
