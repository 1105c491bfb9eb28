"""All of some parts, or any of them: what decides, and the trace of what was looked at. Pure, and the busiest code of the
house: every household of the register meets every policy here when a line moves."""

from collections.abc import Callable, Mapping

from tenants.screening.values import Condition, ConditionResult, Fact, Rank, Truth
from tenants.screening.weighing.conditions import Looker

KEPT = 5000
"""So many values of a condition are remembered."""
_TRUTH_RANK: dict[Truth, Rank] = {
    "met": Rank.MET,
    "curable": Rank.CURABLE,
    "near": Rank.NEAR,
    "unknown": Rank.UNKNOWN,
    "missed": Rank.MISSED,
}
_GRAVITY: dict[Rank, int] = {Rank.MET: 0, Rank.UNKNOWN: 1, Rank.NEAR: 2, Rank.CURABLE: 3, Rank.MISSED: 4}
"""What settles an 'all': a hard miss; else a miss that is near or curable; else what is unknown; else met."""
_Look = tuple[Rank, int, ConditionResult, ConditionResult]
"""A condition looked at: its rank, its gravity, its result, and its result when another branch decides."""
Seen = tuple[Rank, tuple[ConditionResult, ...], tuple[ConditionResult, ...]]
"""A part looked at: its rank, its trace, and its trace when another branch decides (built only within an 'any')."""
Values = Mapping[str, Fact | None]
Weigher = Callable[[Values, Values], Seen]


class Probe:
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
        if len(known) < KEPT:
            known[value] = seen
        return seen


def all_plain(probes: list[Probe], inside_any: bool) -> Weigher:
    """All of some conditions: the busiest part, so it asks its probes without a call for each."""

    def weigh(household: Values, member: Values) -> Seen:
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


def any_plain(probes: list[Probe], inside_any: bool) -> Weigher:
    """Any of some conditions, asked without a call for each; those that are not the best do not decide."""

    def weigh(household: Values, member: Values) -> Seen:
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


def all_of(parts: list[Weigher]) -> Weigher:
    """All of some parts that are not all conditions."""

    def weigh(household: Values, member: Values) -> Seen:
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


def any_of(parts: list[Weigher]) -> Weigher:
    """Any of some parts that are not all conditions."""

    def weigh(household: Values, member: Values) -> Seen:
        seen = [part(household, member) for part in parts]
        best = min([each[0] for each in seen])
        rows: tuple[ConditionResult, ...] = ()
        other: tuple[ConditionResult, ...] = ()
        for rank, its, its_other in seen:
            rows += its if rank is best else its_other
            other += its_other
        return best, rows, other

    return weigh
