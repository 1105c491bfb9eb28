"""What phones send: each item once, in whatever order, with whatever clock; nothing lost."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.audit import Audit
from rongjiu.clock import now
from tenants.accompaniment.models import Visit
from tenants.fieldwork.models import FieldItem
from tenants.residents.models import Person
from tenants.signals.models import Signal
from tests.fieldwork import Field, Phone, ask, count, ms
from tests.rules.test_fieldwork import EXIF, jpeg

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
YEAR = 365 * 86400 * 1000


def test_a_queue_sent_twice_is_taken_once(phone: Phone, field: Field, made: Made) -> None:
    items = [phone.wish(f"心愿 {n}") for n in range(5)] + [phone.item("visit_done", visit=field.visit, note="人都好")]
    assert phone.send(items) == ["applied"] * 6
    answer = phone.post(items).json["answers"]
    assert [(each["state"], each["was"]) for each in answer] == [("same", "applied")] * 6
    assert count(made, field, Signal) == 5
    assert ask(made, field, select(Visit.state).where(Visit.id == field.visit)) == "done"
    assert ask(made, field, select(FieldItem.payload).limit(1)) is None, "what was entered is not kept twice"


def test_a_sending_cut_at_item_13_goes_on_without_loss_or_double(phone: Phone, field: Field, made: Made) -> None:
    items = [phone.wish(f"心愿 {n}") for n in range(20)]
    phone.send(items[:13])  # taken in, but the phone never heard the answer
    assert phone.send(items) == ["same"] * 13 + ["applied"] * 7
    assert count(made, field, Signal) == 20


def test_one_bad_item_does_not_hold_up_the_others(phone: Phone, field: Field, made: Made) -> None:
    items = [
        phone.wish(),
        phone.wish(""),
        {"id": "no", "kind": 3},
        "junk",
        phone.item("fly"),
        phone.wish("a\0b"),
        phone.wish(),
    ]
    assert phone.send(items) == ["applied", *["refused"] * 5, "applied"]
    answers = phone.post(items[1:2]).json["answers"]
    assert answers[0]["problem"] == "请写下听到的话。"
    assert count(made, field, Signal) == 2


def test_the_order_is_that_of_the_phone_not_of_arrival(phone: Phone, field: Field, made: Made) -> None:
    one = phone.item("person_fields", person=field.person, values={"phone": "13911110001"})
    two = phone.item("person_fields", person=field.person, values={"phone": "13911110002"})
    assert phone.send([two]) == ["applied"]
    assert phone.send([one]) == ["applied"], "an earlier item of the same phone is overtaken, no conflict"
    assert ask(made, field, select(Person.phone).where(Person.id == field.person)) == "13911110002"
    three = phone.item("person_fields", person=field.person, values={"phone": "13911110003"})
    four = phone.item("person_fields", person=field.person, values={"phone": "13911110004"})
    assert phone.send([four, three]) == ["applied", "applied"], "within one sending the order is the phone's"
    assert ask(made, field, select(Person.phone).where(Person.id == field.person)) == "13911110004"


@pytest.mark.parametrize("off", [-YEAR, YEAR])
def test_a_clock_a_year_off_is_set_right(off: int, phone: Phone, field: Field, made: Made) -> None:
    wrong = Phone(phone.client, field, off=off)
    item = wrong.item("visit_done", visit=field.visit)
    item["at"] -= 3600 * 1000  # an hour before it was sent
    assert wrong.send([item]) == ["applied"]
    row = ask(made, field, select(Visit.done_at).where(Visit.id == field.visit))
    assert 3590 < (now() - row).total_seconds() < 3620
    skew = ask(made, field, select(FieldItem.skew))
    assert abs(skew + off / 1000) < 10
    received = ask(made, field, select(FieldItem.received_at))
    assert abs((now() - received).total_seconds()) < 30


def test_a_clock_set_right_meanwhile_falls_back_to_the_receipt(phone: Phone, field: Field, made: Made) -> None:
    item = phone.item("visit_done", visit=field.visit)
    item["at"] += YEAR
    assert phone.send([item]) == ["applied"]
    assert abs((now() - ask(made, field, select(Visit.done_at).where(Visit.id == field.visit))).total_seconds()) < 30


@pytest.mark.parametrize("at", [1e300, -1e300, True, "now", None, float(2**63)])
def test_moments_that_are_none_are_refused(at: Any, phone: Phone) -> None:
    item = phone.wish() | {"at": at}
    assert phone.send([item]) == ["refused"]


def test_500_items_at_once_and_not_one_more(phone: Phone, field: Field, made: Made) -> None:
    items = [phone.wish(f"心愿 {n}") for n in range(500)]
    assert phone.send(items) == ["applied"] * 500  # how long it takes, deploy/bench measures
    assert count(made, field, Signal) == 500
    assert phone.post([*items, phone.wish()]).status_code == 413
    assert count(made, field, Signal) == 500


def test_a_body_that_is_no_list_or_too_large_is_refused(phone: Phone, field: Field, client: FlaskClient) -> None:
    for body in ([], {}, {"items": 3}, {"items": [], "now": "x", "device": phone.device}, {"items": [], "now": ms()}):
        answer = client.post(field.url("grid/sync"), json=body)
        assert answer.status_code == 422
        assert answer.json["problem"]
    assert client.post(field.url("grid/sync"), data=b"{", content_type="application/json").status_code == 422
    large = {"now": ms(), "device": phone.device, "items": ["x" * 5_000_000]}
    assert client.post(field.url("grid/sync"), json=large).status_code in (413, 422)


def photo(phone: Phone, of: str, content: bytes, path: str = "grid/photo") -> Any:
    phone.seq += 1
    words = {"id": str(uuid4()), "of": of, "seq": phone.seq, "at": ms(), "now": ms(), "device": phone.device,
             "photo": (BytesIO(content), "p.jpg")}  # fmt: skip
    return phone.client.post(phone.field.url(path), data=words, content_type="multipart/form-data")


def test_a_photograph_follows_its_item_and_loses_its_exif(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    item = phone.wish()
    assert photo(phone, item["id"], jpeg()).json["answers"][0]["state"] == "wait", "not before its item"
    phone.send([item])
    assert photo(phone, item["id"], b"GIF89a").status_code == 422
    assert photo(phone, item["id"], jpeg(EXIF)).json["answers"][0]["state"] == "applied"
    row = ask(made, field, select(FieldItem.id).where(FieldItem.kind == "wish"))
    login(client, field.desks["secretary"])
    page = client.get(field.url(f"desk/field/{row}?reason=查看照片"))
    link = page.text.split(f"/desk/field/{row}/photos/")[1][:36]
    kept = client.get(field.url(f"desk/field/{row}/photos/{link}"))
    assert kept.data == jpeg()
    assert kept.headers["Content-Disposition"].startswith("attachment")
    assert client.get(field.url(f"desk/field/{row}/photos/{uuid4()}")).status_code == 404


def test_sync_writes_who_sent_how_much(phone: Phone, field: Field, made: Made) -> None:
    phone.send([phone.wish(), phone.wish("")])
    detail = ask(made, field, select(Audit.detail).where(Audit.verb == "field.sync"))
    assert (detail["applied"], detail["refused"]) == (1, 1)
