"""Several prices of one service: which one somebody pays, and that nothing is lost when they are kept."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rongjiu.marketplace import costs, rules
from rongjiu.marketplace.costs import Cost

MARKET, DEAR, COST = Cost("market", Decimal(60)), Cost("discount", Decimal(30)), Cost("discount", Decimal("12.50"))
FREE = Cost("free", groups=("severely-disabled",))
AMOUNTS = st.none() | st.decimals(0, 100_000, places=2)
KEPT = st.builds(
    Cost, st.sampled_from(costs.CLASSES), AMOUNTS, AMOUNTS, st.lists(st.text(min_size=1), max_size=2).map(tuple), st.text(),
    st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["", *rules.BEARERS]),
)  # fmt: skip


def test_a_price_for_a_group_is_for_that_group_alone() -> None:
    assert costs.best(MARKET, [FREE, DEAR], {"severely-disabled"}) == FREE
    assert costs.best(MARKET, [FREE, DEAR], {"others"}) == DEAR
    assert costs.best(MARKET, [FREE], set()) == MARKET


def test_the_kinder_class_first_then_the_lower_price() -> None:
    assert costs.best(MARKET, [DEAR, COST], set()) == COST
    assert costs.best(Cost("cost_price", Decimal(80)), [COST], set()).price_class == "cost_price"


@given(KEPT)
def test_what_is_kept_is_read_back(cost: Cost) -> None:
    assert costs.read(costs.written(cost)) == cost


@given(st.lists(KEPT, max_size=3).map(tuple))
def test_terms_keep_their_prices(prices: tuple[Cost, ...]) -> None:
    assert rules.terms(rules.stored(rules.Terms(costs=prices))).costs == prices
