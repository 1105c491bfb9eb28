"""What somebody tries by a phone who should not: items that no app sends, parts that belong elsewhere, a foreign page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import cast, select, text
from sqlalchemy.types import Text

from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from tenants.fieldwork.models import FieldItem
from tenants.rescreening.models import VerdictChange
from tenants.residents.models import Person
from tenants.reviews.models import ChangeRequest
from tests import fieldwork, reached
from tests.fieldwork import Field, Phone, ask

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<svg/onload=alert(1)>"
SAID = "他家儿子嫌丢人，不让说"


def audit_text(made: Made, field: Field) -> str:
    def run() -> str:
        with tenant_scope(field.here.tenant):
            return "\n".join(map(str, db.session.execute(select(Audit.verb, cast(Audit.detail, Text)))))

    return str(made(run))


def test_a_phone_cannot_say_itself_what_the_desk_may_take_over_of_whom(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    """An item that waits at the desk names people of other courtyards as its conflicts: taking it over let them die."""
    phone.send([phone.item("visit_done", visit=field.visit)])
    victim = str(field.other_person)
    late = phone.item(
        "visit_missed", visit=field.visit, note="没见到", result="visited", conflicts=[f"{victim}/status"],
        conflicts_of=[victim], people=[{"person": victim, "how": "died"}], values={"phone": "1"}, person=victim,
    )  # fmt: skip
    assert phone.send([late]) == ["conflict"]
    item = ask(made, field, select(FieldItem.id).where(FieldItem.state == "conflict"))
    login(client, field.desks["clerk"])
    assert victim not in client.get(field.url(f"desk/field/{item}?reason=核对上门")).text
    client.post(field.url(f"desk/field/{item}"), data={"take": f"{victim}/status"})
    assert ask(made, field, select(Person.status).where(Person.id == field.other_person)) == "here"


def test_what_no_app_sends_is_answered_and_breaks_nothing(
    phone: Phone, field: Field, client: FlaskClient, login: Login, made: Made
) -> None:
    half = phone.wish("半个字\ud800")
    more = phone.wish() | {"payload": {"courtyard": str(field.here.yard), "words": "好", "\udfff": 1}}
    odd = [
        phone.wish() | {"seq": 2**40}, phone.wish() | {"at": float("inf")}, phone.wish() | {"at": float("nan")},
        phone.wish() | {"base": {"a": 1}}, phone.wish() | {"payload": []}, phone.item("__class__"), 7, None, [], {},
        phone.item("sweep_stop", stop=field.stop, result="visited", people=[{"person": {}}]),
        phone.item("person_fields", person=field.person, values={"tenant_id": "1"}),
        phone.item("person_fields", person=field.person, values={"id_number": "610103194001011235"}),
        phone.item("person_fields", person=field.person, values={"household_id": str(uuid4())}),
        phone.item("person_fields", person=field.person, values={"name": "\0"}),
    ]  # fmt: skip
    assert phone.send([half, more, *odd, phone.wish()]) == ["refused"] * (2 + len(odd)) + ["applied"]
    deep = '{"items":' + "[" * 100_000 + "]" * 100_000 + "}"
    answer = client.post(field.url("grid/sync"), data=deep, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_a_held_item_with_parts_that_belong_elsewhere_opens_at_the_desk(
    field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    def held() -> UUID:
        with tenant_scope(field.here.tenant):
            return fieldwork.an_item(field.here.yard, note=MARK, caller={"a": MARK}, urgency=[MARK], result=MARK)

    item = made(held)
    login(client, field.desks["secretary"])
    page = client.get(field.url(f"desk/field/{item}?reason=核对上报")).text
    assert MARK not in page
    assert "&lt;svg" in page


def test_a_phone_alone_changes_nobodys_name_health_or_life(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    """Facts that need a second person need one whoever tells them; the rest is entered at once."""
    values = {"name": "张三", "condition": "健康", "status": "died", "phone": "13911110001"}
    first = phone.item("person_fields", person=field.person, values={"condition": "脊髓损伤"})
    assert phone.send([first, phone.item("person_fields", person=field.person, values=values)]) == ["applied"] * 2
    row = made(lambda: _person(field))
    assert row == ("周某", "脊髓损伤", "here", "13911110001"), "a first entry is no change"
    asked = ask(made, field, select(ChangeRequest.id).where(ChangeRequest.person_id == field.person))
    login(client, field.desks["clerk"])
    assert client.post(field.url(f"desk/reviews/requests/{asked}"), data={"act": "approve"}).status_code == 403
    login(client, field.desks["secretary"])
    assert client.post(field.url(f"desk/reviews/requests/{asked}"), data={"act": "approve"}).status_code == 303
    assert made(lambda: _person(field))[:3] == ("张三", "健康", "died")


def _person(field: Field) -> tuple[Any, ...]:
    with tenant_scope(field.here.tenant):
        p = Person
        return tuple(
            db.session.execute(select(p.name, p.condition, p.status, p.phone).where(p.id == field.person)).one()
        )


def test_why_an_item_or_a_change_is_dropped_stands_sealed_and_not_in_the_audit(
    field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    def waiting() -> tuple[UUID, UUID]:
        with tenant_scope(field.here.tenant):
            theirs = type("Theirs", (), {"household_id": field.home})
            return fieldwork.an_item(field.here.yard), reached.a_change(theirs)  # type: ignore[arg-type]

    item, change = made(waiting)
    login(client, field.desks["clerk"])
    assert client.post(field.url(f"desk/field/{item}"), data={"why": SAID}).status_code == 303
    assert client.post(field.url(f"desk/changes/{change}"), data={"act": "drop", "reason": SAID}).status_code == 303
    assert SAID not in audit_text(made, field)
    for table in ("field_item", "verdict_change"):
        plain = ask(made, field, text(f"SELECT string_agg(t::text, '') FROM {table} t"))
        assert SAID not in plain, table
    assert ask(made, field, select(FieldItem.settled_why).where(FieldItem.id == item)) == SAID
    assert ask(made, field, select(VerdictChange.reason).where(VerdictChange.id == change)) == SAID
    assert SAID in client.get(field.url(f"desk/field/{item}?reason=再看一眼")).text


def test_what_a_phone_sends_needs_the_token_of_its_own_page(
    app: Flask, phone: Phone, field: Field, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for path in ("grid/sync", "grid/photo", "grid/hand-in"):
        assert phone.post([phone.wish()], path).status_code in (400, 403), path
        plain = phone.client.post(field.url(path), data="{}", content_type="text/plain")
        assert plain.status_code in (400, 403), path
    who = phone.client.get(field.url("grid/who")).json
    body = {"now": fieldwork.ms(), "device": phone.device, "items": [phone.wish()]}
    assert (
        phone.client.post(field.url("grid/sync"), json=body, headers={"X-CSRFToken": who["token"]}).status_code == 200
    )


def test_what_the_open_cache_of_a_phone_keeps_tells_of_nobody(phone: Phone, field: Field) -> None:
    """The shell and its worker are kept unencrypted; everything of a person goes through the bundle alone."""
    bundle = phone.client.get(field.url("grid/bundle"))
    assert "no-store" in bundle.headers["Cache-Control"]
    for path in ("grid/app", "grid/sw.js", "grid/manifest.webmanifest"):
        page = phone.client.get(field.url(path)).text
        for word in (
            "周",
            "501甲",
            "雁北新村",
            str(field.person),
            str(field.home),
            str(field.account),
            bundle.json["token"],
        ):
            assert word not in page, (path, word)
