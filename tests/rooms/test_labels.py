"""Groups that follow by rule: set, moved and taken away as households and birthdays change."""

from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from rongjiu import outbox
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.residents import changing, jobs, labels, queries, service
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")


def labels_of(*ids: object) -> list[list[str]]:
    found = {row.id: row.labels for row in db.session.execute(select(Person.id, Person.labels))}
    return [found[each] for each in ids]  # type: ignore[index]


def a_home(here: Desk, *people: NewPerson) -> service.Registered:
    return service.register(here.yard, Door("1", "1", "101"), people)


def test_an_elder_alone_is_labelled_until_somebody_moves_in() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        home = a_home(here, NewPerson("张某", age=70))
        (old,) = home.person_ids
        assert labels_of(old) == [["living-alone-elderly"]]
        son = service.add_person(home.household_id, NewPerson("张某之子", relation="20", age=40))
        assert labels_of(old, son) == [[], []]
        changing.change_person(son, {"status": "moved"})
        assert labels_of(old) == [["living-alone-elderly"]]
        changing.change_household(home.household_id, {"occupancy": "rented_out"})
        assert labels_of(old) == [[]]


def test_a_carer_is_a_family_carer_while_the_person_is_here() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        home = a_home(
            here, NewPerson("周某", age=84, groups=("disabled",)), NewPerson("周某之子", relation="20", age=52)
        )
        head, son = home.person_ids
        service.link_carer(son, head)
        assert labels_of(head, son) == [["oldest-old-disabled"], ["family-carers"]]
        assert queries.groups_of(home.household_id) == {"disabled", "oldest-old-disabled", "family-carers"}
        changing.change_person(head, {"status": "died"})
        assert labels_of(head, son) == [[], []]
        assert queries.groups_of(home.household_id) == set()
        assert [each.name for each in queries.members(home.household_id)] == ["周某之子"]
        assert [each.status for each in queries.members(home.household_id, everyone=True)] == ["here", "died"]
        assert queries.carers(home.household_id) == []
        rows, _total = queries.households()
        assert [(row.head, row.people) for row in rows] == [("周某之子", 1)]


def test_a_birthday_moves_a_label_in_the_night_and_the_case_weighs_more() -> None:
    here = a_desk()
    with time_machine.travel("2022-08-09T12:00+08:00", tick=False), tenant_scope(here.tenant), acting(here.as_clerk()):
        home = a_home(here, NewPerson("张某", birth_date=date(1962, 8, 11)))
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        before = case.weight
        jobs.plan()
    with time_machine.travel("2022-08-11T00:20+08:00", tick=False):
        jobs.nightly({})
        with tenant_scope(here.tenant):
            waiting = list(db.session.scalars(select(outbox.Outbox.kind).where(outbox.Outbox.done_at.is_(None))))
            assert waiting.count("register.labels") == 1
            jobs.check({})
            assert labels_of(*home.person_ids) == [["living-alone-elderly"]]
            after = db.session.scalar(select(CaseFile.weight).where(CaseFile.id == case.id))
            assert after == before + 15
            assert labels.recheck() == 0
    planned = list(db.session.scalars(select(outbox.PlatformOutbox.unique_key)))
    assert "register-night-2022-08-12" in planned


def test_a_group_said_by_hand_moves_the_case_whoever_says_it() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = a_home(here, NewPerson("张某", age=40))
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        changing.change_person(home.person_ids[0], {"groups": ["seriously-ill"]}, origin=changing.Origin("sweep"))
        assert case.weight_reasons == ["seriously-ill"]
        changing.change_person(home.person_ids[0], {"status": "moved"})
        assert case.weight_reasons == []
