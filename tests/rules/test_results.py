"""Whose word counts, how a sample is drawn, what a range of savings is. Pure."""

from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from tenants.outcomes import rules

IDS = [UUID(int=n) for n in range(1, 101)]


def test_the_sample_is_the_same_whoever_draws_it_and_in_whatever_order() -> None:
    drawn = rules.sample(IDS, 5, 2, "seed")
    mixed = IDS[:]
    Random(3).shuffle(mixed)
    assert rules.sample(mixed, 5, 2, "seed") == drawn
    assert len(drawn) == 5
    assert rules.sample(IDS, 5, 2, "another") != drawn


@pytest.mark.parametrize(
    ("closed", "percent", "least", "expected"),
    [(0, 5, 2, 0), (1, 5, 2, 1), (10, 5, 2, 2), (41, 5, 2, 3), (100, 100, 2, 100), (100, 1, 1, 1)],
)
def test_the_percentage_is_rounded_up_and_never_below_the_least(
    closed: int, percent: int, least: int, expected: int
) -> None:
    assert len(rules.sample(IDS[:closed], percent, least, "s")) == expected


def test_what_somebody_approved_alone_is_drawn_in_whole_beside_the_lot() -> None:
    lot = rules.sample(IDS, 5, 2, "seed")
    beside = {IDS[3], IDS[70], lot[0]}
    drawn = rules.sample(IDS, 5, 2, "seed", beside)
    assert drawn[:5] == lot
    assert set(drawn) == set(lot) | beside
    assert len(drawn) == len(set(drawn))
    assert rules.sample(IDS[:3], 5, 2, "seed", {UUID(int=999)}) == rules.sample(IDS[:3], 5, 2, "seed")


@pytest.mark.parametrize(
    ("by", "result", "by_before", "before", "expected"),
    [
        ("worker", "solved", "", "", True),
        ("worker", "solved", "resident", "not_solved", False),
        ("resident", "not_solved", "worker", "solved", True),
        ("audit", "not_solved", "resident", "solved", True),
        ("resident", "solved", "audit", "not_solved", False),
        ("audit", "unknown", "resident", "solved", False),
        ("worker", "partly", "worker", "solved", True),
    ],
)
def test_the_family_speaks_over_the_worker_and_the_audit_over_both(
    by: str, result: str, by_before: str, before: str, expected: bool
) -> None:
    assert rules.overrules(by, result, by_before, before) is expected


def test_a_saving_is_a_range_and_its_upper_end_not_below_the_lower() -> None:
    parts = [rules.Saving("a", Decimal(90), "x", Decimal(120)), rules.Saving("b", Decimal(10), "x")]
    assert (rules.total(parts), rules.total_high(parts)) == (100, 130)
    assert rules.faults(parts) is None
    wrong = rules.faults([rules.Saving("a", Decimal(90), "x", Decimal(80))])
    assert wrong is not None
    assert wrong[0] == "savings-0-high"
    assert rules.unpriced_badly(["陪聊天"] * 20) is None
    assert rules.unpriced_badly(["陪聊天"] * 21)
    assert rules.unpriced_badly(["x" * 61])


def test_rates_of_nothing_are_nothing() -> None:
    assert rules.Rates.percent(0, 0) is None
    assert rules.Rates.percent(2, 3) == 67
