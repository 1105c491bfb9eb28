"""The arithmetic of a survey, what may be asked, what an answer must be."""

from typing import Any

import pytest

from rongjiu.errors import Refused
from rongjiu.library.packfiles import read_pack
from tenants.catalogue.editing_rules import merged_slug
from tenants.surveys import questions, rules
from tenants.surveys.questions import Choices
from tenants.surveys.rules import Stratum

PACK = questions.of_pack(read_pack()["survey_form"]["forms"][0])
CHOICES = Choices(["orphans"], ["gov-aid", "comfort"], ["policy-help", "companionship"])


@pytest.mark.parametrize("sample", [0, 7, 40, 100, 356, 5014, 9000])
def test_the_parts_of_a_sample_sum_to_it_and_no_courtyard_gives_more_than_it_has(sample: int) -> None:
    sizes = {f"y{n}": size for n, size in enumerate((1200, 800, 517, 400, 333, 90, 12, 3, 1, 0))}
    parts = rules.allocate(sizes, sample)
    assert sum(parts.values()) == min(sample, sum(sizes.values()))
    assert all(0 <= parts[key] <= sizes[key] for key in sizes)
    if sample >= 100:
        assert all(parts[key] >= min(rules.LEAST, sizes[key]) for key in sizes)


def test_large_courtyards_get_their_proportion() -> None:
    parts = rules.allocate({"a": 900, "b": 100}, 100)
    assert parts == {"a": 86, "b": 14}  # five each first, the other 90 as 9 : 1
    assert rules.allocate({}, 10) == {}


def test_the_suggested_sample_has_the_finite_correction() -> None:
    assert rules.suggested_sample(0) == 0
    assert rules.suggested_sample(50) == 45
    assert rules.suggested_sample(5014) == 358
    assert rules.suggested_quota(358, 100) == 6


def test_a_draw_can_be_repeated_and_another_seed_draws_others() -> None:
    doors = [f"door-{n}" for n in range(200)]
    main, spare = rules.draw(doors, 20, 4711, "hy-03")
    assert (len(main), len(spare)) == (20, 10)
    assert not set(main) & set(spare)
    assert rules.draw(list(reversed(doors)), 20, 4711, "hy-03") == (main, spare)
    assert rules.draw(doors, 20, 4712, "hy-03")[0] != main
    assert rules.draw(doors[:5], 20, 1, "x") == (rules.draw(doors[:5], 5, 1, "x")[0], [])


def test_an_answer_weighs_as_many_households_as_it_stands_for() -> None:
    strata = [
        Stratum("big", 900, 10, {"canteen": 8, "learning": 1}),
        Stratum("small", 100, 40, {"canteen": 10, "learning": 40}),
    ]
    found = rules.weigh(strata, ["canteen", "learning", "nothing"])
    first, second, third = found.shares
    assert (first.item, first.count, round(first.share, 3), round(first.weighted, 3)) == ("canteen", 18, 0.36, 0.745)
    assert (second.item, second.count, round(second.weighted, 3), second.rank) == ("learning", 41, 0.19, 2)
    assert (third.count, third.weighted, third.rank) == (0, 0.0, 3)
    assert found.answers == 50
    assert round(found.effective, 2) == round(1000**2 / (10 * 90**2 + 40 * 2.5**2), 2)
    assert round(found.heaviest) == 36


def test_equal_weights_cost_nothing() -> None:
    found = rules.weigh([Stratum("a", 100, 10, {}), Stratum("b", 200, 20, {})], [])
    assert round(found.effective, 6) == 30


def test_a_courtyard_without_answers_stands_apart() -> None:
    found = rules.weigh([Stratum("a", 300, 3, {"x": 3}), Stratum("b", 700, 0, {})], ["x"])
    assert found.silent == ("b",)
    assert (found.covered, found.households) == (300, 1000)
    assert found.shares[0].weighted == 1.0
    assert found.few == ("a",)


def test_no_answers_at_all() -> None:
    found = rules.weigh([Stratum("a", 300, 0, {})], ["x"])
    assert (found.answers, found.effective, found.shares[0].weighted) == (0, 0.0, 0.0)
    assert rules.weigh([], []).shares == ()


def test_texts_that_say_the_same_come_together() -> None:
    texts = ["楼道没有灯", "楼道里没有灯", "想学用手机", " ", "学用手机", "门口修路"]
    assert rules.group_texts(texts) == [["学用手机", "想学用手机"], ["楼道没有灯", "楼道里没有灯"], ["门口修路"]]
    assert rules.group_texts([""]) == []


