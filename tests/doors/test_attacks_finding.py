"""What somebody tries against the register, sweeps, phones, reviews and street desks who should not: a hostile grid
worker, a community worker beyond the own cases, a clerk of another street. Each went through once, or never may."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import cast, select, text
from sqlalchemy.types import Text
from werkzeug.routing import Rule

from blueprints.permissions import matrix
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.fieldwork.models import FieldItem
from tenants.rescreening.models import VerdictChange
from tenants.residents.models import Person
from tenants.reviews.models import ChangeRequest
from tests import factories, fieldwork
from tests.desk_of import a_desk
from tests.doors import test_isolation as isolation
from tests.doors.test_field import Field, Phone

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
MARK = "<svg/onload=alert(1)>"
FAR = "99999999999999999999"
EMPTY = {"grid.survey_any"}
"""The sheet of a running survey, without a door: it tells of nobody."""
FOLLOWS = {"sweep_stop", "emergency_look"}
"""Doors registered since a sweep began get their stop when its pages are next read: what follows from the register. Who
opened a family as 急难 is written down, as every opening is in the audit."""
SAID = "他家儿子嫌丢人，不让说"


@pytest.fixture
def field(made: Made) -> Field:
    return made(lambda: Field(a_desk()))  # type: ignore[no-any-return]


@pytest.fixture
def phone(client: FlaskClient, login: Login, field: Field) -> Phone:
    login(client, field.token)
    return Phone(client, field)


def ask(made: Made, field: Field, statement: Any) -> Any:
    def run() -> Any:
        with tenant_scope(field.here.tenant):
            return db.session.scalar(statement)

    return made(run)


def audit_text(made: Made, field: Field) -> str:
    def run() -> str:
        with tenant_scope(field.here.tenant):
            return "\n".join(map(str, db.session.execute(select(Audit.verb, cast(Audit.detail, Text)))))

    return str(made(run))


# --- phones ----------------------------------------------------------------------------------------------------------


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


# --- words that somebody typed ---------------------------------------------------------------------------------------


def test_why_an_item_or_a_change_is_dropped_stands_sealed_and_not_in_the_audit(
    field: Field, made: Made, client: FlaskClient, login: Login
) -> None:
    def waiting() -> tuple[UUID, UUID]:
        with tenant_scope(field.here.tenant):
            theirs = type("Theirs", (), {"household_id": field.home})
            return fieldwork.an_item(field.here.yard), isolation.a_change(theirs)  # type: ignore[arg-type]

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


# --- every address ---------------------------------------------------------------------------------------------------


class Own:
    """A community full of everything, with its own staff: a worker without cases, a grid worker of another courtyard."""

    def __init__(self) -> None:
        self.two = isolation.prepare()
        here = db.session.scalar(select(Community).where(Community.tenant_id == self.two.victim.id))
        assert here is not None
        self.slug, self.ids = self.two.victim_slug, self.two.ids
        self.tokens = {
            role: factories.a_person_with_role(role, "community", here.id, post=role, courtyards=("elsewhere",)).token
            for role in isolation.ROLES
        }


@pytest.fixture
def own(made: Made) -> Own:
    return made(Own)  # type: ignore[no-any-return]


def _rules(app: Flask) -> Iterator[tuple[Rule, dict[str, str]]]:
    for rule in isolation.community_rules(app):
        yield rule, matrix()[rule.endpoint].roles


def test_no_list_breaks_at_what_an_address_may_say(app: Flask, own: Own, client: FlaskClient, login: Login) -> None:
    odd = dict.fromkeys(("q", "courtyard", "kind", "state", "policy", "tab", "building", "worker"), "\0%_' \u202e")
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES if each in roles), None)
        if role is None or "GET" not in rule.methods or set(rule.arguments) != {"slug"}:
            continue
        login(client, own.tokens[role])
        path = isolation.address(app, rule, own.slug, own.ids)
        for asked in ({"page": FAR}, {"page": "-1", "size": "-1"}, odd, {"q": MARK, "state": MARK}):
            answer = client.get(path, query_string=asked)
            assert answer.status_code < 500, (rule.endpoint, asked)
            assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), rule.endpoint


def test_a_worker_without_the_case_finds_nothing_of_the_family(
    app: Flask, own: Own, client: FlaskClient, login: Login
) -> None:
    """Every address with an id of the family, at which the matrix says `own` or `courtyard`: as if it were not there."""
    before, tried = isolation.fingerprint(app, own.two.victim), 0
    for rule, roles in _rules(app):
        names = set(rule.arguments) - {"slug"}
        role = next((each for each in ("community_worker", "grid_worker") if roles.get(each)), None)
        if role is None or not names or names <= isolation.OPEN_WORDS or rule.endpoint in EMPTY:
            continue
        login(client, own.tokens[role])
        path = isolation.address(app, rule, own.slug, own.ids)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = client.open(
                path, method=method, data={"reason": "verify", "fields": "phone"} if method == "POST" else None
            )
            assert answer.status_code == 404, (rule.endpoint, method, answer.status_code)
            tried += 1
    assert tried > 25
    assert isolation.fingerprint(app, own.two.victim) == before


def test_a_worker_without_the_case_finds_nobody_by_searching(own: Own, client: FlaskClient, login: Login) -> None:
    login(client, own.tokens["community_worker"])
    for asked in ("周某", "周", "zhou", "zm", "13800001234", "610103194001011235", "3-2-501甲", "雁北", "%", "_", ".*"):
        page = client.get(f"/c/{own.slug}/desk/search", query_string={"q": asked}).text
        assert str(own.ids["person_id"]) not in page, asked
        assert str(own.ids["household_id"]) not in page, asked


def test_a_grid_worker_of_another_courtyard_takes_nobody_along(own: Own, client: FlaskClient, login: Login) -> None:
    login(client, own.tokens["grid_worker"])
    bundle = client.get(f"/c/{own.slug}/grid/bundle").json
    assert [bundle[name] for name in ("yards", "homes", "stops", "visits", "sweeps")] == [[]] * 5
    everything = "".join(client.get(f"/c/{own.slug}/grid/{page}").text for page in ("", "sweep", "survey", "app"))
    for name in ("person_id", "household_id", "stop_id", "door_id", "visit_id"):
        assert str(own.ids[name]) not in everything, name


def test_markup_in_every_field_of_every_form_comes_back_as_words(
    app: Flask, own: Own, client: FlaskClient, login: Login
) -> None:
    """Each form is posted with markup, and with what no database takes, in all of its fields; then every page is read."""
    paths = []
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES[:3] if each in roles), None)
        if role is None:
            continue
        login(client, own.tokens[role])
        path, fields = isolation.address(app, rule, own.slug, own.ids), {"words", "reason", "why", "name", "purpose"}
        if "GET" in rule.methods:
            paths.append((role, path))
            page = client.get(path, query_string={"reason": "看一看资料"})
            fields |= set(re.findall(r'name="([^"]+)"', page.text)) if page.mimetype.startswith("text/") else set()
        for value in (MARK, "\0\u202e\n") if "POST" in rule.methods else ():
            answer = client.post(path, data=dict.fromkeys(fields - {"_key", "csrf_token"}, value))
            assert answer.status_code < 500, (rule.endpoint, value)
            assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), rule.endpoint
    for role, path in paths:
        login(client, own.tokens[role])
        answer = client.get(path, query_string={"reason": "看一看资料"})
        assert MARK not in (answer.text if answer.mimetype.startswith("text/") else ""), path


def test_looking_changes_nothing(app: Flask, own: Own, client: FlaskClient, login: Login) -> None:
    """Previewers and impatient fingers open addresses; only opening a file leaves its row in the audit."""
    before = isolation.fingerprint(app, own.two.victim)
    for rule, roles in _rules(app):
        role = next((each for each in isolation.ROLES if each in roles), None)
        if role is not None and "GET" in rule.methods:
            login(client, own.tokens[role])
            client.get(isolation.address(app, rule, own.slug, own.ids), query_string={"reason": "看一看资料"})
            after = isolation.fingerprint(app, own.two.victim)
            assert {name for name in after if after[name] != before[name]} <= FOLLOWS, rule.endpoint


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
