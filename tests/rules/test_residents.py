"""Ages, relations, and what somebody types to find a person."""

from datetime import date

import pytest

from tenants.cases.rules import weigh, workflow
from tenants.needs.rules import solved_by
from tenants.residents.rules import (
    ALL_RELATIONS,
    DERIVED,
    Present,
    age,
    heavy,
    is_minor,
    labels,
    raised_by,
    relation_code,
    relation_word,
    sought,
    speaks_for_self,
    strictest,
)
from tenants.signals.rules import may_answer, may_become

DAY = date(2022, 8, 10)


@pytest.mark.parametrize(
    ("born", "said", "on", "years"),
    [
        (date(1938, 8, 11), None, None, 83), (date(1938, 8, 10), 3, DAY, 84), (None, 84, DAY, 84),
        (None, 84, date(2020, 8, 10), 86), (None, 84, date(2023, 1, 1), 84), (None, None, None, None),
    ],
)  # fmt: skip
def test_age_by_birth_date_or_as_told(born: date | None, said: int | None, on: date | None, years: int | None) -> None:
    assert age(born, said, on, DAY) == years


def test_relations_are_codes_of_the_standard() -> None:
    assert [relation_code(each) for each in ("", "02", "老伴", "儿子", "孙女", "朋友")] == [
        "",
        "02",
        "10",
        "20",
        "42",
        None,
    ]
    assert relation_word("10") == "配偶"
    assert relation_word("邻居") == "邻居"


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("周某", "name", "周某"), (" 欧阳 小明", "name", "欧阳小明"), ("ZhouM", "latin", "zhoum"), ("138 0000 1234", "phone", "13800001234"),
        ("029-85251234", "phone", "029-85251234"), ("610103194001011235", "id_number", "610103194001011235"), ("1380", "", "1380"),
        ("610103194001011230", "", "610103194001011230"), ("  ", "", ""), ("a1", "", "a1"),
    ],
)  # fmt: skip
def test_what_a_search_means(text: str, kind: str, words: str) -> None:
    assert sought(text, DAY) == (kind, words)


def test_a_signal_is_sorted_once_and_answered_after() -> None:
    assert may_become("new", "wish")
    assert not may_become("triaged", "wish")
    assert not may_become("new", "lost")
    assert may_answer("triaged")
    assert not may_answer("new")


def test_hardship_is_weighed_by_reasons_that_are_known() -> None:
    assert weigh(["family-carers", "severely-disabled", "unknown"], "urgent") == (
        75, ["urgent", "severely-disabled", "family-carers"],
    )  # fmt: skip
    assert weigh([], "ordinary") == (0, [])


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["opened"], "identified"), (["opened", "visited"], "assessing"), (["visited", "screened", "planned"], "planned"),
        (["offer_sent", "visited"], "planned"), (["service_done", "outcome_noted"], "accompanying"), (["visited", "closed", "visited"], "closed"),
        (["closed", "reopened"], "reopened"), (["planned", "closed", "reopened", "visited"], "assessing"),
    ],
)  # fmt: skip
def test_the_state_of_a_case_follows_from_its_events(kinds: list[str], state: str) -> None:
    assert workflow(kinds) == state


def test_solved_needs_are_counted_by_their_change() -> None:
    assert [solved_by("", "solved"), solved_by("solved", "partly"), solved_by("partly", "not_solved")] == [1, -1, 0]


def test_all_codes_of_the_standard_have_a_word_and_are_found_by_it() -> None:
    assert len(ALL_RELATIONS) == len(set(ALL_RELATIONS.values())) == 84
    for code, word in ALL_RELATIONS.items():
        assert relation_code(code) == code
        if word not in ("本人", "丈夫", "妻子"):
            assert relation_code(word) == code
    assert (relation_word("45"), relation_word("73"), relation_code("姥姥")) == ("孙媳妇或外孙媳妇", "弟", "64")


ELDER, CHILD, GROWN = Present(78), Present(9), Present(40)


@pytest.mark.parametrize(
    ("person", "others", "lived_in", "found"),
    [
        (ELDER, [], True, ["living-alone-elderly"]),
        (Present(59), [], True, []),
        (Present(60), [], True, ["living-alone-elderly"]),
        (ELDER, [], False, []),
        (ELDER, [CHILD], True, []),
        (Present(None), [], True, []),
        (Present(80, frozenset({"disabled"})), [GROWN], True, ["oldest-old-disabled"]),
        (Present(79, frozenset({"disabled"})), [GROWN], True, []),
        (Present(85), [GROWN], True, []),
        (Present(40, cares=True), [ELDER], True, ["family-carers"]),
        (CHILD, [Present(40, frozenset({"low-income"}))], True, ["children-in-hardship"]),
        (CHILD, [GROWN], True, []),
        (Present(18, frozenset({"low-income"})), [], True, []),
    ],
)
def test_groups_follow_from_what_the_register_knows_and_nothing_else(
    person: Present, others: list[Present], lived_in: bool, found: list[str]
) -> None:
    assert labels(person, others, lived_in=lived_in) == found
    assert set(found) <= set(DERIVED)


@pytest.mark.parametrize(
    ("hours", "relief", "gave_up", "is_heavy"),
    [
        (40, False, False, True), (39, False, False, False), (20, False, True, True), (19, False, True, False),
        (0, True, False, True), (None, False, False, False), (None, False, True, False),
    ],
)  # fmt: skip
def test_a_carers_load_is_heavy_by_the_product_defaults(
    hours: int | None, relief: bool, gave_up: bool, is_heavy: bool
) -> None:
    assert heavy(hours, relief, gave_up) is is_heavy


def test_a_heavy_load_calls_for_respite_and_for_work_that_fits() -> None:
    assert raised_by(45, False, False, 52) == ("respite", "work")
    assert raised_by(45, False, False, None) == ("respite", "work")
    assert raised_by(45, False, False, 79) == ("respite",)
    assert raised_by(20, False, True, 61) == ("respite", "work")
    assert raised_by(39, False, False, 52) == ()


def test_the_strictest_visit_counts() -> None:
    assert strictest(["quarterly", "weekly", "monthly"]) == "weekly"
    assert strictest([]) == strictest(["sometimes"]) == ""


@pytest.mark.parametrize(
    ("years", "speaks", "minor"),
    [(0, False, True), (13, False, True), (14, True, True), (17, True, True), (18, True, False), (None, True, False)],
)
def test_from_14_one_consents_and_below_18_one_is_a_minor(years: int | None, *, speaks: bool, minor: bool) -> None:
    assert (speaks_for_self(years), is_minor(years)) == (speaks, minor)
