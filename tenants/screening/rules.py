"""Three-valued screening: what is not known is never a no. Rule: eligibility_fields.json `verdict_rule`.

Nothing here decides entitlement: the department decides. Pure functions over frozen values.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

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

Parameters = Mapping[str, Parameter]


def line_on(line: Line, parameters: Parameters, as_of: date) -> tuple[Decimal | None, ConditionResult]:
    """The figure to compare with on the as-of date (None = not set), and a blank result that carries its origin."""
    origin = ConditionResult("", "", None, "unknown")
    if line.param is None:
        return line.literal, origin
    dated = parameters[line.param].on(as_of)
    factor: Decimal | None = line.times
    params: tuple[str, ...] = (line.param,)
    if line.times_param is not None:
        second = parameters[line.times_param].on(as_of)
        factor, params = (second.value if second else None), (*params, line.times_param)
    origin = replace(
        origin,
        param=line.param,
        params=params,
        source=dated.source if dated else None,
        since=dated.since if dated and parameters[line.param].since else None,
    )
    if dated is None or dated.value is None or factor is None:
        return None, origin
    return dated.value * factor, origin


def _margin(parameters: Parameters, as_of: date) -> Decimal:
    """How far a miss may lie to be near, as a share of the line; 0 when the community has not set it."""
    dated = parameters[MARGIN].on(as_of) if MARGIN in parameters else None
    return dated.value / 100 if dated and dated.value is not None else Decimal(0)


def _compare(
    condition: Condition, value: Decimal, line: Decimal, margin: Decimal, result: ConditionResult
) -> ConditionResult:
    """A number against its line: met, near or missed, with the distance."""
    op = condition.op
    met = {"eq": value == line, "lt": value < line, "lte": value <= line, "gt": value > line, "gte": value >= line}[op]
    upper = op in ("lt", "lte")
    distance = abs(value - line) if op == "eq" else (value - line if upper else line - value)
    percent = (distance / abs(line) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP) if line else None
    near_line = (line * (1 + margin) if upper else line * (1 - margin)) if condition.near and op != "eq" else None
    near = near_line is not None and margin > 0 and (value <= near_line if upper else value >= near_line)
    truth: Truth = "met" if met else "near" if near else "missed"
    return replace(result, line=line, distance=distance, distance_pct=percent, near_line=near_line, truth=truth)


def look(
    condition: Condition, parameters: Parameters, as_of: date, value: Fact | None, path: str = ""
) -> ConditionResult:
    """One condition for one value: met, near, curable, unknown or missed, with everything needed to explain it."""
    result = ConditionResult(condition.field, condition.op, value, "missed", options=condition.options, path=path)
    line: Decimal | None = None
    if condition.line is not None:
        line, origin = line_on(condition.line, parameters, as_of)
        result = replace(
            result, line=line, param=origin.param, params=origin.params, since=origin.since, source=origin.source
        )
    if value is None:
        return replace(result, truth="unknown", missing="fact")
    if condition.line is not None:
        if line is None:
            return replace(result, truth="unknown", missing="parameter")
        if not isinstance(value, Decimal):
            raise TypeError(f"{condition.field}: {value!r} is not a number")
        result = _compare(condition, value, line, _margin(parameters, as_of), result)
    elif condition.op == "in":
        result = replace(result, truth="met" if value in condition.options else "missed")
    else:
        result = replace(result, truth="met" if value is (condition.op == "is_true") else "missed")
    if result.truth == "missed" and condition.hint:
        return replace(result, truth="curable", hint=condition.hint)
    return replace(result, hint=condition.hint)


_GRAVITY: dict[Rank, int] = {Rank.MET: 0, Rank.UNKNOWN: 1, Rank.NEAR: 2, Rank.CURABLE: 3, Rank.MISSED: 4}
"""What settles an 'all': a hard miss; else a miss that is near or curable; else what is unknown; else met."""
_Seen = tuple[Rank, int, tuple[ConditionResult, ...], tuple[ConditionResult, ...]]
"""A part looked at: its rank, its gravity, its trace, and the trace when another branch decides."""
_Values = Mapping[str, Fact | None]
_Weigher = Callable[[_Values, _Values], _Seen]


class Table:
    """Policies made ready for one day: what a condition says of a value is worked out once and then looked up.

    A condition compares one fact with one line, so its result depends on the value alone. A table serves every
    household of that day; `KEPT` values of a condition are remembered.
    """

    KEPT = 5000

    def __init__(self, policies: Iterable[Policy], parameters: Parameters, as_of: date) -> None:
        self._parameters, self._as_of = parameters, as_of
        self._rows = [
            (policy, self._part(policy.criteria, "") if _in_force(policy, as_of) else None) for policy in policies
        ]

    def judge(self, facts: Facts) -> tuple[SubjectVerdict, ...]:
        """Every policy for every subject it speaks of, in the order of the policies; ValueError for another day."""
        if facts.as_of != self._as_of:
            raise ValueError(f"table of {self._as_of}, facts of {facts.as_of}")
        found: list[SubjectVerdict] = []
        household, members = facts.household, tuple(facts.members.items())
        for policy, weigh in self._rows:
            since = policy.in_force_from
            if weigh is None:
                subjects = (HOUSEHOLD,) if policy.scope == "household" else facts.members
                found += [SubjectVerdict(policy.id, subject, "not_in_force", (), since) for subject in subjects]
            elif policy.scope == "household":
                found.append(_of_household(policy, weigh, household, members))
            else:
                for who, values in members:
                    rank, _gravity, rows, _other = weigh(household, values)
                    found.append(SubjectVerdict(policy.id, who, _VERDICT[rank], rows, since, who))
        return tuple(found)

    def _part(self, node: Condition | Group, path: str) -> _Weigher:
        if isinstance(node, Condition):
            return self._condition(node, path)
        dot = "." if path else ""
        parts = [self._part(part, f"{path}{dot}{node.combinator}{number}") for number, part in enumerate(node.parts, 1)]
        return _all_of(parts) if node.combinator == "all" else _any_of(parts)

    def _condition(self, condition: Condition, path: str) -> _Weigher:
        name, whole = condition.field, condition.field.startswith("household.")
        kept: dict[Fact | None, _Seen] = {}
        truths: dict[Fact | None, _Seen] = {}  # True equals 1 as a key: truths and numbers are remembered apart

        def weigh(household: _Values, member: _Values) -> _Seen:
            value = household.get(name) if whole else member.get(name)
            known = truths if value is True or value is False else kept
            seen = known.get(value)
            if seen is None:
                row = look(condition, self._parameters, self._as_of, value, path)
                rank = _TRUTH_RANK[row.truth]
                seen = (rank, _GRAVITY[rank], (row,), (replace(row, decisive=False),))
                if len(known) < self.KEPT:
                    known[value] = seen
            return seen

        return weigh


def _all_of(parts: list[_Weigher]) -> _Weigher:
    def weigh(household: _Values, member: _Values) -> _Seen:
        rank, gravity = Rank.MET, 0
        rows: tuple[ConditionResult, ...] = ()
        other: tuple[ConditionResult, ...] = ()
        for part in parts:
            one, grave, its, its_other = part(household, member)
            rows += its
            other += its_other
            if grave > gravity:
                rank, gravity = one, grave
        return rank, gravity, rows, other

    return weigh


def _any_of(parts: list[_Weigher]) -> _Weigher:
    def weigh(household: _Values, member: _Values) -> _Seen:
        seen = [part(household, member) for part in parts]
        best = min([each[0] for each in seen])
        rows: tuple[ConditionResult, ...] = ()
        other: tuple[ConditionResult, ...] = ()
        for rank, _gravity, its, its_other in seen:
            rows += its if rank is best else its_other
            other += its_other
        return best, _GRAVITY[best], rows, other

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
    assert best is not None  # noqa: S101  there is always one turn
    return SubjectVerdict(policy.id, HOUSEHOLD, _VERDICT[best[0]], best[2], policy.in_force_from, counts)


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
