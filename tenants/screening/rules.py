"""Three-valued screening: what is not known is never a no. Rule: eligibility_fields.json `verdict_rule`.

Nothing here decides entitlement: the department decides. Pure functions over frozen values.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from tenants.screening.values import (
    HOUSEHOLD,
    VERDICTS,
    Condition,
    ConditionResult,
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
_Result = tuple[Rank, tuple[ConditionResult, ...]]


def line_on(line: Line, parameters: Parameters, facts: Facts) -> tuple[Decimal | None, ConditionResult]:
    """The figure to compare with on the as-of date (None = not set), and a blank result that carries its origin."""
    origin = ConditionResult("", "", None, "unknown")
    if line.param is None:
        return line.literal, origin
    dated = parameters[line.param].on(facts.as_of)
    factor: Decimal | None = line.times
    params: tuple[str, ...] = (line.param,)
    if line.times_param is not None:
        second = parameters[line.times_param].on(facts.as_of)
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


def _margin(parameters: Parameters, facts: Facts) -> Decimal:
    """How far a miss may lie to be near, as a share of the line; 0 when the community has not set it."""
    dated = parameters[MARGIN].on(facts.as_of) if MARGIN in parameters else None
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
    condition: Condition, parameters: Parameters, facts: Facts, member: str | None, path: str = ""
) -> ConditionResult:
    """One condition for one member: met, near, curable, unknown or missed, with everything needed to explain it."""
    value = facts.of(condition.field, member)
    result = ConditionResult(condition.field, condition.op, value, "missed", options=condition.options, path=path)
    line: Decimal | None = None
    if condition.line is not None:
        line, origin = line_on(condition.line, parameters, facts)
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
        result = _compare(condition, value, line, _margin(parameters, facts), result)
    elif condition.op == "in":
        result = replace(result, truth="met" if value in condition.options else "missed")
    else:
        result = replace(result, truth="met" if value is (condition.op == "is_true") else "missed")
    if result.truth == "missed" and condition.hint:
        return replace(result, truth="curable", hint=condition.hint)
    return replace(result, hint=condition.hint)


def _all(ranks: list[Rank]) -> Rank:
    """A hard miss settles it; else a miss that is near or curable; else what is unknown; else met."""
    for rank in (Rank.MISSED, Rank.CURABLE, Rank.NEAR, Rank.UNKNOWN):
        if rank in ranks:
            return rank
    return Rank.MET


def _weigh(node: Condition | Group, parameters: Parameters, facts: Facts, member: str | None, path: str) -> _Result:
    if isinstance(node, Condition):
        result = look(node, parameters, facts, member, path)
        return _TRUTH_RANK[result.truth], (result,)
    parts = [
        _weigh(part, parameters, facts, member, f"{path}{'.' if path else ''}{node.combinator}{number}")
        for number, part in enumerate(node.parts, start=1)
    ]
    ranks = [rank for rank, _ in parts]
    if node.combinator == "all":
        return _all(ranks), tuple(row for _, rows in parts for row in rows)
    best = min(ranks)
    return best, tuple(row if rank is best else replace(row, decisive=False) for rank, rows in parts for row in rows)


def _in_force(policy: Policy, facts: Facts) -> bool:
    begun = policy.in_force_from is None or policy.in_force_from <= facts.as_of
    return begun and (policy.in_force_to is None or facts.as_of <= policy.in_force_to)


def judge(policy: Policy, parameters: Parameters, facts: Facts) -> tuple[SubjectVerdict, ...]:
    """The verdict for each member, or one for the household: there the member who fulfils most of it counts."""
    subjects = (HOUSEHOLD,) if policy.scope == "household" else tuple(facts.members)
    if not _in_force(policy, facts):
        return tuple(
            SubjectVerdict(policy.id, subject, "not_in_force", (), policy.in_force_from) for subject in subjects
        )
    results: dict[str | None, _Result] = {
        member: _weigh(policy.criteria, parameters, facts, member, "") for member in (facts.members or (None,))
    }
    if policy.scope == "household":
        member = min(results, key=lambda who: results[who][0])
        rank, rows = results[member]
        return (SubjectVerdict(policy.id, HOUSEHOLD, _VERDICT[rank], rows, policy.in_force_from, member),)
    return tuple(
        SubjectVerdict(
            policy.id, subject, _VERDICT[results[subject][0]], results[subject][1], policy.in_force_from, subject
        )
        for subject in facts.members
    )


def judge_all(policies: Iterable[Policy], parameters: Parameters, facts: Facts) -> tuple[SubjectVerdict, ...]:
    """Every policy for every subject it speaks of, in the order of the policies."""
    return tuple(verdict for policy in policies for verdict in judge(policy, parameters, facts))


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
