"""The history of the register: what a field was, who changed it, and nobody overwrites unseen."""

from datetime import date

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.residents import changing, queries, service
from tenants.residents.changing import Origin
from tenants.residents.models import Person, RegisterChange
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")


def history(person_id: object) -> list[tuple[str, str | None, str | None, str]]:
    change = RegisterChange
    rows = db.session.execute(
        select(change.name, change.before, change.after, change.source)
        .where(change.person_id == person_id)
        .order_by(change.id)
    )
    return [tuple(row) for row in rows]


def test_a_change_keeps_what_was_and_says_who_and_why() -> None:
    here: Desk = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        head = service.register(here.yard, DOOR, ZHOU).person_ids[0]
        assert history(head) == []
        done = changing.change_person(head, {"phone": "138 0000 9999", "name": "周某"})
        assert done.changed == ("phone",)
        changing.change_person(head, {"phone": ""}, origin=Origin("sweep", uuid7()))
        assert history(head) == [
            ("phone", "13800001234", "13800009999", "desk"),
            ("phone", "13800009999", None, "sweep"),
        ]
        actor = db.session.scalars(select(RegisterChange.actor).where(RegisterChange.person_id == head)).first()
        assert actor == "救助专干（示例）"
        assert queries.opened(head).phone is None


def test_a_field_changed_since_it_was_read_is_left_alone() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        made = service.register(here.yard, DOOR, ZHOU)
        head = made.person_ids[0]
        changing.change_person(head, {"phone": "13800009999"})
        version = queries.versions(persons=[head])[head, "phone"]
        stale = changing.change_person(
            head, {"phone": "13800007777", "birth_date": date(1938, 1, 1)}, base={"phone": "", "birth_date": ""}
        )
        assert (stale.changed, stale.conflicts) == (("birth_date",), ("phone",))
        same = changing.change_person(head, {"phone": "138-0000-9999"}, base={"phone": ""})
        assert (same.changed, same.conflicts) == ((), ()), "the same value is no conflict"
        fresh = changing.change_person(head, {"phone": "13800007777"}, base={"phone": version})
        assert fresh.changed == ("phone",)


def test_a_household_changes_with_the_same_rules() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = service.register(here.yard, DOOR, ZHOU).household_id
        assert changing.change_household(home, {"occupancy": "rented_out", "room": " 502 "}).changed == (
            "room",
            "occupancy",
        )
        assert (home, "room") in queries.versions(households=[home])
        with pytest.raises(Refused, match="请选一项"):
            changing.change_household(home, {"occupancy": "castle"})
        with pytest.raises(Absent):
            changing.change_household(uuid7(), {"room": "1"})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"), ({"phone": "123"}, "phone"), ({"id_number": "1"}, "id_number"),
        ({"gender": "x"}, "gender"), ({"relation": "朋友的朋友"}, "relation"), ({"status": "gone"}, "status"),
        ({"birth_date": date(2999, 1, 1)}, "birth_date"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_its_field_and_changes_nothing(values: dict[str, object], field: str) -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        head = service.register(here.yard, DOOR, ZHOU).person_ids[0]
        db.session.commit()
        with pytest.raises(Refused) as refused:
            changing.change_person(head, values)
        assert refused.value.field == field
        db.session.rollback()
        assert history(head) == []
        assert db.session.scalar(select(Person.name).where(Person.id == head)) == "周某"
