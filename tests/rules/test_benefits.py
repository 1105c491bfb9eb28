"""When a benefit is in force, when it ends, and what it says in a screening."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

import pytest

from tenants.benefits import rules
from tenants.benefits.rules import WHOLE, Held
from tenants.rescreening import rules as rescreening
from tenants.screening import relations
from tenants.screening.conclusion import conclude
from tenants.screening.rules import judge_all
from tenants.screening.values import Facts
from tests.rules.test_relations import OLD, POOR
from tests.rules.test_screening import CURES, PARAMETERS, POLICIES

DAY = date(2026, 11, 26)
END = date(2026, 12, 31)
DIBAO = Held("dibao", WHOLE, date(2026, 1, 1), END)


def test_the_last_day_still_counts_and_the_day_after_does_not() -> None:
    assert rules.in_force(DIBAO, END) and not rules.in_force(DIBAO, END + timedelta(days=1))
    assert rules.in_force(DIBAO, date(2026, 1, 1)) and not rules.in_force(DIBAO, date(2025, 12, 31))
    assert rules.in_force(Held("dibao", WHOLE), DAY), "nothing is known of when: it stands for every day"


def test_what_goes_on_by_another_entry_does_not_end() -> None:
    renewed = Held("dibao", WHOLE, END + timedelta(days=1), date(2027, 12, 31))
    assert [day for day, _ in rules.ends([DIBAO])] == [date(2027, 1, 1)]
    assert [day for day, _ in rules.ends([DIBAO, renewed])] == [date(2028, 1, 1)]
    gap = Held("dibao", WHOLE, END + timedelta(days=2))
    other = Held("tekun", WHOLE, END)
    assert [day for day, _ in rules.ends([DIBAO, gap, other])] == [date(2027, 1, 1)], "a day without is an end"


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [
        (None, None, "since"),
        (date(1980, 1, 1), None, "since"),
        (DAY + timedelta(days=900), None, "since"),
        (END, DAY, "until"),
        (DAY, date(2090, 1, 1), "until"),
        (DAY, DAY, ""),
        (DAY, None, ""),
    ],
)
def test_an_impossible_period_names_its_field(since: date | None, until: date | None, field: str) -> None:
    fault = rules.period_fault(since, until, DAY)
    assert (fault[0] if fault else "") == field


def test_two_entries_of_one_benefit_must_not_share_a_day() -> None:
    assert rules.overlaps(DIBAO, Held("dibao", WHOLE, END))
    assert not rules.overlaps(DIBAO, Held("dibao", WHOLE, END + timedelta(days=1)))
    assert not rules.overlaps(DIBAO, Held("dibao", "m1", END))


def test_about_to_lose_counts_from_the_days_ahead_and_lost_from_the_first_day_without() -> None:
    def kinds(today: date) -> list[tuple[str, date]]:
        return [(each.kind, each.on) for each in rescreening.endings([DIBAO], today, today + timedelta(days=60))]

    first = date(2027, 1, 1)
    assert kinds(first - timedelta(days=61)) == []
    assert kinds(first - timedelta(days=60)) == [("will_lose", first)]
    assert kinds(END) == [("will_lose", first)]
    assert kinds(first) == [("lost", first)] == kinds(first + timedelta(days=6))
    assert kinds(first + timedelta(days=7)) == []


def test_who_receives_a_policy_is_not_newly_reached_by_it() -> None:
    assert rescreening.changes({}, {"dibao": "e"}, DAY, {"dibao"}) == []
    assert [each.kind for each in rescreening.changes({}, {"dibao": "e"}, DAY, {"tekun"})] == ["reached"]
    assert [each.kind for each in rescreening.changes({"dibao": "e"}, {}, DAY, {"dibao"})] == ["lost"]
    assert rescreening.ahead({}, {"dibao": "e"}, DAY, {"dibao"}) == []
    raised = rescreening.changes({"age-subsidy": "e:a"}, {"age-subsidy": "e:b"}, DAY, {"age-subsidy"})
    assert [each.kind for each in raised] == ["amount"], "another amount is news to who receives it too"


def facts(told: str | None, day: date = DAY) -> Facts:
    return Facts(day, {**POOR, relations.RECOGNISED: told}, {"m1": OLD})


def test_a_benefit_in_force_says_the_class_of_the_household_with_its_reason() -> None:
    known, why = relations.receiving(facts("none"), [DIBAO], DAY)
    assert known.household[relations.RECOGNISED] == "dibao"
    assert [(each.field, each.value) for each in why] == [(relations.RECOGNISED, "dibao")]
    assert relations.received(known) == (relations.Relation("receives", "dibao", "household", until="2026-12-31"),)
    assert relations.receiving(facts("dibao"), [DIBAO], DAY)[1] == (), "what was told needs no second reason"


def test_a_class_told_before_its_benefit_ended_is_not_known_afterwards() -> None:
    after = END + timedelta(days=1)
    assert relations.receiving(facts("dibao", after), [DIBAO], DAY)[0].household[relations.RECOGNISED] is None
    assert relations.receiving(facts("dibao", after), [DIBAO], after)[0].household[relations.RECOGNISED] == "dibao"
    other = relations.receiving(facts("tekun", after), [DIBAO], DAY)[0]
    assert other.household[relations.RECOGNISED] == "tekun", "another class has nothing to do with it"


def test_what_is_received_already_is_no_way_to_walk() -> None:
    known, _why = relations.receiving(facts("none"), [DIBAO], DAY)
    ways = {path.id for path in conclude(judge_all(POLICIES, PARAMETERS, known), POLICIES, known, CURES).paths}
    fresh = conclude(judge_all(POLICIES, PARAMETERS, facts("none")), POLICIES, facts("none"), CURES)
    assert "dibao" in {path.id for path in fresh.paths} and "dibao" not in ways
    assert POOR["household.income_per_capita_month"] == Decimal(600)


def test_what_was_only_told_counts_and_is_marked_in_the_screening() -> None:
    sure, told = Held("dibao", WHOLE, date(2026, 1, 1)), Held("dibao", WHOLE, date(2026, 1, 1), unchecked=True)
    for held, mark, reason in (([sure], False, relations.RECEIVED), ([told], True, relations.TOLD)):
        facts, implied = relations.receiving(Facts(as_of=DAY, household={}, members={}), held, None)
        assert [each.reason for each in implied] == [reason]
        assert [(each.policy, each.unchecked) for each in relations.received(facts)] == [("dibao", mark)]
    assert relations.Relation(kind="receives", policy="dibao", subject=WHOLE).unchecked is False, "as frozen earlier"


LINE = Held("dibao", WHOLE, date(2026, 6, 1), END, waiting=True)


class Entry(NamedTuple):
    since: date = date(2026, 6, 1)
    until: date | None = END
    waiting: bool = False
    struck_at: datetime | None = None


@pytest.mark.parametrize(
    ("row", "day", "status"),
    [
        (Entry(), DAY, "enrolled"),
        (Entry(waiting=True), DAY, "on-waitlist"),
        (Entry(waiting=True, until=None), DAY, "on-waitlist"),
        (Entry(), date(2026, 5, 31), "not-enrolled"),
        (Entry(), END + timedelta(days=1), "not-enrolled"),
        (Entry(waiting=True), END + timedelta(days=1), "not-enrolled"),
        (Entry(struck_at=datetime(2026, 7, 1, tzinfo=UTC)), DAY, "not-enrolled"),
        (Entry(waiting=True, struck_at=datetime(2026, 7, 1, tzinfo=UTC)), DAY, "not-enrolled"),
    ],
)
def test_an_entry_is_enrolled_not_enrolled_or_on_the_waitlist(row: Entry, day: date, status: str) -> None:
    assert rules.status(row, day) == status


def test_who_waits_in_line_does_not_receive_and_has_nothing_to_lose() -> None:
    assert rules.waits(LINE, DAY) and not rules.in_force(LINE, DAY) and rules.on([LINE], DAY) == ()
    assert not rules.waits(DIBAO, DAY) and not rules.waits(LINE, END + timedelta(days=1))
    assert rules.ends([LINE]) == [] and rescreening.endings([LINE], END, END + timedelta(days=60)) == []
    beside = Held("dibao", WHOLE, END, waiting=True)
    assert [day for day, _ in rules.ends([DIBAO, beside])] == [date(2027, 1, 1)], "a place in line carries nothing on"


def test_a_place_in_line_is_no_recognition_and_no_way_to_walk() -> None:
    known, why = relations.receiving(facts("none"), [LINE], DAY)
    assert (known.household[relations.RECOGNISED], why, relations.received(known)) == ("none", (), ())
    assert relations.in_line(known) == (relations.Relation("waits", "dibao", WHOLE, since="2026-06-01"),)
    ways = {path.id for path in conclude(judge_all(POLICIES, PARAMETERS, known), POLICIES, known, CURES).paths}
    assert "dibao" not in ways, "it was asked for already"
    later = facts("dibao", END + timedelta(days=1))
    assert relations.receiving(later, [LINE], DAY)[0].household[relations.RECOGNISED] == "dibao", "no benefit ended"
    both = relations.receiving(facts("none"), [LINE, DIBAO], DAY)[0]
    assert relations.in_line(both) == () and [each.policy for each in relations.received(both)] == ["dibao"]
