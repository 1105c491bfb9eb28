"""Income sheets, facts, and screenings frozen and confirmed: the 周某 family through the service."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Indicator, Step
from rongjiu.workdays import add_months
from tenants.cases.models import CaseEvent, CaseFile
from tenants.cases.service import find
from tenants.catalogue import queries as catalogue
from tenants.catalogue.models import Parameter, Policy
from tenants.needs.models import Need
from tenants.referrals.models import ReferralRequest
from tenants.residents.models import Person
from tenants.screening import queries, service
from tenants.screening.conclusion import Look
from tenants.screening.following import queries as following
from tenants.screening.following.service import walk
from tenants.screening.means import IncomeLine
from tenants.screening.models import Determination, NearMiss, PathTask, Screening
from tests import factories, families
from tests.families import STORY, Family

AS_OF = date(2022, 8, 10)
TOTALS = {
    "eligible": 2, "near_miss": 1, "actionable": 7, "need_info": 13, "not_eligible": 25, "not_in_force": 2,
}  # fmt: skip


@pytest.fixture
def community(inside: None) -> Iterator[None]:
    """A community with the Huangyan model, entered."""
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        yield


@pytest.fixture
def family(community: None) -> Family:
    """The 周某 family with income sheet and facts."""
    return families.zhou()


def screened(family: Family) -> queries.Result:
    return queries.result(family.case_id, service.take(family.case_id, AS_OF).id)


def indicators() -> dict[str, int]:
    return {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}


def test_the_14_expectations_hold_through_the_service(family: Family) -> None:
    names = family.names
    found = {
        (row.policy_id, names.get(row.subject, row.subject)): row.verdict for row in screened(family).determinations
    }
    for row in STORY["screening"]["expected"]:
        assert found[row["policy_id"], row["subject"]] == row["verdict"], row


def test_167_determinations_and_the_totals_of_the_walk_through_are_stored(family: Family) -> None:
    row = service.take(family.case_id, AS_OF)
    stored = select(func.count()).select_from(Determination).where(Determination.screening_id == row.id)
    assert db.session.scalar(stored) == 167
    assert (row.counts, row.track, row.as_of, row.rescreen_on) == (TOTALS, "zhu", AS_OF, date(2023, 1, 1))
    assert (date(2023, 10, 19), "rigid-expense") in queries.result(family.case_id, row.id).frozen.rescreen
    assert row.pack.endswith("huangyan@1.0.0")
    assert find(family.number).state == "assessing"


def test_per_head_income_and_versions_of_the_sheet(family: Family) -> None:
    sheet = queries.income(family.case_id)
    assert (sheet.version, sheet.content["per_capita_month"], sheet.content["members"]) == (1, "1150.00", 4)
    first = str(family.people[0])
    service.save_income(family.case_id, [IncomeLine(first, "pension", Decimal("4600.10"))], None, seen=1)
    assert [row.version for row in queries.income_history(family.case_id)] == [2, 1]
    assert queries.income(family.case_id).content["per_capita_month"] == "1150.03"
    assert queries.income(family.case_id).content["rigid_expense_ratio"] is None
    with pytest.raises(Clash):
        service.save_income(family.case_id, [], None, seen=1)


@pytest.mark.parametrize(
    ("kind", "month", "rigid"),
    [("pension", "-1", None), ("pension", "1000000", None), ("lottery", "5", None), ("wages", "5", "1001")],
)
def test_impossible_amounts_are_refused(family: Family, kind: str, month: str, rigid: str | None) -> None:
    lines = [IncomeLine(str(family.people[0]), kind, Decimal(month))]
    with pytest.raises(Refused):
        service.save_income(family.case_id, lines, Decimal(rigid) if rigid else None)
    assert queries.income(family.case_id).version == 1


def test_a_wrong_fact_is_refused_at_its_field(family: Family) -> None:
    who = str(family.people[0])
    with pytest.raises(Refused) as error:
        service.save_facts(family.case_id, {"members": {who: {"person.self_care": "sometimes"}}})
    assert error.value.field == f"{who}.person.self_care"
    assert queries.facts(family.case_id).version == 1


def test_the_register_gives_age_and_sex_and_a_birth_date_outranks_what_was_told(family: Family) -> None:
    case = find(family.number)
    assert service.known(case.id, case.household_id, AS_OF).of("person.age", str(family.people[3])) == 11
    db.session.execute(update(Person).where(Person.id == family.people[3]).values(birth_date=date(2011, 8, 11)))
    assert service.known(case.id, case.household_id, AS_OF).of("person.age", str(family.people[3])) == 10
    assert service.known(case.id, case.household_id, date(2022, 8, 11)).of("person.age", str(family.people[3])) == 11


def test_what_nobody_has_said_stays_unknown(community: None) -> None:
    bare = families.zhou(sheets=False)
    result = screened(bare)
    dibao = next(row for row in result.verdicts if row.policy_id == "dibao")
    assert dibao.verdict == "need_info"
    assert {row.missing for row in dibao.best.unknowns} == {"fact"}


def test_screening_is_off_while_a_parameter_is_unconfirmed(family: Family) -> None:
    one = update(Parameter).where(Parameter.slug == "dibao_line_urban_month")
    db.session.execute(one.values(confirmed_at=None, confirmed_as=""))
    with pytest.raises(Refused) as error:
        service.take(family.case_id, AS_OF)
    assert error.value.words == {"n": 1}


@pytest.mark.parametrize("as_of", [date(1999, 12, 31), date(2099, 1, 1)])
def test_an_impossible_day_is_refused(family: Family, as_of: date) -> None:
    with pytest.raises(Refused) as error:
        service.take(family.case_id, as_of)
    assert error.value.field == "as_of"


def test_a_frozen_screening_explains_itself_after_model_and_facts_have_changed(family: Family) -> None:
    before = screened(family)
    db.session.execute(update(Parameter).where(Parameter.slug == "dibao_line_urban_month").values(value=9999))
    db.session.execute(update(Policy).where(Policy.slug == "dibao").values(name_zh="改过名", content={"id": "dibao"}))
    service.save_income(family.case_id, [], None)
    db.session.expire_all()
    after = queries.result(family.case_id, before.id)
    assert after == before
    (row,) = next(each for each in after.verdicts if each.policy_id == "dibao").best.misses
    assert [str(each) for each in (row.value, row.line, row.distance, row.distance_pct)] == [
        "1150",
        "740",
        "410",
        "55.4",
    ]
    assert row.near_line == 888
    assert after.model["policies"]["dibao"]["name_zh"] == "最低生活保障"
    assert after.model["parameters"]["dibao_line_urban_month"]["value"] == "740"
    amount = after.frozen.amounts["age-subsidy", str(family.people[0])]
    assert amount.value == 100
    assert amount.since == date(2012, 5, 1)


def test_a_miss_is_looked_at_on_the_day_its_line_moves_and_the_queue_goes_by_it(family: Family) -> None:
    day = today() + timedelta(days=30)
    line = db.session.scalars(select(Parameter).where(Parameter.slug == "dibao_line_urban_month")).one()
    told = [*(line.content.get("history") or []), {"from": day.isoformat(), "value": 900}]
    line.content = {**line.content, "history": told}
    db.session.flush()
    row = service.take(family.case_id, AS_OF)
    found = queries.result(family.case_id, row.id).frozen.looks
    assert found["dibao"] == found["dibao-margin"] == Look(day, "line")
    assert found["orphan"] == Look(add_months(today(), 6))
    service.confirm(family.case_id, row.id, "救助专干（示例）")
    assert db.session.scalars(select(NearMiss.look_again_on)).one() == day


def test_confirming_writes_track_paths_near_miss_answer_and_plan(family: Family) -> None:
    row = service.take(family.case_id, AS_OF)
    service.confirm(family.case_id, row.id, "救助专干（示例）")
    case = find(family.number)
    assert (case.track, "entitled_not_applied" in case.weight_reasons) == ("zhu", True)
    assert set(db.session.scalars(select(PathTask.code))) == {
        "disability-cert", "unemployment-registration", "school-recognition", "age-subsidy", "family-doctor",
    }  # fmt: skip
    near = db.session.execute(select(NearMiss.policy_slug, NearMiss.look_again_on)).one()
    assert tuple(near) == ("dibao-margin", add_months(today(), 6))
    need = db.session.get_one(Need, {"tenant_id": case.tenant_id, "id": family.need_id})
    assert (need.result, need.result_code, need.result_by) == ("solved", "answered_not_eligible", "worker")
    slip = db.session.execute(
        select(ReferralRequest.state, ReferralRequest.reason_code, ReferralRequest.department_slug)
    ).one()
    assert tuple(slip) == ("revoked", "not-eligible", "mzj")
    step = db.session.execute(select(Step.verb, Step.actor_role).where(Step.id == family.case_id)).one()
    assert tuple(step) == ("制定帮扶计划", "assistance_clerk")
    counts = indicators()
    assert [counts[name] for name in ("screenings_confirmed", "near_miss_open", "entitled_found")] == [1, 1, 2]
    kinds = list(
        db.session.scalars(select(CaseEvent.kind).where(CaseEvent.kind.like("screen%")).order_by(CaseEvent.at))
    )
    assert kinds == ["screened", "screening_confirmed"]
    kept = db.session.get_one(Screening, {"tenant_id": case.tenant_id, "id": row.id})
    assert (kept.confirmed_post, kept.confirmed_at is not None) == ("救助专干（示例）", True)


def test_a_screening_is_confirmed_once_and_only_the_newest(family: Family) -> None:
    old = service.take(family.case_id, AS_OF)
    new = service.take(family.case_id, AS_OF)
    with pytest.raises(Clash):
        service.confirm(family.case_id, old.id, "专干")
    service.confirm(family.case_id, new.id, "专干")
    with pytest.raises(Clash):
        service.confirm(family.case_id, new.id, "专干")
    assert indicators()["screenings_confirmed"] == 1


def test_a_later_screening_replaces_near_misses_and_counts_only_the_difference(family: Family) -> None:
    service.confirm(family.case_id, service.take(family.case_id, AS_OF).id, "专干")
    first = str(family.people[0])
    service.save_income(family.case_id, [IncomeLine(first, "pension", Decimal(2000))], Decimal(62))
    service.confirm(family.case_id, service.take(family.case_id, AS_OF).id, "专干")
    result = queries.result(family.case_id, queries.screenings(family.case_id)[0].id)
    assert result.track == "jiu"
    assert "dibao" in result.frozen.entitled
    assert indicators()["near_miss_open"] == len(result.frozen.near_misses)
    assert indicators()["entitled_found"] == result.counts["eligible"]
    assert following.near_misses()[1] == len(result.frozen.near_misses)


def test_the_near_miss_queue_names_household_line_and_day(family: Family) -> None:
    service.confirm(family.case_id, service.take(family.case_id, AS_OF).id, "专干")
    rows, total = following.near_misses(policy="dibao-margin")
    assert (total, rows[0]["number"], rows[0]["head"]) == (1, family.number, "周某")
    (miss,) = rows[0]["verdict"].misses
    assert (miss.line, miss.distance, str(miss.distance_pct)) == (1110, 40, "3.6")
    assert following.near_misses(until=today()) == ([], 0)
    assert following.near_misses(number="no such")[1] == 0
    assert following.near_misses(number=family.number.lower())[1] == 1
    policies, lines = catalogue.policies(), catalogue.parameters()
    assert following.newly_reached(rows, policies, lines, today()) == set()
    line = next(row for row in lines if row["id"] == "dibao_line_urban_month")
    line.update(value=900, effective_from=today())
    assert following.newly_reached(rows, policies, lines, today()) == {rows[0]["id"]}
    (again,) = following.rescreens()
    assert (again["number"], again["rescreen_on"]) == (family.number, date(2023, 1, 1))
    assert again["days"][1] == (date(2023, 10, 19), "rigid-expense")


def test_a_path_is_ticked_off_and_taken_back(family: Family) -> None:
    service.confirm(family.case_id, service.take(family.case_id, AS_OF).id, "专干")
    path = following.paths(family.case_id)[0]
    walk(family.case_id, path.id)
    walk(family.case_id, path.id)
    assert following.paths(family.case_id)[0].done_at is not None
    walk(family.case_id, path.id, done=False)
    assert following.paths(family.case_id)[0].done_at is None
    with pytest.raises(Absent):
        walk(family.people[0], path.id)


def test_another_community_sees_nothing_of_it(family: Family) -> None:
    row = service.take(family.case_id, AS_OF)
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        for reads in (lambda: queries.result(family.case_id, row.id), lambda: service.take(family.case_id, AS_OF)):
            with pytest.raises(Absent):
                call: Any = reads
                call()
        assert db.session.scalar(select(func.count()).select_from(CaseFile)) == 0
