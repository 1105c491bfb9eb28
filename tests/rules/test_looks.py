"""When a missed policy is looked at again: on the day it turns by itself, else on the review, else after the wait."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tenants.screening import freezing, rules
from tenants.screening.conclusion import MISSED, WHY, Look, conclude, looks, reviewed
from tenants.screening.means import birthday
from tenants.screening.values import Dated, Fact, Facts
from tests.rules.test_relations import POOR
from tests.rules.test_screening import CURES, PARAMETERS, POLICIES, zhou

DAY = date(2026, 11, 26)
WAIT = date(2027, 5, 26)
LINE = "dibao_line_urban_month"
ZHOU = rules.judge_all(POLICIES, PARAMETERS, zhou())


def elder(age: int) -> Facts:
    told: dict[str, Fact | None] = {"person.age": Decimal(age), "person.hukou_local": True}
    return Facts(DAY, POOR, {"m1": told})


def test_every_missed_policy_and_no_other_has_a_day() -> None:
    found = looks(ZHOU, PARAMETERS, {}, [], DAY, WAIT)
    assert set(found) == {row.policy_id for row in rules.shown(ZHOU) if row.verdict in MISSED}
    assert len(found) == 19
    assert set(found.values()) == {Look(WAIT)}, "nothing is dated: each waits"
    assert set(WHY) == {"age", "line", "policy", "review", "wait"}


def test_who_lacks_an_age_is_looked_at_on_that_birthday_and_not_years_ahead() -> None:
    rows = rules.judge_all(POLICIES, PARAMETERS, elder(69))
    soon = looks(rows, PARAMETERS, {"m1": date(1957, 3, 1)}, [], DAY, WAIT)
    assert soon["age-subsidy"] == Look(date(2027, 3, 1), "age")
    assert looks(rows, PARAMETERS, {}, [], DAY, WAIT)["age-subsidy"] == Look(WAIT), "no birth date, no birthday"
    far = looks(rules.judge_all(POLICIES, PARAMETERS, elder(60)), PARAMETERS, {"m1": date(1966, 3, 1)}, [], DAY, WAIT)
    assert far["age-subsidy"] == Look(WAIT)


def test_a_line_that_is_to_move_and_a_version_that_is_to_begin_bring_the_day_forward() -> None:
    day = DAY + timedelta(days=40)
    line = PARAMETERS[LINE]
    moved = {**PARAMETERS, LINE: replace(line, history=(*line.history, Dated(day, Decimal(900))))}
    found = looks(ZHOU, moved, {}, [(day + timedelta(days=9), "dibao"), (day, "no-such")], DAY, WAIT)
    assert found["dibao"] == found["dibao-margin"] == Look(day, "line")
    later = [(day - timedelta(days=1), "dibao"), (DAY, "dibao-margin")]
    found = looks(ZHOU, moved, {}, later, DAY, WAIT)
    assert found["dibao"] == Look(day - timedelta(days=1), "policy"), "the earliest of the days counts"
    assert found["dibao-margin"] == Look(day, "line"), "today is no day to come"
    assert found["orphan"] == Look(WAIT), "another policy does not move with it"


def test_a_review_comes_in_place_of_a_bare_wait_only() -> None:
    found = {"dibao": Look(DAY, "line"), "orphan": Look(WAIT)}
    assert reviewed(found, None) == found
    assert reviewed(found, DAY + timedelta(days=90)) == {
        "dibao": Look(DAY, "line"), "orphan": Look(DAY + timedelta(days=90), "review"),
    }  # fmt: skip


def test_the_days_are_frozen_with_the_screening_and_older_ones_have_none() -> None:
    facts, found = zhou(), looks(ZHOU, PARAMETERS, {}, [], DAY, WAIT)
    record = freezing.inputs_record(
        facts, ZHOU, POLICIES, PARAMETERS, conclude(ZHOU, POLICIES, facts, CURES), looks=found
    )
    assert freezing.inputs_from(record).looks == found
    del record["looks"]
    assert freezing.inputs_from(record).looks == {}


def test_a_birthday_of_29_february_is_1_march_in_a_common_year() -> None:
    assert birthday(date(1948, 2, 29), 2028) == date(2028, 2, 29)
    assert birthday(date(1948, 2, 29), 2027) == date(2027, 3, 1)
