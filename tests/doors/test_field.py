"""What phones send: each item once, in whatever order, from whatever phone; nothing foreign, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.identity import service as identity
from rongjiu.tenancy.models import Membership
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.fieldwork.models import FieldItem
from tenants.residents import changing, contacts
from tenants.residents import service as residents
from tenants.residents.models import EmergencyContact, OneTouch, Person
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.sweeps import planning
from tenants.sweeps.models import StopTry, SweepStop
from tests import factories
from tests.desk_of import DOOR, ZHOU, Desk, a_desk
from tests.fieldwork import ms, raw
from tests.rules.test_fieldwork import EXIF, jpeg

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
YEAR = 365 * 86400 * 1000


class Field:
    """A community with one registered family in the grid worker's courtyard, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug, self.token = here, here.slug, here.grid.token
        self.account, self.membership = here.grid.account.id, here.grid.membership.id
        self.desks = {"secretary": here.secretary.token, "clerk": here.clerk.token}
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            got = residents.register(here.yard, DOOR, ZHOU)
            self.home, self.person = got.household_id, got.person_ids[0]
            self.other_person = residents.register(here.other_yard, DOOR, ZHOU[:1]).person_ids[0]
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, self.home)
            self.visit = plan_visit(case.id, "worker", now()).id
            yards = [here.yard, here.other_yard]
            self.sweep = planning.plan("heat", "摸排", today(), today(), courtyards=yards, left_out={}).id
            planning.start(self.sweep)
            stops = {row.courtyard_id: row.id for row in db.session.scalars(select(SweepStop))}
            self.stop, self.other_stop = stops[here.yard], stops[here.other_yard]

    def url(self, path: str) -> str:
        return f"/c/{self.slug}/{path}"


@pytest.fixture
def field(made: Made) -> Field:
    return made(lambda: Field(a_desk()))  # type: ignore[no-any-return]


class Phone:
    """One phone: its id, its order, its clock."""

    def __init__(self, client: FlaskClient, field: Field, *, off: int = 0) -> None:
        self.client, self.field, self.off = client, field, off
        self.device, self.seq = str(uuid4()), 0

    def item(self, kind: str, base: dict[str, str] | None = None, **payload: Any) -> dict[str, Any]:
        self.seq += 1
        return raw(kind, self.seq, at=ms() + self.off, base=base, **payload)

    def wish(self, words: str = "想有人陪着下楼走走", yard: UUID | None = None) -> dict[str, Any]:
        return self.item("wish", courtyard=yard or self.field.here.yard, words=words)

    def post(self, items: list[Any], path: str = "grid/sync", slug: str = "") -> Any:
        url = f"/c/{slug}/{path}" if slug else self.field.url(path)
        return self.client.post(url, json={"now": ms() + self.off, "device": self.device, "items": items})

    def send(self, items: list[Any], path: str = "grid/sync") -> list[str]:
        answer = self.post(items, path)
        assert answer.status_code == 200, answer.text
        return [each["state"] for each in answer.json["answers"]]


@pytest.fixture
def phone(client: FlaskClient, login: Login, field: Field) -> Phone:
    login(client, field.token)
    return Phone(client, field)


def ask(made: Made, field: Field, statement: Any) -> Any:
    def run() -> Any:
        with tenant_scope(field.here.tenant):
            return db.session.scalar(statement)

    return made(run)


def count(made: Made, field: Field, model: Any, *where: Any) -> int:
    return int(ask(made, field, select(func.count()).select_from(model).where(*where)) or 0)


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
        return identity.start_session(field.account, row.id, row.role, address="", agent="", second_factor=True)

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
