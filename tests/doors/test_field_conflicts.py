"""What two phones, or a phone and the desk, say of the same thing: nothing is overwritten, a person decides."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import tenant_scope
from tenants.fieldwork.models import FieldItem
from tenants.residents import changing, contacts
from tenants.residents import service as residents
from tenants.residents.models import EmergencyContact, OneTouch, Person
from tenants.residents.service import Door, NewPerson
from tenants.sweeps.models import StopTry, SweepStop
from tests.fieldwork import Field, Phone, ask, count

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_two_phones_change_the_same_field_and_a_person_decides(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    second = Phone(client, field)
    base = phone.client.get(field.url("grid/bundle")).json["homes"][0]["people"][0]["base"]
    assert phone.send([phone.item("person_fields", base, person=field.person, values={"phone": "13911110001"})]) == [
        "applied"
    ]
    late = second.item("person_fields", base, person=field.person, values={"phone": "13922220002", "gender": "female"})
    answer = second.post([late]).json["answers"][0]
    assert answer["state"] == "conflict"
    assert answer["problem"]
    assert ask(made, field, select(Person.phone).where(Person.id == field.person)) == "13911110001"
    assert ask(made, field, select(Person.gender).where(Person.id == field.person)) == "female", (
        "other fields are taken"
    )
    item = ask(made, field, select(FieldItem.id).where(FieldItem.state == "conflict"))
    login(client, field.desks["secretary"])
    listed = client.get(field.url("desk/field")).text
    assert "更正家庭成员" in listed
    assert "13922220002" not in listed
    assert "13922220002" not in client.get(field.url(f"desk/field/{item}")).text, "a reason is asked first"
    opened = client.get(field.url(f"desk/field/{item}?reason=核对电话")).text
    assert "13911110001" in opened
    assert "13922220002" in opened
    assert client.post(field.url(f"desk/field/{item}")).status_code == 422, "leaving it out wants a reason"
    assert client.post(field.url(f"desk/field/{item}"), data={"take": "phone"}).status_code == 303
    assert ask(made, field, select(Person.phone).where(Person.id == field.person)) == "13922220002"
    assert client.post(field.url(f"desk/field/{item}"), data={"take": "phone"}).status_code == 409
    assert ask(made, field, select(FieldItem.payload).where(FieldItem.id == item)) is None


def test_the_same_value_from_two_phones_is_no_conflict(phone: Phone, field: Field, client: FlaskClient) -> None:
    second = Phone(client, field)
    for each in (phone, second):
        assert each.send([each.item("person_fields", person=field.person, values={"phone": "13911110001"})]) == [
            "applied"
        ]


def test_what_the_desk_changed_meanwhile_is_not_overwritten(phone: Phone, field: Field, made: Made) -> None:
    def at_the_desk() -> None:
        with tenant_scope(field.here.tenant), acting(field.here.as_clerk()):
            changing.change_person(field.person, {"phone": "13900009999"})

    made(at_the_desk)
    item = phone.item("person_fields", person=field.person, values={"phone": "13911110001"})
    assert phone.send([item]) == ["conflict"]
    assert phone.post([item]).json["answers"][0]["was"] == "conflict"
    assert ask(made, field, select(Person.phone).where(Person.id == field.person)) == "13900009999"


def test_a_visit_ended_by_somebody_else_keeps_the_note_for_the_desk(
    phone: Phone, field: Field, client: FlaskClient, login: Login, made: Made
) -> None:
    second = Phone(client, field)
    phone.send([phone.item("visit_done", visit=field.visit)])
    assert second.send([second.item("visit_missed", visit=field.visit, note="敲门没人应")]) == ["conflict"]
    item = ask(made, field, select(FieldItem.id).where(FieldItem.state == "conflict"))
    login(client, field.desks["clerk"])
    assert "敲门没人应" in client.get(field.url(f"desk/field/{item}?reason=核对上门")).text


def test_a_sheet_is_written_once_and_a_second_phone_overwrites_nothing(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    second = Phone(client, field)
    stop = client.get(field.url("grid/bundle")).json["stops"][0]
    assert stop["id"] == str(field.stop)
    assert stop["people"][0]["name"] == "周*"
    seen = [{"person": each["id"], "how": "seen"} for each in stop["people"]]
    one = phone.item("sweep_stop", stop["base"], stop=field.stop, result="visited", people=seen)
    assert phone.send([one, one]) == ["applied", "same"]
    assert phone.send([one]) == ["same"]
    assert count(made, field, StopTry) == 1
    late = second.item("sweep_stop", stop["base"], stop=field.stop, result="moved", note="邻居说搬走了")
    assert second.send([late]) == ["conflict"]
    assert ask(made, field, select(SweepStop.state).where(SweepStop.id == field.stop)) == "visited"
    item = ask(made, field, select(FieldItem.id).where(FieldItem.state == "conflict"))
    login(client, field.desks["secretary"])
    page = client.get(field.url(f"desk/field/{item}?reason=核对摸排")).text
    assert "邻居说搬走了" in page
    assert "搬走了" in page
    assert client.post(field.url(f"desk/field/{item}"), data={"why": "已经见到本人"}).status_code == 303


def test_a_person_whom_the_desk_has_changed_keeps_that_until_somebody_decides(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    stop = client.get(field.url("grid/bundle")).json["stops"][0]

    def at_the_desk() -> None:
        with tenant_scope(field.here.tenant), acting(field.here.as_clerk()):
            for status in ("moved", "here"):
                changing.change_person(field.person, {"status": status})

    made(at_the_desk)
    hows = [{"person": each["id"], "how": "died" if n == 0 else "seen"} for n, each in enumerate(stop["people"])]
    item = phone.item("sweep_stop", stop["base"], stop=field.stop, result="visited", people=hows)
    assert phone.send([item]) == ["conflict"]
    assert ask(made, field, select(Person.status).where(Person.id == field.person)) == "here"
    row = ask(made, field, select(FieldItem.id).where(FieldItem.state == "conflict"))
    login(client, field.desks["secretary"])
    page = client.get(field.url(f"desk/field/{row}?reason=核对摸排")).text
    assert "已去世" in page
    take = f"{field.person}/status"
    assert client.post(field.url(f"desk/field/{row}"), data={"take": take}).status_code == 303
    assert ask(made, field, select(Person.status).where(Person.id == field.person)) == "died"


def test_a_sheet_brings_whom_to_ring_and_the_taught_button(
    client: FlaskClient, phone: Phone, field: Field, made: Made
) -> None:
    stop = client.get(field.url("grid/bundle")).json["stops"][0]
    rings = {"kind": "family", "name": "女儿", "phone": "13900001111"}
    seen = [{"person": each["id"], "how": "seen"} for each in stop["people"]]
    wrong = [seen[0] | {"contact": rings | {"phone": "12"}}, *seen[1:]]
    assert phone.send([phone.item("sweep_stop", stop["base"], stop=field.stop, result="visited", people=wrong)]) == [
        "refused"
    ]
    told = [seen[0] | {"contact": rings, "one_touch": True}, *seen[1:]]
    item = phone.item("sweep_stop", stop["base"], stop=field.stop, result="visited", people=told)
    assert phone.send([item]) == ["applied"] and phone.send([item]) == ["same"]
    assert (count(made, field, EmergencyContact), count(made, field, OneTouch)) == (1, 1)


def test_a_test_of_one_touch_dialling_that_is_due_is_on_the_days_list(
    client: FlaskClient, phone: Phone, field: Field, made: Made
) -> None:
    def alone() -> list[UUID]:
        with tenant_scope(field.here.tenant), acting(field.here.as_clerk()):
            found = []
            for yard in (field.here.yard, field.here.other_yard):
                (old,) = residents.register(yard, Door("7", "1", "701"), (NewPerson("钱老人", age=81),)).person_ids
                contacts.add(old, "family", name="儿子", phone="13900002222")
                found.append(old)
            return found

    mine, other = made(alone)
    page = client.get(field.url("grid/today")).text
    assert f"#person/{mine}" in page and str(other) not in page and "钱老人" not in page and "钱" in page
    assert client.get(field.url("grid/bundle")).json["dials"] == [str(mine)]
    assert phone.send([phone.item("one_touch", person=mine, works="yes")]) == ["applied"]
    assert f"#person/{mine}" not in client.get(field.url("grid/today")).text
    assert client.get(field.url("grid/bundle")).json["dials"] == []


def test_a_door_that_is_on_no_list(phone: Phone, field: Field, made: Made) -> None:
    people = [{"name": "新来的", "relation": "02", "age": "66", "gender": "male", "phone": ""}]
    item = phone.item("sweep_new_door", sweep=field.sweep, courtyard=field.here.yard, building="9", unit="1", room="901",
                      result="visited", new_people=people)  # fmt: skip
    assert phone.send([item]) == ["applied"]
    assert phone.send([item]) == ["same"]
    assert count(made, field, Person, Person.name == "新来的") == 1
    assert phone.send([phone.item("sweep_new_door", sweep=field.sweep, courtyard=field.here.yard, result="visited", room="2",
                                  new_people=[people[0] | {"age": "many"}])]) == ["refused"]  # fmt: skip


def test_one_touch_dialling_taught_and_tested(phone: Phone, field: Field, made: Made) -> None:
    items = [phone.item("one_touch", person=field.person, works=works) for works in ("", "yes", "maybe")]
    items.append(phone.item("one_touch", person=field.other_person, works="yes"))
    assert phone.send(items) == ["applied", "applied", "refused", "refused"]
    assert count(made, field, OneTouch) == 2
    assert count(made, field, OneTouch, OneTouch.works) == 1
