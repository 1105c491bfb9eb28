"""A sweep through the doors: planned at the desk, walked on a phone, closed with a certificate or refused by name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from tenants.livestream import service as livestream
from tenants.residents import service as register
from tenants.residents.models import EmergencyContact, OneTouch, Person
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.sweeps import planning, service
from tenants.sweeps.models import Entitled, StopTry, Sweep, SweepStop
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweep_closing import a_night_and_two_days
from tests.rooms.test_sweeps import PAIR, all_seen

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class World:
    """A running sweep of one courtyard with two doors, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.desk, self.grid = here, f"/c/{here.slug}/desk/", f"/c/{here.slug}/grid/"
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            self.homes = [
                register.register(here.yard, Door("3", "1", each), PAIR).household_id for each in ("101", "102")
            ]
            planned = planning.plan(
                "missed_aid", "八月摸排", today(), today() + timedelta(days=9), courtyards=[here.yard],
                left_out={here.other_yard: "下一批再去"},
            )  # fmt: skip
            self.sweep = planned.id
            planning.start(planned.id)
            self.stops = list(db.session.scalars(select(SweepStop.id).order_by(SweepStop.seq)))
            self.people = [
                [str(each) for each in db.session.scalars(
                    select(Person.id).where(Person.household_id == home).order_by(Person.seq)
                )]
                for home in self.homes
            ]  # fmt: skip


@pytest.fixture
def world(made: Made) -> World:
    return made(lambda: World(a_desk()))  # type: ignore[no-any-return]


def sheet(world: World, n: int, **words: Any) -> dict[str, Any]:
    """A filled form of one door."""
    found: dict[str, Any] = {"result": "visited", "consent": "y", "client_key": str(uuid4())}
    for at, person in enumerate(world.people[n]):
        found |= {f"people-{at}-person": person, f"people-{at}-how": "seen", f"people-{at}-before": ""}
    return found | words


def asked(made: Made, world: World, query: Any) -> Any:
    def run() -> Any:
        with tenant_scope(world.here.tenant):
            return db.session.scalar(query)

    return made(run)


def test_a_sweep_is_planned_in_steps_and_every_courtyard_is_chosen_or_explained(
    client: FlaskClient, login: Login, made: Made
) -> None:
    here = made(a_desk)
    login(client, here.secretary.token)
    base = f"/c/{here.slug}/desk/sweeps"
    assert "还没有摸排" in client.get(base).text
    form = {"purpose": "heat", "title": "高温走访", "starts_on": "2026-08-01", "ends_on": "2026-08-09",
            "courtyards": [str(here.yard)]}  # fmt: skip
    refused = client.post(f"{base}/new", data=form)
    assert refused.status_code == 422
    assert "没有选的院落请写明原因" in refused.text and "高温走访" in refused.text
    assert f'id="yard-{here.yard}" checked' in refused.text, "what was ticked is still ticked"
    wrong = client.post(f"{base}/new", data=form | {"starts_on": "八月"})
    assert wrong.status_code == 422 and "2026-08-01 这样" in wrong.text
    planned = client.post(
        f"{base}/new", data=form | {f"reason-{here.other_yard}": "商铺，没有住户"}, follow_redirects=True
    )
    assert "网格员03" in planned.text and "商铺，没有住户" in planned.text and "开始摸排" in planned.text
    login(client, here.clerk.token)
    assert client.get(f"{base}/new").status_code == 404


