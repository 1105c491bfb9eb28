"""What is received, what one recognition opens, what cannot be had together: reasons beside the verdicts."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from tenants.screening import relations, rules
from tenants.screening.conclusion import conclude
from tenants.screening.values import Condition, Fact, Facts, Group, Policy
from tests.rules.test_screening import CURES, PARAMETERS, POLICIES
from tests.rules.test_screening_always import drawn

DAY = date(2022, 8, 10)
POOR: dict[str, Fact | None] = {
    "household.income_per_capita_month": Decimal(600), "household.assets_within_limit": True,
    "household.recognised": "none",
}  # fmt: skip
OLD: dict[str, Fact | None] = {"person.age": Decimal(72), "person.hukou_local": True}


def judged(facts: Facts) -> tuple[Any, Any]:
    told = rules.judge_all(POLICIES, PARAMETERS, facts)
    return relations.presume(told, relations.asking(POLICIES, PARAMETERS, facts.as_of), facts)


def test_a_policy_that_only_lacks_a_recognition_within_reach_is_not_refused() -> None:
    facts = Facts(DAY, POOR, {"m1": OLD})
    told = {(row.policy_id, row.subject): row for row in rules.judge_all(POLICIES, PARAMETERS, facts)}
    assert (told["dibao", "household"].verdict, told["dibao-extra", "m1"].verdict) == ("eligible", "not_eligible")
    after, found = judged(facts)
    now = {(row.policy_id, row.subject): row for row in after}
    extra = now["dibao-extra", "m1"]
    assert extra.verdict == "actionable"
    assert [row.field for row in extra.cures] == ["household.recognised"]
    assert relations.Relation("presumed", "dibao-extra", "m1", "dibao") in found
    path = next(p for p in conclude(after, POLICIES, facts, CURES).paths if p.id == "household-recognition")
    assert "dibao-extra" in path.policies


def test_nothing_is_presumed_where_no_recognition_is_open() -> None:
    rich = Facts(DAY, {**POOR, "household.income_per_capita_month": Decimal(9000)}, {"m1": OLD})
    assert judged(rich) == (rules.judge_all(POLICIES, PARAMETERS, rich), ())


def test_policies_that_point_at_each_other_do_not_run_in_a_circle() -> None:
    def asks(slug: str, wanted: str) -> Policy:
        return Policy(slug, "household", Group("all", (Condition(relations.RECOGNISED, "in", None, (wanted,)),)))

    pair = (asks("dibao", "dibao_margin"), asks("dibao-margin", "dibao"))
    facts = Facts(DAY, {"household.recognised": "none"}, {"m1": {}})
    told = rules.judge_all(pair, PARAMETERS, facts)
    assert relations.presume(told, relations.asking(pair, PARAMETERS, DAY), facts) == (told, ())


def test_what_is_received_and_what_excludes_it_are_both_named() -> None:
    alone = {**OLD, "person.no_income_source": True, "person.no_supporter": True}
    facts = Facts(DAY, {**POOR, "household.recognised": "dibao"}, {"m1": alone})
    rows = rules.judge_all(POLICIES, PARAMETERS, facts)
    assert relations.received(facts) == (relations.Relation("receives", "dibao", "household"),)
    pairs = {(each.policy, each.other) for each in relations.exclude(rows, facts)}
    assert ("tekun", "dibao") in pairs
    assert {row.verdict for row in rows if row.policy_id in ("tekun", "dibao")} == {"eligible"}, "neither is dropped"


def test_one_persons_benefit_does_not_exclude_anothers() -> None:
    child: dict[str, Fact | None] = {"person.age": Decimal(9), "person.hukou_local": True}
    facts = Facts(DAY, POOR, {
        "m1": {**child, "person.orphan": True, "person.de_facto_unattended": False},
        "m2": {**child, "person.orphan": False, "person.de_facto_unattended": True},
    })  # fmt: skip
    rows = rules.judge_all(POLICIES, PARAMETERS, facts)
    assert not [each for each in relations.exclude(rows, facts) if each.policy == "orphan"]


def test_the_pairs_name_policies_of_the_pack() -> None:
    known = {policy.id for policy in POLICIES}
    assert {slug for one, other, _why in relations.EXCLUSIONS for slug in (one, other)} <= known
    assert set(relations.CLASSES.values()) <= known


@settings(max_examples=40, deadline=None)
@given(drawn())
def test_presuming_never_takes_a_verdict_away(facts: Facts) -> None:
    told = rules.judge_all(POLICIES, PARAMETERS, facts)
    after, _found = relations.presume(told, relations.asking(POLICIES, PARAMETERS, facts.as_of), facts)
    for old, new in zip(told, after, strict=True):
        assert new.verdict == old.verdict or new.verdict == "actionable"
        assert old.verdict not in ("eligible", "near_miss", "not_in_force") or new == old
    assert replace(facts) == facts
