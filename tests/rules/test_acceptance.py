"""States, days, levels and addresses of track 救, pure."""

from datetime import date
from decimal import Decimal

import pytest

from rongjiu.policies.rules import url_fault
from tenants.acceptance import rules

STATES = ("requested", "accepted", "in-progress", "on-hold", "completed", "cancelled")


def test_nothing_leaves_an_end_and_silence_moves_nothing() -> None:
    for verb in rules.MOVES:
        for state in ("completed", "cancelled"):
            assert rules.target(verb, state) is None
    assert {move.actor for move in rules.MOVES.values()} == {"desk", "sender"}


def test_each_open_state_has_somebody_who_may_act() -> None:
    for state in rules.OPEN:
        assert rules.verbs_for(state, "desk" if state != "on-hold" else "sender")
    assert rules.verbs_for("requested", "desk") == ["accept", "ask_papers", "refuse"]
    assert rules.target("supply", "on-hold", "in-progress") == "in-progress"
    assert rules.target("grant", "requested") is None


@pytest.mark.parametrize(("most", "levels"), [(2, [0, 0, 1, 1, 2, 2, 2]), (1, [0, 1, 2, 2]), (3, [0, 0, 0, 1])])
def test_so_many_chases_precede_each_step_up(most: int, levels: list[int]) -> None:
    assert [rules.level(number, most) for number in range(1, len(levels) + 1)] == levels


def test_days() -> None:
    last, today = date(2026, 1, 5), date(2026, 1, 9)
    assert rules.day_fault(date(2026, 1, 5), last, today) is None
    assert rules.day_fault(today, last, today) is None
    assert rules.day_fault(None, last, today)
    assert rules.day_fault(date(2026, 1, 10), last, today)
    assert rules.day_fault(date(2026, 1, 4), last, today)


def test_amounts() -> None:
    assert rules.amount_fault(Decimal(0)) is None
    assert rules.amount_fault(Decimal("NaN")) is not None
    for bad in (None, Decimal("-0.01"), Decimal(1_000_001)):
        assert rules.amount_fault(bad)


@pytest.mark.parametrize("url", ["", "https://zwfw.example.cn/a?b=1", "http://10.0.0.1.example/x"])
def test_addresses_that_may_stand(url: str) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.cn", "https://", "https://u:p@x.cn"])
def test_addresses_that_may_not(url: str) -> None:
    assert url_fault(url)


@pytest.mark.parametrize(
    ("current", "standing", "refused", "after"),
    [("", True, False, "jiu"), ("zhu", True, False, "both"), ("both", True, True, "both"), ("both", False, True, "zhu"),
     ("jiu", False, True, "zhu"), ("both", False, False, "zhu"), ("jiu", False, False, "jiu")],
)  # fmt: skip
def test_tracks(current: str, standing: bool, refused: bool, after: str) -> None:
    assert rules.track(current, standing=standing, refused=refused) == after