def test_a_grid_worker_writes_a_door_and_it_leaves_the_list(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    login(client, world.here.grid.token)
    assert "去摸排" in client.get(f"{world.grid}today").text
    page = client.get(f"{world.grid}sweep").text
    assert "3-1-101" in page and "甲*" in page and "甲某" not in page
    door = client.get(f"{world.grid}stops/{world.stops[0]}").text
    assert "3-1-101" not in client.get(f"{world.grid}sweep?building=9").text
    assert "3-1-101" not in client.get(f"{world.grid}sweep?page=2").text
    for words in ("没人在家", "甲某", "70 岁", "疑似漏保漏救", "这一户记好了"):
        assert words in door
    first = client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0, **{"people-0-how": ""}))
    assert first.status_code == 422 and "没问到就选" in first.text
    silent = client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0, consent="", note="一句备注"))
    assert silent.status_code == 422 and "一句备注" in silent.text
    leak = {"people-0-possible_leak": "y", "people-0-leak_reason": "did_not_know", "people-0-hardships": ["illness"],
            "wish": "想修灯", "urgent": "y", "new_people-0-name": "新来的", "new_people-0-age": "30"}  # fmt: skip
    rings = {"people-0-contact_name": "女儿", "people-0-contact_phone": "12", "people-0-one_touch": "y"}
    wrong = client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0, **leak, **rings))
    assert wrong.status_code == 422 and 'value="女儿"' in wrong.text and "people-0-contact_phone-error" in wrong.text
    form = sheet(world, 0, **leak, **rings | {"people-0-contact_phone": "13900001111"})
    for _again in range(2):
        told = client.post(f"{world.grid}stops/{world.stops[0]}", data=form, follow_redirects=True)
        assert "已记下：已见到" in told.text and "已报给救助专干" in told.text
    assert "3-1-101" not in client.get(f"{world.grid}sweep").text
    assert asked(made, world, select(func.count()).select_from(StopTry)) == 1
    assert asked(made, world, select(func.count()).select_from(Entitled)) == 1
    assert asked(made, world, select(func.count()).select_from(Person)) == 5
    assert asked(made, world, select(func.count()).select_from(EmergencyContact)) == 1
    assert asked(made, world, select(func.count()).select_from(OneTouch)) == 1


def test_an_outdoor_session_and_the_doors_of_a_sweep_are_looked_at_together(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    def live() -> tuple[int, str]:
        with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
            seq = livestream.open_session(today(), "户外直播", outdoor=True)
            return seq, livestream.note(seq, "need", "有人说楼上没人管").number

    seq, heard = made(live)
    login(client, world.here.grid.token)
    client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0, urgent="y"))
    login(client, world.here.secretary.token)
    url = f"{world.desk}sweeps/{world.sweep}"
    at_door = asked(made, world, select(Signal.number).where(Signal.channel == "sweep"))
    page = client.get(url).text
    assert at_door in page and heard not in page
    assert client.post(f"{url}/session", data={"session": "999"}).status_code == 404
    assert client.post(f"{url}/session", data={"session": str(seq)}).status_code == 303
    page = client.get(url).text
    assert at_door in page and heard in page and "没人管" not in page
    client.post(f"{url}/session", data={"session": ""})
    assert heard not in client.get(url).text


def test_nobody_home_is_one_button_and_the_door_stays(client: FlaskClient, login: Login, world: World) -> None:
    login(client, world.here.grid.token)
    url = f"{world.grid}stops/{world.stops[0]}"
    told = client.post(url, data={"result": "not_home", "client_key": str(uuid4())}, follow_redirects=True)
    assert "已记下：没人在家" in told.text and "去过 1 次" in told.text and "3-1-101" in told.text
    late = client.post(url, data={"result": "deferred", "until": "2099-01-01", "client_key": str(uuid4())})
    assert late.status_code == 422 and "天以内" in late.text


