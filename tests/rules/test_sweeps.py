"""When a door is done, when it may be given up, and what a certificate says."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongjiu.clock import ZONE
from tenants.sweeps import certificates, rules
from tenants.sweeps.entitled.rules import may_become
from tenants.sweeps.rules import Blocker, Soul, StopNow, Waits

WAITS = Waits()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of August 2026; the 3rd is a Monday."""
    return datetime(2026, 8, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "evening"),
    [(at(3, 17, 59), False), (at(3, 18), True), (at(3, 9), False), (at(8, 10), True), (at(9, 10), True)],
)
def test_evenings_and_weekends(moment: datetime, evening: bool) -> None:
    assert rules.is_evening(moment) is evening


@pytest.mark.parametrize(
    ("tries", "lacking"),
    [
        ([], (3, 2, 1)), ([at(3, 9)], (2, 1, 1)), ([at(3, 9), at(3, 15), at(3, 19)], (0, 1, 0)),
        ([at(3, 9), at(4, 9), at(5, 9)], (0, 0, 1)), ([at(3, 9), at(4, 9), at(5, 19)], (0, 0, 0)),
        ([at(3, 19), at(3, 19, 10), at(3, 19, 50), at(4, 9)], (1, 0, 0)), ([at(8, 9), at(9, 9), at(9, 15)], (0, 0, 0)),
    ],
)  # fmt: skip
def test_a_door_is_given_up_only_after_tries_on_different_days_and_hours(
    tries: list[datetime], lacking: tuple[int, int, int]
) -> None:
    found = rules.lacking(tries, WAITS)
    assert (found.tries, found.days, found.evenings) == lacking
    assert found.nothing is (lacking == (0, 0, 0))


def test_the_next_try_is_computed() -> None:
    assert rules.go_again("planned", [], None, WAITS, date(2026, 8, 3)) == rules.Again(date(2026, 8, 3), False)
    again = rules.go_again("not_home", [at(3, 9)], None, WAITS, date(2026, 8, 3))
    assert again == rules.Again(date(2026, 8, 4), True)
    assert rules.go_again("not_home", [at(3, 19)], None, WAITS, date(2026, 8, 6)) == rules.Again(
        date(2026, 8, 6), False
    )
    put_off = rules.go_again("deferred", [at(3, 9)], date(2026, 8, 7), WAITS, date(2026, 8, 4))
    assert put_off == rules.Again(date(2026, 8, 7), False)


def test_whom_nobody_answered_for_is_not_asked_yet() -> None:
    assert rules.settled("visited", {"a": "seen"}, ["a", "b"]) == {"a": "seen", "b": "unasked"}
    assert rules.settled("moved", {"a": "died"}, ["a", "b"]) == {"a": "died", "b": "moved"}
    assert rules.settled("refused", {}, ["a"]) == {"a": "refused"}
    assert rules.settled("not_home", {}, ["a"]) == {}
    assert rules.state_after("visited", ["seen", "unasked"]) == "deferred"
    assert rules.state_after("vacant", ["unasked"]) == "deferred"
    assert rules.state_after("vacant", []) == "vacant"


def test_what_keeps_a_courtyard_open_is_named() -> None:
    doors = [
        StopNow("1", "h1", "1", "visited", (Soul("p", "seen"), Soul("q", ""))), StopNow("2", "h2", "1", "not_home"),
        StopNow("3", "h3", "1", "unreached", (Soul("r", "unreached"),)), StopNow("", "h4", "2", ""),
        StopNow("5", "h5", "1", "vacant"),
    ]  # fmt: skip
    assert rules.blockers(doors) == [
        Blocker("person", "h1", "visited", "q"), Blocker("open", "h2", "not_home"), Blocker("forgotten", "h4", ""),
    ]  # fmt: skip


@given(st.lists(st.sampled_from(rules.STATES), max_size=60))
def test_coverage_never_counts_an_unreached_or_open_door(states: list[str]) -> None:
    covered, whole = rules.coverage(states)
    assert covered == sum(states.count(each) for each in ("visited", "refused", "moved", "vacant"))
    assert (rules.percent(covered, whole) == 100) is (covered == whole > 0)


def test_a_sheet_changes_a_done_door_only_for_those_who_lack_a_result() -> None:
    assert rules.takes("planned", "not_home", False) and rules.takes("deferred", "visited", False)
    assert not rules.takes("visited", "moved", False) and not rules.takes("visited", "not_home", True)
    assert rules.takes("visited", "visited", True)
    assert rules.takes("unreached", "visited", False) and not rules.takes("unreached", "not_home", False)


def test_a_certificate_counts_per_building_and_names_what_changed() -> None:
    doors = [
        StopNow("1", "h1", "3", "visited", (Soul("p", "seen"), Soul("q", "told"))), StopNow("2", "h2", "3", "unreached"),
        StopNow("3", "h3", "", "vacant"),
    ]  # fmt: skip
    stated = certificates.certificate(doors)
    assert stated["buildings"] == {"": {"vacant": 1}, "3": {"unreached": 1, "visited": 1}}
    assert (stated["doors"], stated["covered"], stated["percent"]) == (3, 2, 66)
    assert stated["people"] == {"seen": 1, "told": 1}
    assert certificates.differences(stated, certificates.certificate(doors[::-1])) == []
    assert certificates.rows_digest(doors) == certificates.rows_digest(doors[::-1])
    changed = [StopNow("1", "h1", "3", "visited", (Soul("p", "moved"), Soul("q", "told"))), *doors[1:]]
    assert "door 1: changed" in certificates.differences(stated, certificates.certificate(changed))
    assert certificates.rows_digest(doors) != certificates.rows_digest(changed)
    fewer = certificates.differences(stated, certificates.certificate(doors[:2]))
    assert "door 3: missing" in fewer and "building -: missing" in fewer


def test_what_follows_what_on_the_list_of_the_entitled() -> None:
    assert may_become("possible", "found") and may_become("refused", "applied")
    assert not may_become("possible", "granted") and not may_become("granted", "refused")


def test_the_words_for_the_clerk_hold_codes_in_words() -> None:
    said = rules.signal_words("3-2-501", ["did_not_know", "did_not_know"], {"illness"}, ["gas"], "一句话")
    assert said == "3-2-501；疑似漏保漏救 2 人（不知道有政策）；困难：疾病；隐患：燃气；备注：一句话"
