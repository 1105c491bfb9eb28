"""What must hold of screening whatever the facts are: order, more knowledge, nothing known, lines, dated values."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.screening import rules
from tenants.screening.values import Condition, Dated, Facts, Group, Line, Parameter, Policy
from tenants.screening.weighing.conditions import MARGIN
from tests.rules.test_screening import BY_ID, FIELDS, PARAMETERS, POLICIES

_VALUES = {
    "bool": lambda row: st.booleans(),
    "number": lambda row: st.integers(0, 4000).map(Decimal) | st.decimals(0, 120, places=1),
    "enum": lambda row: st.sampled_from(row["values"]),
}


def _known(scope: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={
        row["id"]: _VALUES[row["type"]](row) for row in FIELDS if row["scope"] == scope
    })  # fmt: skip


@st.composite
def drawn(draw: st.DrawFn) -> Facts:
    """A family of one to three with some facts known."""
    members = {f"m{n}": draw(_known("person")) for n in range(1, draw(st.integers(1, 3)) + 1)}
    return Facts(draw(st.dates(date(2015, 1, 1), date(2026, 1, 1))), draw(_known("household")), members)


def _turned(node: Condition | Group) -> Condition | Group:
    if isinstance(node, Condition):
        return node
    return Group(node.combinator, tuple(_turned(part) for part in reversed(node.parts)))


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_the_order_of_conditions_and_members_never_matters(facts: Facts) -> None:
    turned = [replace(policy, criteria=_turned(policy.criteria)) for policy in POLICIES]
    back = Facts(facts.as_of, facts.household, dict(reversed(facts.members.items())))
    one = {(v.policy_id, v.subject): v.verdict for v in rules.judge_all(POLICIES, PARAMETERS, facts)}
    two = {(v.policy_id, v.subject): v.verdict for v in rules.judge_all(turned, PARAMETERS, back)}
    assert one == two


@settings(max_examples=40, deadline=None)
@given(drawn(), st.data())
def test_a_new_fact_never_overturns_a_definite_verdict(facts: Facts, data: st.DataObject) -> None:
    """eligible and not_eligible hold whatever else is learned; so need_info was never a hidden no."""
    household = {**data.draw(_known("household")), **facts.household}
    members = {who: {**data.draw(_known("person")), **known} for who, known in facts.members.items()}
    after = rules.judge_all(POLICIES, PARAMETERS, Facts(facts.as_of, household, members))
    for old, new in zip(rules.judge_all(POLICIES, PARAMETERS, facts), after, strict=True):
        if old.verdict in ("eligible", "not_eligible", "not_in_force"):
            assert new.verdict == old.verdict, old.policy_id
        if old.verdict in ("near_miss", "actionable") and isinstance(BY_ID[old.policy_id].criteria, Condition):
            assert new.verdict == old.verdict


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_nothing_known_is_never_refused_and_a_verdict_without_unknowns_asks_nothing(facts: Facts) -> None:
    for verdict in rules.judge_all(POLICIES, PARAMETERS, Facts(facts.as_of, {}, {who: {} for who in facts.members})):
        assert verdict.verdict in ("need_info", "not_in_force")
    for verdict in rules.judge_all(POLICIES, PARAMETERS, facts):
        assert bool(verdict.unknowns) or verdict.verdict != "need_info"
        assert bool(verdict.misses) == (verdict.verdict in ("near_miss", "actionable", "not_eligible"))


@given(st.decimals(0, 5000, places=2), st.decimals(0, 5000, places=2), st.sampled_from(["lt", "lte", "gt", "gte"]),
       st.decimals(1, 3000, places=1))  # fmt: skip
def test_a_line_is_monotone(one: Decimal, two: Decimal, op: str, line: Decimal) -> None:
    """Moving to the good side of a line never makes the result worse, and the distance never greater."""
    policy = Policy("p", "household", Condition("household.x", op, Line(param="line"), near=True))
    parameters = {"line": Parameter("line", line), MARGIN: PARAMETERS[MARGIN]}
    order = ["eligible", "near_miss", "not_eligible"]
    low, high = (
        rules.judge(policy, parameters, Facts(date(2022, 8, 10), {"household.x": value}, {}))[0]
        for value in sorted((one, two))
    )
    better, worse = (low, high) if op in ("lt", "lte") else (high, low)
    assert order.index(better.verdict) <= order.index(worse.verdict)
    assert better.conditions[0].distance <= worse.conditions[0].distance  # type: ignore[operator]


@given(st.lists(st.dates(date(2015, 1, 1), date(2025, 1, 1)), min_size=1, unique=True), st.dates(date(2014, 1, 1)))
def test_a_history_gives_the_latest_value_not_after_the_day(days: list[date], day: date) -> None:
    parameter = Parameter("p", None, date.max, tuple(Dated(since, Decimal(since.toordinal())) for since in days))
    found = parameter.on(day)
    past = [since for since in days if since <= day]
    assert (found.since if found else None) == (max(past) if past else None)