def test_a_second_sheet_is_kept_although_the_answer_is_a_conflict(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    login(client, world.here.grid.token)
    url = f"{world.grid}stops/{world.stops[0]}"
    client.post(url, data=sheet(world, 0))
    answer = client.post(url, data={"result": "moved", "note": "听说搬走了", "client_key": str(uuid4())})
    assert answer.status_code == 409 and "您的表已留存" in answer.text
    assert asked(made, world, select(func.count()).where(StopTry.kept)) == 1
    login(client, world.here.secretary.token)
    assert "后来又交的表" in client.get(f"{world.desk}sweeps/{world.sweep}").text
    assert "听说搬走了" in client.get(f"{world.desk}sweeps/{world.sweep}/doors/{world.stops[0]}").text


def test_a_door_of_another_courtyard_is_not_there(client: FlaskClient, login: Login, made: Made, world: World) -> None:
    def elsewhere() -> UUID:
        with tenant_scope(world.here.tenant):
            home = register.register(world.here.other_yard, Door("1", "1", "1"), PAIR).household_id
            return planning.add_stop(world.sweep, world.here.other_yard, home, at_door=False)

    stop = made(elsewhere)
    login(client, world.here.grid.token)
    assert client.get(f"{world.grid}stops/{stop}").status_code == 404
    assert client.post(f"{world.grid}stops/{stop}", data={"result": "moved"}).status_code == 404
    assert asked(made, world, select(SweepStop.state).where(SweepStop.id == stop)) == "planned"


def test_a_new_door_is_registered_on_the_way(client: FlaskClient, login: Login, made: Made, world: World) -> None:
    login(client, world.here.grid.token)
    url = f"{world.grid}sweep/{world.sweep}/door"
    form = {"courtyard": str(world.here.yard), "building": "9", "unit": "1", "room": "", "result": "visited", "consent": "y",
            "new_people-0-name": "丙某", "new_people-0-age": "44", "client_key": str(uuid4())}  # fmt: skip
    assert "请写门牌号" in client.post(url, data=form).text
    assert client.post(url, data=form | {"room": "1", "new_people-0-name": ""}).status_code == 422
    assert client.post(url, data=form | {"courtyard": str(world.here.other_yard)}).status_code == 422
    for _again in range(2):
        assert client.post(url, data=form | {"room": "901"}).status_code == 303
    assert asked(made, world, select(func.count()).where(SweepStop.at_door)) == 1
    more = client.post(url, data=form | {"more": "1"})
    assert 'name="new_people-2-name"' in more.text


def test_a_courtyard_closes_with_a_certificate_or_names_each_open_door(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    login(client, world.here.grid.token)
    client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0))
    login(client, world.here.secretary.token)
    yard = f"{world.desk}sweeps/{world.sweep}/courtyards/{world.here.yard}"
    refused = client.post(f"{yard}/close")
    assert refused.status_code == 409
    assert "3-1-102" in refused.text.split("院落图")[0] and "3-1-101" not in refused.text.split("院落图")[0]
    assert client.get(f"{yard}/certificate").status_code == 404

    def forgotten() -> None:
        with tenant_scope(world.here.tenant):
            register.register(world.here.yard, Door("8", "1", "801"), (NewPerson("丁某"),))

    made(forgotten)
    assert "漏掉的门" in client.post(f"{yard}/close").text
    assert "8-1-801" in client.get(yard).text, "opening the page puts it on the list"
    login(client, world.here.grid.token)
    client.post(f"{world.grid}stops/{world.stops[1]}", data=sheet(world, 1))
    third = asked(made, world, select(SweepStop.id).where(SweepStop.building == "8"))
    client.post(f"{world.grid}stops/{third}", data={"result": "refused", "client_key": str(uuid4())})
    login(client, world.here.secretary.token)
    done = client.post(f"{yard}/close", follow_redirects=True)
    assert "100%" in done.text and "签名有效" in done.text and "flask sweeps verify" in done.text
    assert asked(made, world, select(Sweep.state)) == "closed"
    login(client, world.here.grid.token)
    ended = client.post(f"{world.grid}stops/{world.stops[0]}", data=sheet(world, 0))
    assert ended.status_code == 409


