"""The tables of slips and offers: what is drawn is permitted, everything else is refused."""

from datetime import date
from itertools import product
from uuid import uuid4

import pytest

from tenants.referrals import rules
from tenants.referrals.matching import rules as ranking
from tenants.referrals.models import REQUEST_STATES, TASK_STATES

DRAWN = {
    ("", "draft"): "sender",
    ("draft", "requested"): "sender",
    ("requested", "accepted"): "receiver",
    ("requested", "rejected"): "receiver",
    ("requested", "cancelled"): "sender resident system",
    ("accepted", "in-progress"): "receiver",
    ("accepted", "on-hold"): "receiver",
    ("accepted", "completed"): "receiver",
    ("accepted", "failed"): "receiver",
    ("accepted", "cancelled"): "sender receiver resident system",
    ("in-progress", "on-hold"): "receiver",
    ("in-progress", "completed"): "receiver",
    ("in-progress", "failed"): "receiver",
    ("in-progress", "cancelled"): "sender receiver resident system",
    ("on-hold", "in-progress"): "receiver",
    ("on-hold", "completed"): "receiver",
    ("on-hold", "failed"): "receiver",
    ("on-hold", "cancelled"): "sender resident system",
}


@pytest.mark.parametrize(("source", "target", "actor"), list(product(("", *TASK_STATES), TASK_STATES, rules.ACTORS)))
def test_every_pair_of_task_states(source: str, target: str, actor: str) -> None:
    drawn = actor in DRAWN.get((source, target), "").split()
    mistaken = target == "entered-in-error" and source not in ("", target) and actor == "supervisor"
    assert (rules.task_move(source, target, actor) is not None) == (drawn or mistaken)


def test_the_printed_table_is_the_table_in_force() -> None:
    rows = rules.as_rows(rules.TASK_MOVES)
    assert all(set(row) == {"from", "to", "actors", "guards", "timer", "effect"} for row in rows)
    pairs = [(row["from"], row["to"]) for row in rows]
    assert len(pairs) == len(set(pairs)), "one row a pair"
    for source, target, actor in product(("", *TASK_STATES), TASK_STATES, rules.ACTORS):
        printed = any((row["from"], row["to"]) == (source, target) and actor in row["actors"] for row in rows)
        assert printed == (rules.task_move(source, target, actor) is not None)
    waits = {row["timer"] for row in rows} - {""}
    assert waits == {"draft-unsent", "response", "start", "completion", "hold-longest", "confirm"}


def test_a_terminal_task_never_comes_back() -> None:
    assert {m.target for m in rules.TASK_MOVES if m.source in rules.TERMINAL} == {"entered-in-error"}
    assert set(TASK_STATES) == rules.LIVE | rules.TERMINAL


@pytest.mark.parametrize(("source", "target"), list(product(("", *REQUEST_STATES), REQUEST_STATES)))
def test_a_slip_is_only_settled_by_the_family_or_the_desk(source: str, target: str) -> None:
    settled = rules.request_move(source, target, "system")
    assert settled is None or target in ("on-hold", "awaiting_confirmation")
    assert rules.request_move(source, target, "receiver") is None
    if source in ("completed", "revoked"):
        assert all(rules.request_move(source, target, a) is None for a in ("sender", "resident", "system"))


def test_leaving_draft_asks_for_consent_admission_and_a_place() -> None:
    move = rules.task_move("draft", "requested", "sender")
    assert move is not None
    assert move.guards == ("consent", "admitted", "place")
    assert move.timer == "response"


def test_every_reason_has_a_consequence_and_a_decline_never_closes_a_need() -> None:
    for code, reason in rules.REASONS.items():
        assert reason.consequence, code
        assert "close_need" not in reason.consequence
    assert [code for code, _ in rules.reasons_for("declines")] == [
        "no-capacity", "out-of-area", "not-eligible", "unsafe", "other", "declined-by-resident",
    ]  # fmt: skip
    assert "could-not-contact" in dict(rules.reasons_for("fails")), "whoever declines has no telephone yet"
    assert rules.reason_fault("no-response", "receiver", "declines")
    assert rules.reason_fault("nonsense", "receiver", "declines")
    assert rules.reason_fault("missing-documents", "receiver", "declines"), "a list of papers is a hold, not a decline"
    assert rules.reason_fault("no-capacity", "receiver", "declines") is None


