"""What each kind of provider needs stands in one table."""

from datetime import date

import pytest

from rongjiu.marketplace import requirements, rules, words


def test_the_table_names_only_what_exists() -> None:
    assert set(requirements.NEEDS) <= set(words.KINDS)
    assert set(requirements.OF_GROUP) <= set(rules.GROUPS)
    for need in (*requirements.NEEDS.values(), *requirements.OF_GROUP.values()):
        assert set(need.papers) <= set(rules.PAPERS)
        assert set(need.fields) <= set(requirements.FIELDS)
    assert {field.typed for field in requirements.FIELDS.values()} == {"text", "number", "date", "tick"}
    used = {code for need in (*requirements.NEEDS.values(), *requirements.OF_GROUP.values()) for code in need.fields}
    assert used == set(requirements.FIELDS)


@pytest.mark.parametrize(
    ("group", "kind", "papers", "fields"),
    [
        ("social_org", "hospital", ("licence", "permit"), ("clinic_days", "booking", "medical_licence")),
        ("company", "barber", ("licence",), ()),
        ("company", "law_firm", ("licence", "permit"), ("advice_slots", "sealed_files")),
        ("social_org", "academy", ("licence",), ("seats", "no_sales")),
        ("social_org", "rescue_centre", ("licence",), ("on_call", "response_minutes", "last_drill")),
        ("company", "employer", ("licence",), ("jobs", "pay", "distance")),
        ("volunteer_team", "hospital", (), ("members",)),
        ("individual", "barber", ("identity",), ()),
    ],
)
def test_what_a_fresh_one_lacks(group: str, kind: str, papers: tuple[str, ...], fields: tuple[str, ...]) -> None:
    assert requirements.lacking_papers(group, kind, ()) == papers
    assert requirements.lacking_fields(group, kind, {}) == fields
    given = dict.fromkeys(fields, "x")
    assert requirements.lacking_fields(group, kind, given) == ()
    assert requirements.lacking_papers(group, kind, papers) == ()


def test_an_unticked_promise_is_lacking() -> None:
    assert requirements.lacking_fields("social_org", "academy", {"seats": 40, "no_sales": False}) == ("no_sales",)


def test_volunteers_visit_homes_only_while_insured() -> None:
    day = date(2026, 8, 12)
    assert not requirements.may_visit("volunteer_team", None, day)
    assert not requirements.may_visit("volunteer_team", date(2026, 8, 11), day)
    assert requirements.may_visit("volunteer_team", day, day)
    assert requirements.may_visit("company", None, day)


def test_a_pause_ends_after_its_last_day() -> None:
    from datetime import UTC, datetime

    since, day = datetime(2026, 8, 1, tzinfo=UTC), date(2026, 8, 12)
    assert rules.paused(since, None, day)
    assert rules.paused(since, day, day)
    assert not rules.paused(since, date(2026, 8, 11), day)
    assert not rules.paused(None, None, day)


def test_terms_survive_being_stored() -> None:
    given = rules.Terms(groups=("disabled-elderly",), minimum_age=0, proof_on=date(2026, 1, 5), documents=("身份证",))
    assert rules.terms(rules.stored(given)) == given
    assert rules.stored(rules.Terms()) == {}