def test_the_list_for_going_again_says_when_and_a_door_may_be_given_up(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    def tried(until: int) -> Callable[[], None]:
        def run() -> None:
            with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
                for moment in a_night_and_two_days()[until - 2 : until]:
                    service.record(
                        world.stops[0], service.Sheet("not_home"), client_key=uuid4(), at=moment
                    )  # fmt: skip

        return run

    made(tried(2))
    login(client, world.here.secretary.token)
    page = client.get(f"{world.desk}sweeps/{world.sweep}/doors?state=open").text
    assert "3-1-101" in page and "晚间或周末" in page
    door = f"{world.desk}sweeps/{world.sweep}/doors/{world.stops[0]}"
    assert "还差敲门 1 次" in client.get(door).text
    assert client.post(f"{door}/unreached").status_code == 409
    made(tried(3))
    assert "敲门次数、天数、时段都够了" in client.get(door).text
    ended = client.post(f"{door}/unreached", follow_redirects=True)
    assert "3-1-101" in ended.text and "3-1-102" not in ended.text
    opened = select(func.count()).where(Audit.verb == "open", Audit.object_kind == "sweep_stop")
    assert asked(made, world, opened) >= 2


def test_the_list_of_the_entitled_is_followed_and_exported(
    client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    def leak() -> UUID:
        with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
            people = all_seen(world.homes[0])
            first = service.Seen(people[0].person_id, "seen", possible_leak=True, leak_reason="did_not_apply")
            service.record(world.stops[0], service.Sheet("visited", (first, people[1])), client_key=uuid4(), at=now())
            return db.session.scalars(select(Entitled.id)).one()

    row = made(leak)
    login(client, world.here.clerk.token)
    page = client.get(f"{world.desk}entitled").text
    assert "甲*" in page and "甲某" not in page and "没有申请过" in page
    url = f"{world.desk}entitled/{row}"
    unsaid = client.post(url, data={"state": "not_entitled", "reason": ""})
    assert unsaid.status_code == 422 and "请写明理由" in unsaid.text
    assert client.post(url, data={"state": "found", "policy": "nonsense"}).status_code == 422
    assert "应享受" in client.post(url, data={"state": "found", "policy": "dibao"}, follow_redirects=True).text
    assert client.post(f"{world.desk}entitled/export", data={"purpose": "报街道"}).status_code == 404
    login(client, world.here.secretary.token)
    assert client.post(f"{world.desk}entitled/export").status_code == 303
    file = client.post(f"{world.desk}entitled/export", data={"purpose": "报街道"})
    assert file.status_code == 200 and file.data[:2] == b"PK"
    doors = client.post(f"{world.desk}sweeps/{world.sweep}/doors/export?state=open", data={"purpose": "再去"})
    assert doors.status_code == 200


def test_a_sweep_is_cancelled_with_a_reason(client: FlaskClient, login: Login, made: Made, world: World) -> None:
    login(client, world.here.secretary.token)
    url = f"{world.desk}sweeps/{world.sweep}"
    assert client.post(f"{url}/cancel").status_code == 422
    assert client.post(f"{url}/cancel", data={"reason": "雨太大"}).status_code == 303
    assert "已取消" in client.get(url).text
    assert client.post(f"{url}/start").status_code == 409


def test_lists_ask_the_same_number_of_questions_however_many_doors(
    app: Flask, client: FlaskClient, login: Login, made: Made, world: World
) -> None:
    def asked_by(path: str) -> int:
        found: list[str] = []

        def count(_c: Any, _k: Any, statement: str, *_more: Any) -> None:
            found.append(statement)

        with app.app_context():
            engine = db.session.connection().engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            assert client.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(found)

    def more() -> None:
        with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
            for n in range(12):
                register.register(world.here.yard, Door("5", "1", str(n)), PAIR)
            planning.sync_stops(world.sweep)

    base = f"{world.desk}sweeps/{world.sweep}"
    paths = [base, f"{base}/doors?state=open", f"{base}/courtyards/{world.here.yard}"]
    login(client, world.here.secretary.token)
    before = [asked_by(path) for path in paths]
    login(client, world.here.grid.token)
    before.append(asked_by(f"{world.grid}sweep"))
    made(more)
    after = [asked_by(f"{world.grid}sweep")]
    login(client, world.here.secretary.token)
    after = [*(asked_by(path) for path in paths), *after]
    assert after == before
    assert max(after) < 30