@pytest.mark.parametrize(
    ("groups", "income", "categories", "reasons"),
    [
        ((), "over_3", ("comfort",), []),
        (("empty-nest-elderly",), "", ("comfort",), []),
        (("unemployed",), "", (), []),
        ((), "under_line", (), ["under_line"]),
        ((), "", ("gov-aid",), ["gov_aid"]),
        (("unemployed", "orphans"), "line_to_1.5", ("gov-aid",), ["near_line", "gov_aid", "group:orphans", "group:unemployed"]),
    ],
)  # fmt: skip
def test_signs_of_hardship(
    groups: tuple[str, ...], income: str, categories: tuple[str, ...], reasons: list[str]
) -> None:
    found, points = rules.hardship(groups, income, categories)
    assert found == reasons
    assert bool(points) == bool(reasons)


def question(**words: Any) -> dict[str, Any]:
    base = {
        "label_zh": "楼道灯亮不亮",
        "label_en": "",
        "type": "bool",
        "options": [],
        "purpose": "",
        "sensitive": False,
    }
    return {**base, **words}


@pytest.mark.parametrize(
    "label", ["您的银行卡号是多少", "身份证号", "信什么宗教", "手机验证码", "录一下指纹", "有没有前科", "您的政治面貌"]
)
def test_a_question_that_asks_too_much_is_refused_even_with_a_purpose(label: str) -> None:
    with pytest.raises(Refused, match="需求统计不收集") as refused:
        questions.lint(question(label_zh=label, type="text", purpose="统计"))
    assert refused.value.field == "label_zh"


def test_a_personal_question_names_its_purpose() -> None:
    with pytest.raises(Refused) as refused:
        questions.lint(question(label_zh="家里有没有人生病"))
    assert refused.value.field == "purpose"
    questions.lint(question(label_zh="家里有没有人生病", purpose="安排上门医疗"))
    questions.lint(question())


def test_choices_need_options_that_differ() -> None:
    one = {"id": "o1", "zh": "有", "en": ""}
    for options in ([], [one], [one, {**one, "id": "o2"}]):
        with pytest.raises(Refused) as refused:
            questions.lint(question(type="select", options=options))
        assert refused.value.field == "options"


def test_the_form_of_the_pack_passes_its_own_rules() -> None:
    assert len(PACK) == 18
    for each in PACK:
        questions.lint(each)
    questions.whole(PACK)
    with pytest.raises(Refused, match="不能删去"):
        questions.whole([each for each in PACK if each["id"] != "consent_basic"])


def told(**words: Any) -> dict[str, Any]:
    base = {
        "building_unit_room": "3-2-501", "household_size": "2", "category_needs": ["comfort"],
        "item_needs": ["companionship"], "consent_basic": "1",
    }  # fmt: skip
    return {**base, **words}


def test_answers_are_read_by_their_kind() -> None:
    found = questions.read(PACK, told(smartphone="no", phone="138 0000 1234", extra="?", wish=" "), CHOICES)
    assert found == {
        "building_unit_room": "3-2-501", "household_size": 2, "category_needs": ["comfort"],
        "item_needs": ["companionship"], "smartphone": "no", "phone": "13800001234", "consent_basic": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"consent_basic": ""}, "consent_basic"), ({"consent_basic": "no"}, "consent_basic"),
        ({"household_size": "many"}, "household_size"), ({"household_size": ""}, "household_size"),
        ({"item_needs": ["unknown"]}, "item_needs"), ({"item_needs": []}, "item_needs"), ({"phone": "12"}, "phone"),
        ({"income_band": "rich"}, "income_band"), ({"wish": "长" * 501}, "wish"), ({"smartphone": "maybe"}, "smartphone"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_question(words: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refused:
        questions.read(PACK, told(**words), CHOICES)
    assert refused.value.field == field


def test_a_household_may_have_no_need() -> None:
    found = questions.read(PACK, told(category_needs=[], item_needs=[], no_need="1"), CHOICES)
    assert "item_needs" not in found


@pytest.mark.parametrize(
    ("text", "parts"),
    [("3-2-501", ("3", "2", "501")), ("3号楼2单元501室", ("3", "2", "501")), ("7楼 2单元 301房", ("7", "2", "301")),
     ("501", None), ("", None), ("3-2-501甲", ("3", "2", "501甲"))],
)  # fmt: skip
def test_a_door_is_read_as_people_write_it(text: str, parts: tuple[str, str, str] | None) -> None:
    assert questions.door_parts(text) == parts


def test_a_merged_slug_leads_to_where_it_went() -> None:
    into = {"a": "b", "b": "c", "c": None, "x": "y", "y": "x"}
    assert merged_slug("a", into) == "c"
    assert merged_slug("c", into) == "c"
    assert merged_slug("x", into) in ("x", "y")
