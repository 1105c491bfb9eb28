"""What follows from other facts: by stated rules, with reasons, never over what was told."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.screening import reading, rules
from tenants.screening.implied import RULES, imply
from tenants.screening.values import Fact, Facts
from tests.rules.test_screening import BY_ID, FIELDS, PARAMETERS, POLICIES, zhou
from tests.rules.test_screening_always import drawn

DAY = date(2022, 8, 10)


def one(**values: Fact) -> dict[str, Fact | None]:
    """What follows for one member of whom these facts are known."""
    known = {f"person.{name}": value for name, value in values.items()}
    after, _added = imply(Facts(DAY, {}, {"m1": known}))
    return {name.removeprefix("person."): value for name, value in after.members["m1"].items() if name not in known}


def test_an_old_woman_is_no_orphaned_child_and_not_at_school() -> None:
    found = one(age=Decimal(81))
    assert (found["orphan"], found["de_facto_unattended"], found["student_stage"]) == (False, False, "none")
    assert found["school_hardship_recognised"] is False, "a rule may rest on an earlier one"


def test_no_certificate_no_grade_and_no_grade_no_certificate() -> None:
    assert one(has_disability_cert=False)["disability_grade"] == 0
    assert one(disability_grade=Decimal(0))["has_disability_cert"] is False
    told = one(has_disability_cert=False, disability_grade=Decimal(1))
    assert "disability_grade" not in told, "an assessed grade without a certificate stands"


@pytest.mark.parametrize("age", [16, 17])
def test_a_youth_may_work_and_is_still_a_child(age: int) -> None:
    found = one(age=Decimal(age))
    assert not {"orphan", "registered_unemployed", "student_stage"} & set(found)


def test_every_rule_speaks_of_a_fact_of_the_vocabulary_with_a_value_of_its_type() -> None:
    known = {row["id"]: row for row in FIELDS}
    for rule in RULES:
        assert reading.fact(known[rule.field], "m1", rule.value) == rule.value
        assert rule.reason


def test_the_zhou_family_is_asked_less_and_refused_nothing_it_could_get() -> None:
    after, added = imply(zhou())
    before = rules.shown(rules.judge_all(POLICIES, PARAMETERS, zhou()))
    then = {each.policy_id: each.verdict for each in rules.shown(rules.judge_all(POLICIES, PARAMETERS, after))}
    assert sum(verdict == "need_info" for verdict in then.values()) == 13
    for each in before:
        if each.verdict != "need_info":
            assert then[each.policy_id] == each.verdict
        else:
            assert then[each.policy_id] in ("need_info", "not_eligible")
    assert {each.reason for each in added if each.subject == "m2"} >= {"已满 18 岁，不属于儿童"}


@settings(max_examples=60, deadline=None)
@given(drawn(), st.data())
def test_what_was_told_stands_and_asking_twice_adds_nothing(facts: Facts, data: st.DataObject) -> None:
    after, added = imply(facts)
    assert all(after.household[name] == value for name, value in facts.household.items() if value is not None)
    for who, known in facts.members.items():
        assert all(after.members[who][name] == value for name, value in known.items() if value is not None)
    assert imply(after) == (after, ())
    assert len({(each.subject, each.field) for each in added}) == len(added)
    policy = BY_ID[data.draw(st.sampled_from(sorted(BY_ID)))]
    for old, new in zip(rules.judge(policy, PARAMETERS, facts), rules.judge(policy, PARAMETERS, after), strict=True):
        if old.verdict in ("eligible", "not_eligible", "not_in_force"):
            assert new.verdict == old.verdict


def test_a_table_serves_one_day_and_keeps_truths_apart_from_numbers() -> None:
    table = rules.Table(POLICIES, PARAMETERS, DAY)
    assert table.judge(zhou()) == rules.judge_all(POLICIES, PARAMETERS, zhou())
    assert table.judge(zhou()) == table.judge(replace(zhou())), "the second time from what is kept"
    with pytest.raises(ValueError, match="table of"):
        table.judge(replace(zhou(), as_of=date(2022, 8, 11)))
    only = rules.Table([BY_ID["family-doctor"]], PARAMETERS, DAY)
    assert only.judge(Facts(DAY, {}, {"m1": {"person.age": Decimal(1)}}))[0].verdict == "need_info"
    with pytest.raises(TypeError):
        only.judge(Facts(DAY, {}, {"m1": {"person.age": True}}))
