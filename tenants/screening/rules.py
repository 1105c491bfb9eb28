"""Three-valued screening: what is not known is never a no. Rule: eligibility_fields.json `verdict_rule`.

Nothing here decides entitlement: the department decides. Pure functions over frozen values.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby

from tenants.screening.values import (
    HOUSEHOLD,
    VERDICTS,
    Condition,
    Facts,
    Group,
    Parameters,
    Policy,
    PolicyVerdict,
    Rank,
    SubjectVerdict,
    Verdict,
)
from tenants.screening.weighing.conditions import ready
from tenants.screening.weighing.parts import Probe, Seen, Values, Weigher, all_of, all_plain, any_of, any_plain

_VERDICT: dict[Rank, Verdict] = {
    Rank.MET: "eligible",
    Rank.CURABLE: "actionable",
    Rank.NEAR: "near_miss",
    Rank.UNKNOWN: "need_info",
    Rank.MISSED: "not_eligible",
    Rank.NOT_IN_FORCE: "not_in_force",
}
_RANK = {verdict: rank for rank, verdict in _VERDICT.items()}


class Table:
    """Policies made ready for one day: what a condition says of a value is worked out once and then looked up.

    A condition compares one fact with one line, so its result depends on the value alone. A table serves every
    household of that day.
    """

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

    def _part(self, node: Condition | Group, path: str, inside_any: bool) -> Weigher:
        if isinstance(node, Condition):
            return all_plain([self._probe(node, path, inside_any)], inside_any)
        places = [
            (part, f"{path}{'.' if path else ''}{node.combinator}{number}") for number, part in enumerate(node.parts, 1)
        ]
        if node.combinator == "any":
            plain = [self._probe(part, place, True) for part, place in places if isinstance(part, Condition)]
            if len(plain) == len(places):
                return any_plain(plain, inside_any)
            return any_of([self._part(part, place, True) for part, place in places])
        parts: list[Weigher] = []
        for single, run in groupby(places, lambda each: isinstance(each[0], Condition)):
            if single:  # conditions side by side are one part
                probes = [self._probe(part, place, inside_any) for part, place in run if isinstance(part, Condition)]
                parts.append(all_plain(probes, inside_any))
            else:
                parts += [self._part(part, place, inside_any) for part, place in run]
        return parts[0] if len(parts) == 1 else all_of(parts)

    def _probe(self, condition: Condition, path: str, inside_any: bool) -> Probe:
        return Probe(condition, ready(condition, self._parameters, self._as_of, path), inside_any)


def _of_household(
    policy: Policy, weigh: Weigher, household: Values, members: tuple[tuple[str, Values], ...]
) -> SubjectVerdict:
    """One verdict for the household: the member who fulfils most of it counts; without members only its own facts."""
    best: Seen | None = None
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
