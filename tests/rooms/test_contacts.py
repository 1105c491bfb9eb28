"""Emergency contacts: added, handed on when somebody leaves, tested again; how many elderly alone are covered."""

from datetime import date

import pytest
import time_machine
from sqlalchemy import select, text

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from rongjiu.tenancy import service as tenancy
from tenants.catalogue import service as catalogue
from tenants.residents import changing, contacts, dialling, jobs, service
from tenants.residents.models import EmergencyContact
from tenants.residents.service import Door, NewPerson
from tests.desk_of import a_desk

pytestmark = pytest.mark.usefixtures("inside")
ALONE = NewPerson("张示例", age=78)


def test_a_leavers_contacts_wait_for_a_successor_and_count_no_longer() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        (old,) = service.register(here.yard, Door("1", "1", "101"), [ALONE]).person_ids
        service.register(here.yard, Door("1", "1", "102"), [NewPerson("李示例", age=80)])
        assert dialling.coverage() == (0, 2)
        contact = contacts.add(old, "staff", account_id=here.grid.account.id)
        assert (dialling.coverage(), contacts.waiting()) == ((1, 2), 0)
        tenancy.end_membership(here.grid.membership.id)
        assert (dialling.coverage(), contacts.waiting()) == ((0, 2), 1)
        for _night in range(2):
            jobs.successors()
        step = db.session.scalars(select(Step)).one()
        due_at = catalogue.due("staff-handover", start=here.grid.membership.ends_at)
        assert (step.id, step.actor_role, step.due_at) == (here.grid.account.id, "secretary", due_at)
        assert [(row.id, row.person_id) for row in contacts.to_hand_over()] == [(contact, old)]
        (line,) = contacts.of(person_id=old)
        assert line.orphaned
        with pytest.raises(Refused):
            contacts.take_over(contact, here.grid.account.id)
        contacts.take_over(contact, here.worker.account.id)
        assert (dialling.coverage(), contacts.waiting()) == ((1, 2), 0)
        assert db.session.scalar(select(Step.id)) is None, "nobody waits any longer"
        with pytest.raises(Clash):
            contacts.take_over(contact, here.clerk.account.id)
        assert [each.ended_at is None for each in contacts.of(person_id=old)] == [True, False]
        changing.change_person(old, {"status": "died"})
        assert dialling.coverage() == (0, 1)


def test_family_contacts_are_sealed_and_read_back() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = service.register(here.yard, Door("1", "1", "101"), [ALONE])
        (old,) = home.person_ids
        made = contacts.add(old, "family", name="张小雨", phone="138 0000 4321")
        (line,) = contacts.of(household_id=home.household_id)
        assert (line.name, line.phone, line.kind) == ("张小雨", "13800004321", "family")
        raw = db.session.execute(text("SELECT name, phone FROM emergency_contact")).one()
        assert "张小雨".encode() not in bytes(raw.name) and b"13800004321" not in bytes(raw.phone)
        contacts.end(made)
        contacts.end(made)
        assert dialling.coverage() == (0, 1)
        for words, field in (
            ({"kind": "family", "name": "", "phone": "13800004321"}, "name"),
            ({"kind": "family", "name": "张", "phone": "12"}, "phone"),
            ({"kind": "dog"}, "kind"), ({"kind": "staff", "account_id": uuid7()}, "account"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                contacts.add(old, **words)
            assert refused.value.field == field
        with pytest.raises(Absent):
            contacts.add(uuid7(), "family", name="张", phone="13800004321")
        assert len(db.session.scalars(select(EmergencyContact)).all()) == 1


def test_one_touch_is_logged_and_due_again_after_six_months() -> None:
    here = a_desk()
    with time_machine.travel("2022-08-10T12:00+08:00", tick=False), tenant_scope(here.tenant), acting(here.as_clerk()):
        (old,) = service.register(here.yard, Door("1", "1", "101"), [ALONE]).person_ids
        contact = contacts.add(old, "staff", account_id=here.grid.account.id)
        (elder,) = dialling.elders()
        assert (elder.late, elder.due_on) == (True, date(2022, 8, 10))
        dialling.tried(old, contact, taught_on=date(2022, 8, 1))
        dialling.tried(old, contact, tested_on=date(2022, 8, 10), works=True)
        (elder,) = dialling.elders()
        assert (elder.late, elder.due_on, elder.works) == (False, date(2023, 2, 10), True)
        newest, first = dialling.tries(person_id=old)
        assert (newest.works, newest.actor, first.taught_on, first.works) == (
            True,
            "救助专干（示例）",
            date(2022, 8, 1),
            None,
        )
        for words, field in (
            ({}, "taught_on"), ({"tested_on": date(2022, 8, 11), "works": True}, "tested_on"),
            ({"tested_on": date(2022, 8, 10)}, "works"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                dialling.tried(old, contact, **words)
            assert refused.value.field == field
        with pytest.raises(Absent):
            dialling.tried(old, uuid7(), taught_on=date(2022, 8, 1))
    with time_machine.travel("2023-02-10T12:00+08:00", tick=False), tenant_scope(here.tenant):
        assert dialling.elders()[0].late
