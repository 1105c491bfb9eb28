"""Passwords, waits and lengths of a login."""

from datetime import UTC, datetime, timedelta

import pytest

from rongjiu.identity import rules
from rongjiu.oversight.rules import HIDDEN, added, not_yet, people

NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize("password", ["1234567", "password", "Password1", "11111111", "huangyan123", "qwertyuiop"])
def test_short_and_common_passwords_are_refused(password: str) -> None:
    assert rules.password_fault(password)


@pytest.mark.parametrize(
    "password", ["correct horse", "雁塔下的一句话啊", "  spaces  kept  ", "x" * 63 + "y" * 64 + "z"]
)
def test_any_long_sentence_will_do(password: str) -> None:
    assert rules.password_fault(password) is None


def test_no_password_is_cut_off() -> None:
    assert rules.password_fault("ab3" * 43)


def test_ones_own_name_is_no_password() -> None:
    assert rules.password_fault("wangxiaoming", "WangXiaoming")


@pytest.mark.parametrize(
    ("password", "stem"), [("huangyan2026!", "huangyan"), ("2022Baishulin", "baishulin"), ("12345678", "")]
)
def test_the_stem_of_a_password(password: str, stem: str) -> None:
    assert rules.stem(password) == stem


def test_the_wait_grows_but_never_locks_for_good() -> None:
    assert rules.wait_after(9, NOON) is None
    waits = [rules.wait_after(n, NOON) - NOON for n in range(10, 60)]  # type: ignore[operator]
    assert waits[0] == timedelta(minutes=1)
    assert max(waits) == timedelta(minutes=15)


def test_privileged_posts_last_shorter() -> None:
    assert rules.limits("operator").idle < rules.limits("secretary").idle < rules.limits("grid_worker").idle
    assert rules.limits(None).absolute == timedelta(hours=12)


def test_hidden_cells_cannot_be_worked_out() -> None:
    assert people([3, 8, 12]).cells == ("少于5", "8", "12")
    assert people([3, 8, 12]).total == HIDDEN
    assert people([6, 8]).total == "14"
    assert people([3]).total == "少于5"
    assert people([0, 0]).total == "0"
    assert people([4, 4]).total == HIDDEN


def test_sums_and_differences() -> None:
    assert added([{"a": 1, "b": 2}, {"a": 4}]) == {"a": 5, "b": 2}
    assert not_yet(2, 3) == 0