ALL = ("name", "address", "phone", "care_need")


@pytest.mark.parametrize("state", TASK_STATES)
def test_what_a_receiver_sees_by_state(state: str) -> None:
    seen = rules.may_see(state, True, ALL, True)
    if state == "requested":
        assert seen == {"addressed", "age_band", "courtyard"}
    elif state in ("accepted", "in-progress", "on-hold"):
        assert seen == {*ALL, "addressed", "age_band", "courtyard"}
    else:
        assert seen == frozenset()
    assert rules.may_see(state, False, ALL, True) == frozenset()


def test_the_door_is_for_services_at_home_only_and_nothing_beyond_the_consent() -> None:
    assert "address" not in rules.may_see("accepted", True, ALL, False)
    assert rules.may_see("accepted", True, ("phone",), True) == {"phone", "addressed", "age_band", "courtyard"}
    assert "id_number" not in rules.may_see("accepted", True, ("id_number",), True)


def offered(name: str, kind: str, **words: object) -> ranking.Offered:
    usual = {
        "service_id": uuid4(), "provider_id": words.pop("provider", None) or uuid4(), "slug": name, "name": name,
        "service_type": kind, "title": kind, "price_class": "free", "price": None, "mode": "home_visit", "free": 4,
        "next_free": None, "admission": "active", "in_area": True,
    }  # fmt: skip
    return ranking.Offered(**{**usual, **words})  # type: ignore[arg-type]


def test_the_walkthrough_order() -> None:
    chc, hospital = uuid4(), uuid4()
    rows = [
        offered("yanqing-hospital", "home-checkup", provider=hospital),
        offered("yanqing-hospital", "free-clinic", provider=hospital, mode="on_site"),
        offered("yankang-nursing", "catheter-change", price_class="cost_price"),
        offered("yanqing-chc", "home-checkup", provider=chc),
        offered("yanqing-chc", "catheter-change", provider=chc, price_class="cost_price"),
    ]
    found, excluded = ranking.rank(rows, home=True)
    assert [row["slug"] for row in found] == ["yanqing-chc", "yanqing-hospital", "yankang-nursing"]
    assert found[0]["reasons"] == ["covers_all", "at_home", "at_cost", "serves_here", "admitted", "has_places"]
    assert [(row["type"], row["reason"]) for row in excluded] == [("free-clinic", "on_site")]


def test_group_answers_and_nearness_break_the_tie_and_are_said() -> None:
    rows = [
        offered("a-slow", "x", asked=4, answered=1, free=9),
        offered("b-new", "x", free=9),
        offered("c-near", "x", near=True),
        offered("d-known", "x", asked=5, answered=4),
        offered("e-meant", "x", for_group=True, free=1),
    ]
    found, _ = ranking.rank(rows, home=False)
    assert [row["slug"] for row in found] == ["e-meant", "d-known", "c-near", "b-new", "a-slow"]
    assert "for_group" in found[0]["reasons"]
    assert "answers_well" in found[1]["reasons"]
    assert "near" in found[2]["reasons"]
    assert not {"near", "answers_well", "for_group"} & set(found[3]["reasons"])


def test_ten_are_shown_the_rest_are_named_up_to_twenty() -> None:
    rows = [offered(f"p{n:02d}", "x") for n in range(15)] + [
        offered(f"q{n:02d}", "x", in_area=False) for n in range(33)
    ]
    found, excluded = ranking.rank(rows, home=False)
    assert [row["rank"] for row in found] == list(range(1, 11))
    assert [row["provider"] for row in excluded if row["reason"] == "ranked_lower"] == [
        "p10",
        "p11",
        "p12",
        "p13",
        "p14",
    ]
    far = [row for row in excluded if row["reason"] == "other_area"]
    assert (len(far), far[-1]["more"]) == (20, 13)


