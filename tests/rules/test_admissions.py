"""The life of an admission: what is drawn is permitted, everything else is refused."""

from datetime import date, timedelta
from itertools import product

import pytest

from rongjiu.marketplace.admissions import rules

DAY = date(2026, 11, 26)
DRAWN = {
    ("", "applied"): "provider secretary system",
    ("applied", "under_review"): "clerk secretary",
    ("applied", "withdrawn"): "provider",
    ("under_review", "approved"): "secretary",
    ("under_review", "denied"): "secretary",
    ("under_review", "withdrawn"): "provider",
    ("approved", "approved"): "secretary",
    ("approved", "active"): "secretary system",
    ("approved", "denied"): "secretary",
    ("approved", "withdrawn"): "provider",
    ("active", "active"): "secretary",
    ("active", "suspended"): "secretary",
    ("active", "expired"): "system",
    ("active", "withdrawn"): "provider",
    ("suspended", "suspended"): "secretary",
    ("suspended", "active"): "secretary",
    ("suspended", "expired"): "system",
    ("suspended", "withdrawn"): "provider",
    ("expired", "active"): "secretary",
    ("expired", "applied"): "provider system",
    ("expired", "withdrawn"): "provider",
    ("denied", "applied"): "provider secretary system",
    ("withdrawn", "applied"): "provider system",
}
ALL = list(product(("", *rules.STATES), rules.STATES, rules.ACTORS))


@pytest.mark.parametrize(("source", "target", "actor"), ALL)
def test_every_pair_of_states(source: str, target: str, actor: str) -> None:
    assert (rules.find(source, target, actor) is not None) == (actor in DRAWN.get((source, target), "").split())


def test_the_printed_table_is_the_table_in_force() -> None:
    rows = rules.as_rows()
    assert all(set(row) == {"from", "to", "actors", "guards", "timer", "effect"} for row in rows)
    assert {(row["from"], row["to"]): " ".join(row["actors"]) for row in rows} == DRAWN  # type: ignore[arg-type]
    assert len(rows) == len(DRAWN), "one row a pair"
    assert {row["timer"] for row in rows if row["to"] == "applied"} == {"admission"}


@pytest.mark.parametrize(
    ("source", "target", "actor", "way"),
    [
        ("", "active", "secretary", "applied under_review approved active"),
        ("applied", "active", "secretary", "under_review approved active"),
        ("applied", "denied", "secretary", "under_review denied"),
        ("denied", "active", "secretary", "applied under_review approved active"),
        ("suspended", "active", "secretary", "active"),
        ("expired", "active", "secretary", "active"),
        ("active", "active", "secretary", "active"),
        ("active", "denied", "secretary", ""),
        ("withdrawn", "active", "secretary", ""),
        ("applied", "active", "clerk", ""),
        ("", "active", "clerk", ""),
    ],
)
def test_one_press_takes_the_shortest_way(source: str, target: str, actor: str, way: str) -> None:
    assert " ".join(rules.way(source, target, actor)) == way


def test_whoever_is_live_waits_for_somebody() -> None:
    assert set(rules.WAITS) == set(rules.LIVE)
    assert all(wait.role and wait.actor and wait.verb for wait in rules.WAITS.values())
    near, far = DAY + timedelta(days=rules.REMIND), DAY + timedelta(days=rules.REMIND + 1)
    assert rules.wait("active", near, DAY) == rules.ENDING
    assert [rules.wait("active", end, DAY) for end in (far, None)] == [None, None]


def test_the_last_day_counts_and_the_day_after_does_not() -> None:
    ends = [None, DAY, DAY - timedelta(days=1)]
    assert [rules.in_force("active", end, DAY) for end in ends] == [True, True, False]
    assert [rules.standing("active", end, DAY) for end in ends] == ["active", "active", "expired"]
    assert rules.standing("suspended", ends[2], DAY) == "expired"
    assert rules.standing("denied", ends[2], DAY) == "denied"
    assert not any(rules.in_force(state, None, DAY) for state in rules.STATES if state != "active")


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (None, None, ""), (0, 0, ""), (1, 400, ""), (-1, None, "starts_on"), (4000, None, "starts_on"),
        (None, -1, "ends_on"), (10, 9, "ends_on"), (None, 4000, "ends_on"),
    ],
)  # fmt: skip
def test_days_that_cannot_be(starts: int | None, ends: int | None, field: str) -> None:
    days = [None if each is None else DAY + timedelta(days=each) for each in (starts, ends)]
    fault = rules.days_fault(days[0], days[1], DAY)
    assert (fault[0] if fault else "") == field
