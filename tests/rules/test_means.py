"""Income and rigid expenses by the month: sums of several months are averaged, the share follows from the lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.screening.means import MONTHS, MOST_RATIO, ExpenseLine, as_facts, earned, figures, rigid_ratio

MONEY = st.decimals(0, 99_999, places=2)


def test_a_year_of_a_business_and_a_monthly_pension_are_averaged_per_head() -> None:
    lines = [earned("a", "pension", Decimal(1200), 1), earned("b", "business", Decimal(10_000), 12)]
    kept = figures(lines, 2, None, [ExpenseLine("medical", Decimal(7200), 12), ExpenseLine("housing", Decimal(400), 1)])
    assert (kept["month"], kept["per_capita_month"]) == ("2033.33", "1016.67")
    assert kept["lines"][1] == {"member": "b", "kind": "business", "month": "833.33", "months": 12, "total": "10000"}
    assert as_facts(kept)["household.rigid_expense_ratio"] == Decimal("0.4918"), "(600 + 400) / 2033.33"


@pytest.mark.parametrize(
    ("income", "spent", "share"), [("0", "100", MOST_RATIO), ("0", "0", Decimal(0)), ("1", "999", MOST_RATIO)]
)
def test_expenses_without_income_are_the_highest_share(income: str, spent: str, share: Decimal) -> None:
    assert rigid_ratio([earned("a", "wages", Decimal(income), 1)], [ExpenseLine("care", Decimal(spent), 1)]) == share


def test_nothing_told_of_expenses_is_unknown_and_a_share_told_stands() -> None:
    lines = [earned("a", "wages", Decimal(1000), 1)]
    assert rigid_ratio(lines, []) is None
    assert figures(lines, 1, None)["rigid_expense_ratio"] is None
    assert figures(lines, 1, Decimal(62))["rigid_expense_ratio"] == "0.62"


@given(MONEY, st.sampled_from(MONTHS), MONEY, st.sampled_from(MONTHS))
def test_more_expenses_never_lower_the_share(one: Decimal, span: int, more: Decimal, other: int) -> None:
    lines = [earned("a", "wages", Decimal(3000), 1)]
    first = ExpenseLine("school", one, span)
    before, after = rigid_ratio(lines, [first]), rigid_ratio(lines, [first, ExpenseLine("care", more, other)])
    assert before is not None and after is not None
    assert before <= after