def test_each_hindrance_is_said() -> None:
    rows = [
        offered("a", "x", free=0, next_free=date(2026, 12, 1)),
        offered("b", "x", admission=""),
        offered("c", "x", in_area=False),
        offered("d", "x", cooling=True),
        offered("e", "x", mode="on_site"),
        offered("f", "x", mode="online"),
        offered("g", "x", outside=True),
        offered("h", "x", used_up=True),
        offered("i", "x", admission="suspended"),
    ]
    found, excluded = ranking.rank(rows, home=True)
    assert {row["provider"]: row["reason"] for row in excluded} == {
        "a": "no_capacity", "b": "not_admitted", "c": "other_area", "d": "declined_lately", "e": "on_site",
        "g": "outside_courtyard", "h": "limit_used", "i": "stopped",
    }  # fmt: skip
    assert [row["slug"] for row in found] == ["f"], "online reaches a person who cannot leave the house"
    assert "2026-12-01" in [row["next_free"] for row in excluded]


def test_who_must_be_visited_at_home() -> None:
    assert ranking.needs_home({"severely-disabled"}, (), True)
    assert not ranking.needs_home({"family-carers"}, ("severely-disabled",), True)
    assert ranking.needs_home({"severely-disabled", "family-carers"}, ("severely-disabled",), False)
    assert not ranking.needs_home({"severely-disabled"}, ("children-in-hardship",), False), "the girl can go to class"


@pytest.mark.parametrize(
    ("days", "wanting"),
    [((), (3, 2)), ((1,), (2, 1)), ((1, 1, 1), (0, 1)), ((1, 1, 2), (0, 0)), ((1, 2), (1, 0)), ((1, 2, 3, 4), (0, 0))],
)
def test_nobody_was_reached_after_so_many_tries_on_so_many_days(
    days: tuple[int, ...], wanting: tuple[int, int]
) -> None:
    assert rules.tries_wanting([date(2026, 11, day) for day in days], 3, 2) == wanting


def test_a_line_of_matching_says_how_the_service_stands() -> None:
    full, later = {"free": 0}, {"free": 0, "next_free": date(2027, 1, 1)}
    stands = [
        offered("甲", "home-checkup", **words).status
        for words in ({}, {"for_groups": True}, full, later, {**full, "slots": 2})
    ]
    assert stands == ["has_capacity", "assessment_required", "no_capacity", "waitlist", "has_capacity"]
    candidates, excluded = ranking.rank([offered("甲", "a"), offered("乙", "a", **later)], home=False)
    assert candidates[0]["services"][0]["status"] == "has_capacity"
    assert [(row["reason"], row["status"]) for row in excluded] == [("no_capacity", "waitlist")]


def test_closer_nursing_first_for_who_cannot_look_after_themself() -> None:
    rows = [
        offered("a-none", "x"), offered("b-third", "x", care=3), offered("c-first", "x", care=1),
        offered("d-meant", "x", for_group=True), offered("e-cheap", "x", care=2, price_class="market"),
    ]  # fmt: skip
    found, _ = ranking.rank(rows, home=True)
    assert [row["slug"] for row in found] == ["d-meant", "c-first", "b-third", "a-none", "e-cheap"]
    assert ["care_1" in row["reasons"] for row in found] == [False, True, False, False, False]


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("二级护理", 2), ("一级、二级护理", 1), ("特级到三级", 0), ("1级", 1), ("", None), ("普通病房", None), ("四级护理", None),
        ("高级护理", None),
    ],
)  # fmt: skip
def test_the_grade_of_nursing_is_read_from_a_providers_words(words: str, level: int | None) -> None:
    assert ranking.care_level(words) == level
