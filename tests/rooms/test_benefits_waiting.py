"""A benefit that a family waits for in line: it does not count as received, nobody need apply for it again, and when the
turn comes it is received from that day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from rongjiu.audit import Audit
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from tenants.benefits import arriving, queries, rules, service
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.service import Noted
from tenants.cases import queries as cases
from tenants.cases.models import CaseFile
from tenants.residents.service import Registered
from tenants.screening import service as screening
from tests import factories, families
from tests.desk_of import Desk
from tests.rooms.test_benefits import GROUND, dibao, listed
from tests.rooms.test_rescreening import LINE, family, found, raise_line, run


def in_line(home: Registered, until: date | None = None) -> ReceivedBenefit:
    since = today() - timedelta(days=100)
    return service.note(home.household_id, Noted("dibao", None, since, until, GROUND, waiting=True))


def test_it_is_not_received_and_not_about_to_be_lost(desk: Desk) -> None:
    home = family(desk, "101", 500)
    row = in_line(home, today() + timedelta(days=20))
    (case,) = cases.of_household(home.household_id)
    known = screening.known(case.id, home.household_id, today())
    assert known.receives == () and known.household["household.recognised"] == "none"
    assert [each.policy for each in known.waits] == ["dibao"]
    run("night")
    assert listed() == [], "neither it nor what hangs on it"
    service.amend(row.id, row.since, row.until, GROUND, seen=1, waiting=False)
    run("night")
    assert "dibao" in {row[0] for row in listed("will_lose")}, "received, the same days do end"


def test_who_is_in_line_is_not_newly_reached_when_the_line_rises(desk: Desk) -> None:
    has, lacks = family(desk, "101", 800), family(desk, "102", 800)
    in_line(has)
    run()
    raise_line(900)
    run("parameter", LINE)
    assert [who for who, _policy, _kind in found("reached", policy="dibao")] == [lacks.household_id]


def test_when_the_turn_comes_it_is_received_from_that_day_and_the_history_keeps_the_line(desk: Desk) -> None:
    home = family(desk, "101", 500)
    row = in_line(home, today() + timedelta(days=20))
    since, first = row.since, today() - timedelta(days=1)
    assert rules.status(row, today()) == "on-waitlist"
    for day in (None, since - timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            service.turn(row.id, day, seen=1)
        assert refused.value.field == "first"
    service.turn(row.id, first, seen=1)
    assert (row.since, row.until, rules.status(row, today())) == (first, None, "enrolled")
    assert rules.status(row, since) == "not-enrolled"
    said = {(each.name, each.before, each.after) for each in queries.history(row.id)}
    assert said >= {
        ("benefit_waiting", None, "on-waitlist"),
        ("benefit_waiting", "on-waitlist", "enrolled"),
        ("benefit_since", since.isoformat(), first.isoformat()),
    }
    assert db.session.scalars(select(Audit.verb).where(Audit.verb == "benefit.turn")).all()
    with pytest.raises(Clash):
        service.turn(row.id, first, seen=1)
    with pytest.raises(Clash):
        service.turn(row.id, first, seen=2)
    (case,) = cases.of_household(home.household_id)
    assert screening.known(case.id, home.household_id, today()).household["household.recognised"] == "dibao"


def test_one_benefit_is_not_noted_beside_its_place_in_line(desk: Desk) -> None:
    home = family(desk, "101", 500)
    in_line(home)
    for again in (dibao, in_line):
        with pytest.raises(Refused) as refused:
            again(home, None)
        assert refused.value.field == "since"


def test_a_department_that_grants_it_ends_the_wait(desk: Desk) -> None:
    home = family(desk, "101", 500)
    row, end = in_line(home), today() + timedelta(days=365)
    arriving.granted(home.household_id, "dibao", home.person_ids[:1], today(), end, uuid7())
    assert [(entry, each.waiting, each.since, each.until) for entry, each in queries.entries(home.household_id)] == [
        (row.id, False, today(), end)
    ]


def test_what_the_family_says_at_the_door_stands_beside_the_line_until_it_is_checked(desk: Desk) -> None:
    home = family(desk, "101", 500)
    line = in_line(home)
    for _twice in range(2):
        arriving.told(home.household_id, [(home.person_ids[0], "dibao")], today())
    (told,) = [row for row in queries.of_household(home.household_id) if row.unchecked]
    with pytest.raises(Refused, match="划去"):
        service.turn(line.id, today(), seen=1)
    service.check(told.id, "paper", today(), None, GROUND, seen=1)
    (case,) = cases.of_household(home.household_id)
    known = screening.known(case.id, home.household_id, today())
    assert [each.policy for each in known.receives] == ["dibao"]


def test_a_family_in_line_for_all_it_may_have_is_not_marked_as_missing_something(inside: None) -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        zhou, day = families.zhou(), date(2022, 8, 10)
        home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == zhou.case_id)).one()
        assert home
        for person in zhou.people[:2]:
            for policy in ("age-subsidy", "family-doctor"):
                service.note(home, Noted(policy, person, date(2022, 1, 1), None, "批复（示例）", waiting=True))
        screening.confirm(zhou.case_id, screening.take(zhou.case_id, day).id, "救助专干")
        reasons = db.session.scalars(select(CaseFile.weight_reasons).where(CaseFile.id == zhou.case_id)).one()
        assert "entitled_not_applied" not in reasons
