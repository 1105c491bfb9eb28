"""The register: people, doors, carers, search."""

import pytest
from sqlalchemy import select, text

from rongjiu import crypto
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Indicator
from tenants.residents import queries, searching, service
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tests.desk_of import DOOR, ZHOU, a_desk


def _valid(first17: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, weights, strict=True)) % 11]


NUMBER = _valid("61010319400101123")


@pytest.mark.usefixtures("inside")
def test_a_household_is_registered_once_behind_its_door() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, ZHOU)
        again = service.register(here.yard, DOOR, [ZHOU[0], NewPerson("周某女婿", relation="女婿")])
        assert again.household_id == made.household_id
        assert again.person_ids[0] == made.person_ids[0]
        people = queries.members(made.household_id)
        assert [(p.name, p.relation) for p in people][:2] == [("周某", "02"), ("马某", "10")]
        assert [p.seq for p in people] == [1, 2, 3, 4, 5]
        assert people[0].age == 84
        assert people[0].has_phone
        counts = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
        assert (counts["households"], counts["persons"]) == (1, 5)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize(
    ("person", "field"),
    [
        (NewPerson(" "), "persons-0-name"),
        (NewPerson("张某", phone="123"), "persons-0-phone"),
        (NewPerson("张某", id_number="610103194001011230"), "persons-0-id_number"),
        (NewPerson("张某", relation="朋友的朋友"), "persons-0-relation"),
        (NewPerson("张某", age=130), "persons-0-age"),
    ],
)
def test_what_cannot_be_right_is_refused_at_its_field(person: NewPerson, field: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant), pytest.raises(Refused) as refused:
        service.register(here.yard, DOOR, [person])
    assert refused.value.field == field


@pytest.mark.usefixtures("inside")
def test_an_identity_number_fills_birth_and_sex_and_stands_once() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, [NewPerson("张某", id_number=NUMBER, age=3)])
        row = db.session.scalar(select(Person).where(Person.id == made.person_ids[0]))
        assert row is not None
        assert (row.birth_date, row.gender, row.age_said) == (
            row.birth_date,
            "male" if int(NUMBER[16]) % 2 else "female",
            None,
        )
        assert str(row.birth_date) == "1940-01-01"
        with pytest.raises(Refused, match="已经登记过") as refused:
            service.register(here.yard, Door("9", "9", "9"), [NewPerson("李某", id_number=NUMBER)])
        assert refused.value.field == "persons-0-id_number"


@pytest.mark.usefixtures("inside")
def test_protected_fields_are_sealed_at_rest() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, ZHOU)
        raw = db.session.scalar(text("SELECT phone FROM person WHERE phone IS NOT NULL"))
        assert b"13800001234" not in bytes(raw or b"")
        index = db.session.scalar(select(Person.phone_index).where(Person.id == made.person_ids[0]))
        assert index == crypto.blind("13800001234", here.tenant.uid, "phone")


@pytest.mark.usefixtures("inside")
def test_nobody_is_found_from_the_community_next_door() -> None:
    here, there = a_desk(), a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, ZHOU)
    with tenant_scope(there.tenant):
        assert searching.search("13800001234").rows == []
        assert queries.household(made.household_id) is None
        with pytest.raises(Absent):
            service.add_person(made.household_id, ZHOU[1])


@pytest.mark.usefixtures("inside")
def test_carers_stay_within_a_household() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, ZHOU)
        other = service.register(here.yard, Door("1", "1", "1"), [NewPerson("李某")])
        head, _, son, _ = made.person_ids
        service.link_carer(son, head)
        service.link_carer(son, head)
        assert queries.carers(made.household_id) == [(son, head)]
        with pytest.raises(Absent):
            service.link_carer(other.person_ids[0], head)
        with pytest.raises(Refused):
            service.link_carer(head, head)


@pytest.mark.usefixtures("inside")
def test_a_person_is_amended_and_the_courtyards_of_a_grid_worker_are_found() -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        made = service.register(here.yard, DOOR, ZHOU)
        service.amend_person(made.person_ids[1], phone="029-88880001", condition="长期卧床", groups=["disabled"])
        opened = queries.opened(made.person_ids[1])
        assert (opened.phone, opened.condition, opened.room) == ("029-88880001", "长期卧床", "501甲")
        assert queries.own_courtyards(("yard-0",)) == [here.yard]
        assert queries.own_courtyards((str(here.yard),)) == [here.yard]
        assert queries.own_courtyards(()) == []
        worker = queries.grid_worker(here.yard)
        assert worker is not None
        assert worker.post == "网格员03"
        assert queries.grid_worker(here.other_yard) is None
        with pytest.raises(Absent):
            service.amend_person(uuid7(), phone="")
