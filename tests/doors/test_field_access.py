"""Who may send from a phone, and what stands on it: forged items, posts that ended, logins that expired."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity import logins
from rongjiu.tenancy.models import Membership
from tenants.fieldwork.models import FieldItem
from tenants.signals.models import Signal
from tests import factories
from tests.desk_of import a_desk
from tests.fieldwork import Field, Phone, ask, count

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_forged_items_of_another_grid_and_another_community(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    other = made(lambda: Field(a_desk()))
    before = count(made, other, FieldItem)
    forged = [
        phone.wish(yard=field.here.other_yard),
        phone.item("person_fields", person=field.other_person, values={"phone": "13911110001"}),
        phone.wish(yard=other.here.yard),
        phone.item("visit_done", visit=other.visit),
        phone.item("sweep_stop", stop=field.other_stop, result="not_home"),
        phone.item("sweep_stop", stop=other.stop, result="not_home"),
        phone.item("sweep_new_door", sweep=field.sweep, courtyard=field.here.other_yard, room="9", result="vacant"),
        phone.item("sweep_new_door", sweep=other.sweep, courtyard=field.here.yard, room="9", result="vacant"),
        phone.item("person_fields", person=other.person, values={"phone": "13911110001"}),
        phone.item("wish", courtyard=field.here.yard, household=other.home, words="x"),
    ]
    assert phone.send(forged) == ["refused"] * 10
    assert count(made, field, FieldItem) == 0
    assert count(made, field, Signal) == 0
    assert count(made, field, Audit, Audit.verb == "field.refuse") == 10
    assert count(made, other, FieldItem) == before
    assert count(made, other, Audit, Audit.verb.like("field.%")) == 0
    # another community's address: not there, by either way
    assert phone.post([phone.wish(yard=other.here.yard)], slug=other.slug).status_code == 404
    assert phone.post([phone.wish(yard=other.here.yard)], path="grid/hand-in", slug=other.slug).status_code == 404
    # somebody else's item id says nothing
    mine = phone.wish()
    phone.send([mine])
    second = made(lambda: factories.a_person_with_role(
        "grid_worker", "community", db.session.get_one(Membership, field.membership).scope_id, courtyards=("yard-0",)).token)  # fmt: skip
    login(client, second)
    assert Phone(client, field).send([mine]) == ["refused"]


def test_a_role_that_was_lost_keeps_the_items_for_review(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    items = [phone.wish("岗位停用前听到的"), phone.wish(yard=field.here.other_yard), phone.item("fly")]
    for each in items:
        each["at"] -= 2 * 3600 * 1000

    def end() -> None:
        yesterday, hour = now() - timedelta(days=1), now() - timedelta(hours=1)
        mine = update(Membership).where(Membership.id == field.membership)
        db.session.execute(mine.values(starts_at=yesterday, ends_at=hour))

    made(end)
    assert client.get(field.url("grid/who")).json["post"] == "ended"
    assert phone.post(items).status_code == 404
    assert phone.send(items, "grid/hand-in") == ["held", "refused", "refused"], "only what was within the post's reach"
    assert count(made, field, Signal) == 0
    assert phone.send(items[:1], "grid/hand-in") == ["same"]
    late = phone.wish("岗位停用以后编的")
    assert phone.send([late], "grid/hand-in") == ["refused"], "told after the post had ended"
    item = ask(made, field, select(FieldItem.id).where(FieldItem.state == "held"))
    login(client, field.desks["secretary"])
    assert "岗位停用前听到的" in client.get(field.url(f"desk/field/{item}?reason=核对来源")).text
    assert client.post(field.url(f"desk/field/{item}"), data={"take": "all"}).status_code == 303
    assert ask(made, field, select(Signal.words)) == "岗位停用前听到的"


def test_a_post_that_stands_elsewhere_in_this_browser_is_told_to_switch(
    phone: Phone, field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    def second() -> str:
        community = factories.a_community()
        row = Membership(id=uuid4(), account_id=field.account, scope_kind="community", scope_id=community.id,
                         role="community_worker", post="x", courtyards=[], starts_at=now())  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return logins.start_session(field.account, row.id, row.role, address="", agent="", second_factor=True)

    login(client, made(second))
    assert client.get(field.url("grid/who")).json["post"] == "elsewhere"
    assert phone.post([phone.wish()], "grid/hand-in").status_code == 409
    assert count(made, field, FieldItem) == 0


def test_an_expired_login_leads_to_the_login_and_takes_nothing(
    phone: Phone, field: Field, client: FlaskClient, made: Made
) -> None:
    client.delete_cookie("__Host-login", domain="localhost")
    assert phone.post([phone.wish()]).status_code == 302
    assert client.get(field.url("grid/who")).status_code == 302
    assert count(made, field, FieldItem) == 0


def test_the_bundle_is_of_own_courtyards_and_masked(phone: Phone, field: Field) -> None:
    answer = phone.client.get(field.url("grid/bundle"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "雁鸣小区" not in answer.text
    for secret in ("周某之子", "13800001234", "马某"):
        assert secret not in answer.text.encode().decode("unicode_escape", "ignore")
    bundle = answer.json
    assert [yard["name"] for yard in bundle["yards"]] == ["雁北新村"]
    assert [each["name"] for each in bundle["homes"][0]["people"]][:2] == ["周*", "马*"]
    assert bundle["homes"][0]["door"] == "3-2-501甲"
    assert bundle["visits"][0]["id"] == str(field.visit)
    assert bundle["keep_days"] == 21


def test_the_shell_and_its_worker_hold_nothing_of_a_person(phone: Phone, field: Field, app: Flask) -> None:
    client = phone.client
    shell = client.get(field.url("grid/app")).text
    assert "测试员" not in shell, "not even the worker's own name: the shell lies in an open cache"
    assert "周" not in shell.replace("周期", "")
    worker = client.get(field.url("grid/sw.js"))
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert worker.headers["Service-Worker-Allowed"] == field.url("grid/")
    manifest = client.get(field.url("grid/manifest.webmanifest")).json
    assert manifest["start_url"] == field.url("grid/app")
    assert manifest["scope"] == field.url("grid/")
    for src in [icon["src"] for icon in manifest["icons"]]:
        with client.get(src) as answer:
            assert answer.status_code == 200
    assert app.test_client().get(field.url("grid/sw.js")).status_code == 200
