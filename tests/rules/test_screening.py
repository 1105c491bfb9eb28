"""Screening against hand-written expectations, the walk-through's figures, and properties that must always hold."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rongjiu.library.packfiles import read_demo, read_pack
from tenants.screening import freezing, reading, rules
from tenants.screening.conclusion import amount, conclude, hint_words
from tenants.screening.values import Condition, Facts, Policy
from tenants.screening.weighing.conditions import MARGIN

PACK = read_pack()
FIELDS = PACK["eligibility_fields"]["fields"]
CURES = reading.cures_of(PACK["eligibility_fields"]["cures"])
POLICIES = reading.policies_of(PACK["policies"]["policies"])
BY_ID = {policy.id: policy for policy in POLICIES}
PARAMETERS = reading.parameters_of(PACK["parameters"]["parameters"])
ZHOU = read_demo("zhou_case")["screening"]
CASES = json.loads((Path(__file__).parents[1] / "data" / "screening_cases.json").read_text(encoding="utf-8"))["cases"]


def expectations() -> Iterator[Any]:
    sets = [("zhou", ZHOU["inputs"], ZHOU["expected"])] + [(c["id"], c["inputs"], c["expected"]) for c in CASES]
    for case, inputs, expected in sets:
        for row in expected:
            yield pytest.param(inputs, row, id=f"{case}-{row['policy_id']}-{row['subject']}")


def zhou() -> Facts:
    return reading.facts_of(ZHOU["inputs"], FIELDS)


def test_there_are_51_expectations_14_of_them_of_the_zhou_family() -> None:
    assert len(list(expectations())) == 51
    assert len(ZHOU["expected"]) == 14


@pytest.mark.parametrize(("inputs", "row"), list(expectations()))
def test_every_hand_written_expectation_holds(inputs: Any, row: Any) -> None:
    verdicts = rules.judge(BY_ID[row["policy_id"]], PARAMETERS, reading.facts_of(inputs, FIELDS))
    assert [v.verdict for v in verdicts if v.subject == row["subject"]] == [row["verdict"]]


def test_the_zhou_screening_has_167_determinations_and_the_totals_of_the_walk_through() -> None:
    determinations = rules.judge_all(POLICIES, PARAMETERS, zhou())
    assert len(determinations) == 167
    assert sum(row.subject == "household" for row in determinations) == 11
    assert rules.tally(rules.shown(determinations)) == {
        "eligible": 2, "near_miss": 1, "actionable": 7, "need_info": 20, "not_eligible": 18, "not_in_force": 2,
    }  # fmt: skip


def test_dibao_is_410_over_and_dibao_margin_40_over() -> None:
    (dibao,) = rules.judge(BY_ID["dibao"], PARAMETERS, zhou())
    (row,) = dibao.misses
    assert (row.value, row.line, row.distance, row.distance_pct, row.near_line) == (
        1150,
        740,
        410,
        Decimal("55.4"),
        888,
    )
    assert (row.truth, row.param, row.source, row.since) == (
        "missed", "dibao_line_urban_month", "xa-dibao-740", date(2020, 10, 1),
    )  # fmt: skip
    (margin,) = rules.judge(BY_ID["dibao-margin"], PARAMETERS, zhou())
    (row,) = margin.misses
    assert (row.line, row.distance, row.distance_pct, row.near_line) == (1110, 40, Decimal("3.6"), 1332)
    assert (row.truth, row.params) == ("near", ("dibao_line_urban_month", "dibao_margin_multiple"))


def test_what_is_not_set_or_not_known_is_named_beside_the_verdict() -> None:
    (rental,) = rules.judge(BY_ID["public-rental"], PARAMETERS, zhou())
    assert rental.verdict == "need_info"
    assert [(row.param, row.missing) for row in rental.unknowns] == [
        ("housing_income_limit_month", "parameter"), ("housing_area_limit", "parameter"),
    ]  # fmt: skip
    tekun = rules.judge(BY_ID["tekun"], PARAMETERS, zhou())[1]
    assert [(row.field, row.missing) for row in tekun.unknowns] == [
        ("person.no_income_source", "fact"), ("person.no_supporter", "fact"),
    ]  # fmt: skip


def test_an_unknown_stays_visible_beside_a_miss() -> None:
    inputs = {"date": "2022-08-10", "members": {"m1": {"person.hukou_local": True}},
              "household": {"household.income_per_capita_month": 800}}  # fmt: skip
    (verdict,) = rules.judge(BY_ID["dibao"], PARAMETERS, reading.facts_of(inputs, FIELDS))
    assert verdict.verdict == "near_miss"
    assert [row.field for row in verdict.unknowns] == ["household.assets_within_limit"]


def test_the_zhou_conclusion_is_track_zhu_with_five_paths() -> None:
    end = conclude(rules.judge_all(POLICIES, PARAMETERS, zhou()), POLICIES, zhou(), CURES)
    assert (end.track, end.entitled) == ("zhu", ())
    assert [(path.name_zh, path.department_id, path.subjects) for path in end.paths] == [
        ("残疾人证", "cl", ("m1",)),
        ("失业登记", "rsj", ("m3",)),
        ("学校认定", "jyj", ("m4",)),
        ("高龄老人生活保健补贴", "mzj", ("m1", "m2")),
        ("重点人群家庭医生签约服务", "wjj", ("m1", "m2")),
    ]
    assert end.paths[0].policies == ("dibao-single", "disability-care", "assistive-device")
    assert [row.policy_id for row in end.near_misses] == ["dibao-margin"]
    assert end.rescreen == ((date(2023, 1, 1), "family-rights"), (date(2023, 10, 19), "rigid-expense"))
    assert len(end.open) == 20


@pytest.mark.parametrize(
    ("case", "track", "entitled"),
    [
        ("dibao-yes", "jiu", {"dibao"}),
        ("tekun", "jiu", {"dibao", "tekun"}),
        ("fire", "jiu", {"temp-emergency", "humanitarian"}),
        ("age92", "zhu", set()),
        ("outsider", "jiu", {"temp-emergency", "humanitarian"}),
        ("orphan", "jiu", {"premium-aid", "medical-aid", "compulsory-aid"}),
    ],
)
def test_an_eligible_item_of_the_three_assistance_classes_makes_track_jiu(
    case: str, track: str, entitled: set[str]
) -> None:
    facts = reading.facts_of(next(c for c in CASES if c["id"] == case)["inputs"], FIELDS)
    end = conclude(rules.judge_all(POLICIES, PARAMETERS, facts), POLICIES, facts, CURES)
    assert end.track == track
    assert {row.policy_id for row in end.entitled} == entitled


def test_a_recognition_is_a_path_only_where_its_own_policy_is_eligible() -> None:
    inputs = json.loads(json.dumps(ZHOU["inputs"]))
    inputs["household"]["household.income_per_capita_month"] = 1000
    facts = reading.facts_of(inputs, FIELDS)
    end = conclude(rules.judge_all(POLICIES, PARAMETERS, facts), POLICIES, facts, CURES)
    assert end.track == "jiu"
    assert [path.id for path in end.paths][0] == "household-recognition"
    assert "dibao-margin" in {path.id for path in end.paths if path.kind == "apply"}


def test_a_cure_that_no_table_names_speaks_by_its_hint() -> None:
    own = Policy(
        "own", "person", Condition("person.veteran", "is_true", hint="先登记 / register first"), department_id="tyj"
    )
    facts = Facts(date(2022, 8, 10), {}, {"m1": {"person.veteran": False}})
    (path,) = conclude(rules.judge_all([own], {}, facts), [own], facts).paths
    assert (path.name_zh, path.name_en, path.department_id, path.subjects) == (
        "先登记",
        "register first",
        "tyj",
        ("m1",),
    )
    assert hint_words("只有中文") == ("只有中文", "只有中文")


def test_amounts_follow_the_band_and_stay_open_when_not_set() -> None:
    facts = zhou()
    age = amount(BY_ID["age-subsidy"], PARAMETERS, facts, "m1")
    assert (age.value, age.since, age.period) == (100, date(2012, 5, 1), "month")
    care = amount(BY_ID["disability-care"], PARAMETERS, facts, "m1")
    assert (care.param, care.value, care.must_review) == ("disability_care_month_g1", None, True)
    assert amount(BY_ID["employment-help"], PARAMETERS, facts, "m3").param is None


@pytest.mark.parametrize(
    ("day", "value"),
    [("2019-09-30", None), ("2019-10-01", 700), ("2020-09-30", 700), ("2020-10-01", 740), ("2026-01-01", 740)],
)
def test_a_dated_parameter_gives_the_value_in_force_on_the_day(day: str, value: int | None) -> None:
    dated = PARAMETERS["dibao_line_urban_month"].on(date.fromisoformat(day))
    assert (dated and dated.value) == value


def test_a_new_value_of_a_community_counts_from_its_own_day() -> None:
    own = replace(PARAMETERS["dibao_line_urban_month"], value=Decimal(900), since=date(2023, 1, 1))
    assert [own.on(date(year, 6, 1)) and own.on(date(year, 6, 1)).value for year in (2022, 2023)] == [740, 900]  # type: ignore[union-attr]


def test_a_community_that_corrects_or_empties_a_line_is_believed() -> None:
    line, day = PARAMETERS["dibao_line_urban_month"], date(2022, 8, 10)
    corrected = replace(line, value=Decimal(750)).on(day)
    undated = replace(line, value=Decimal(800), since=None).on(day)
    assert corrected and undated and (corrected.value, undated.value) == (750, 800)
    empty = {**PARAMETERS, line.id: replace(line, value=None, since=date(2022, 1, 1))}
    assert rules.judge(BY_ID["dibao"], empty, zhou())[0].verdict == "need_info"


def test_a_policy_that_has_ended_is_not_in_force() -> None:
    ended = replace(BY_ID["dibao"], in_force_to=date(2022, 8, 9))
    assert rules.judge(ended, PARAMETERS, zhou())[0].verdict == "not_in_force"


def test_a_household_of_whom_nobody_is_known_yet_is_asked_about_never_refused() -> None:
    nobody = Facts(date(2022, 8, 10), {}, {})
    assert rules.judge(BY_ID["dibao"], PARAMETERS, nobody)[0].verdict == "need_info"
    assert rules.judge(BY_ID["tekun"], PARAMETERS, nobody) == ()


def test_without_a_margin_a_miss_is_a_miss() -> None:
    parameters = {**PARAMETERS, MARGIN: replace(PARAMETERS[MARGIN], value=None)}
    assert rules.judge(BY_ID["dibao-margin"], parameters, zhou())[0].verdict == "not_eligible"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("person.age", "80"), ("person.age", True), ("person.age", float("nan")), ("person.gender", "f"),
        ("person.hukou_local", 1), ("person.nonsense", 1), ("household.recognised", "none"),
    ],
)  # fmt: skip
def test_a_fact_of_the_wrong_type_never_passes(field: str, value: Any) -> None:
    with pytest.raises(reading.FactError) as caught:
        reading.facts_of({"date": "2022-08-10", "household": {}, "members": {"m1": {field: value}}}, FIELDS)
    assert (caught.value.subject, caught.value.field) == ("m1", field)


def test_a_frozen_verdict_reads_back_the_same() -> None:
    for verdict in rules.judge_all(POLICIES, PARAMETERS, zhou()):
        assert freezing.verdict_from(json.loads(json.dumps(freezing.verdict_record(verdict)))) == verdict
    assert reading.facts_of(json.loads(json.dumps(freezing.facts_record(zhou()))), FIELDS) == zhou()
