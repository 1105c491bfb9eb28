"""A sweep through the doors: planned at the desk, walked on a phone, each sheet written once."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import tenant_scope
from tenants.cases import service as cases
from tenants.livestream import service as livestream
from tenants.residents import service as register
from tenants.residents.models import EmergencyContact, OneTouch, Person
from tenants.residents.service import Door
from tenants.signals.models import Signal
from tenants.sweeps import planning
from tenants.sweeps.models import Entitled, StopTry, SweepStop
from tests.desk_of import a_desk
from tests.sweeping import PAIR, Swept, asked, sheet

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


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
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    login(client, swept.here.grid.token)
    assert "去摸排" in client.get(f"{swept.grid}today").text
    page = client.get(f"{swept.grid}sweep").text
    assert "3-1-101" in page and "甲*" in page and "甲某" not in page
    door = client.get(f"{swept.grid}stops/{swept.stops[0]}").text
    assert "3-1-101" not in client.get(f"{swept.grid}sweep?building=9").text
    assert "3-1-101" not in client.get(f"{swept.grid}sweep?page=2").text
    for words in ("没人在家", "甲某", "70 岁", "疑似漏保漏救", "这一户记好了"):
        assert words in door
    first = client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0, **{"people-0-how": ""}))
    assert first.status_code == 422 and "没问到就选" in first.text
    silent = client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0, consent="", note="一句备注"))
    assert silent.status_code == 422 and "一句备注" in silent.text
    leak = {"people-0-possible_leak": "y", "people-0-leak_reason": "did_not_know", "people-0-hardships": ["illness"],
            "wish": "想修灯", "urgent": "y", "new_people-0-name": "新来的", "new_people-0-age": "30"}  # fmt: skip
    rings = {"people-0-contact_name": "女儿", "people-0-contact_phone": "12", "people-0-one_touch": "y"}
    wrong = client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0, **leak, **rings))
    assert wrong.status_code == 422 and 'value="女儿"' in wrong.text and "people-0-contact_phone-error" in wrong.text
    form = sheet(swept, 0, **leak, **rings | {"people-0-contact_phone": "13900001111"})
    for _again in range(2):
        told = client.post(f"{swept.grid}stops/{swept.stops[0]}", data=form, follow_redirects=True)
        assert "已记下：已见到" in told.text and "已报给救助专干" in told.text
    assert "3-1-101" not in client.get(f"{swept.grid}sweep").text
    assert asked(made, swept, select(func.count()).select_from(StopTry)) == 1
    assert asked(made, swept, select(func.count()).select_from(Entitled)) == 1
    assert asked(made, swept, select(func.count()).select_from(Person)) == 5
    assert asked(made, swept, select(func.count()).select_from(EmergencyContact)) == 1
    assert asked(made, swept, select(func.count()).select_from(OneTouch)) == 1


def test_an_outdoor_session_and_the_doors_of_a_sweep_are_looked_at_together(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    def live() -> tuple[int, str]:
        with tenant_scope(swept.here.tenant), acting(swept.here.as_clerk()):
            seq = livestream.open_session(today(), "户外直播", outdoor=True)
            return seq, livestream.note(seq, "need", "有人说楼上没人管").number

    seq, heard = made(live)
    login(client, swept.here.grid.token)
    client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0, urgent="y"))
    login(client, swept.here.secretary.token)
    url = f"{swept.desk}sweeps/{swept.sweep}"
    at_door = asked(made, swept, select(Signal.number).where(Signal.channel == "sweep"))
    page = client.get(url).text
    assert at_door in page and heard not in page
    assert client.post(f"{url}/session", data={"session": "999"}).status_code == 404
    assert client.post(f"{url}/session", data={"session": str(seq)}).status_code == 303
    page = client.get(url).text
    assert at_door in page and heard in page and "没人管" not in page
    client.post(f"{url}/session", data={"session": ""})
    assert heard not in client.get(url).text


def test_nobody_home_is_one_button_and_the_door_stays(client: FlaskClient, login: Login, swept: Swept) -> None:
    login(client, swept.here.grid.token)
    url = f"{swept.grid}stops/{swept.stops[0]}"
    told = client.post(url, data={"result": "not_home", "client_key": str(uuid4())}, follow_redirects=True)
    assert "已记下：没人在家" in told.text and "去过 1 次" in told.text and "3-1-101" in told.text
    late = client.post(url, data={"result": "deferred", "until": "2099-01-01", "client_key": str(uuid4())})
    assert late.status_code == 422 and "天以内" in late.text


def test_a_second_sheet_is_kept_although_the_answer_is_a_conflict(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    login(client, swept.here.grid.token)
    url = f"{swept.grid}stops/{swept.stops[0]}"
    client.post(url, data=sheet(swept, 0))
    answer = client.post(url, data={"result": "moved", "note": "听说搬走了", "client_key": str(uuid4())})
    assert answer.status_code == 409 and "您的表已留存" in answer.text
    assert asked(made, swept, select(func.count()).where(StopTry.kept)) == 1
    login(client, swept.here.secretary.token)
    assert "后来又交的表" in client.get(f"{swept.desk}sweeps/{swept.sweep}").text
    assert "听说搬走了" in client.get(f"{swept.desk}sweeps/{swept.sweep}/doors/{swept.stops[0]}").text


def test_a_door_of_another_courtyard_is_not_there(client: FlaskClient, login: Login, made: Made, swept: Swept) -> None:
    def elsewhere() -> UUID:
        with tenant_scope(swept.here.tenant):
            home = register.register(swept.here.other_yard, Door("1", "1", "1"), PAIR).household_id
            return planning.add_stop(swept.sweep, swept.here.other_yard, home, at_door=False)

    stop = made(elsewhere)
    login(client, swept.here.grid.token)
    assert client.get(f"{swept.grid}stops/{stop}").status_code == 404
    assert client.post(f"{swept.grid}stops/{stop}", data={"result": "moved"}).status_code == 404
    assert asked(made, swept, select(SweepStop.state).where(SweepStop.id == stop)) == "planned"


def test_a_new_door_is_registered_on_the_way(client: FlaskClient, login: Login, made: Made, swept: Swept) -> None:
    login(client, swept.here.grid.token)
    url = f"{swept.grid}sweep/{swept.sweep}/door"
    form = {"courtyard": str(swept.here.yard), "building": "9", "unit": "1", "room": "", "result": "visited", "consent": "y",
            "new_people-0-name": "丙某", "new_people-0-age": "44", "client_key": str(uuid4())}  # fmt: skip
    assert "请写门牌号" in client.post(url, data=form).text
    assert client.post(url, data=form | {"room": "1", "new_people-0-name": ""}).status_code == 422
    assert client.post(url, data=form | {"courtyard": str(swept.here.other_yard)}).status_code == 422
    for _again in range(2):
        assert client.post(url, data=form | {"room": "901"}).status_code == 303
    assert asked(made, swept, select(func.count()).where(SweepStop.at_door)) == 1
    more = client.post(url, data=form | {"more": "1"})
    assert 'name="new_people-2-name"' in more.text


def test_what_a_family_says_it_receives_stands_in_its_file_for_the_clerk_to_check(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    def cases_opened() -> None:
        with tenant_scope(swept.here.tenant), acting(swept.here.as_clerk()):
            for home in swept.homes:
                cases.attach_household(cases.open_case(swept.here.yard).id, home)

    login(client, swept.here.grid.token)
    said = sheet(swept, 0, **{"people-0-policies": ["dibao"]})
    assert client.post(f"{swept.grid}stops/{swept.stops[0]}", data=said).status_code == 303
    made(cases_opened)
    login(client, swept.here.clerk.token)
    told, silent = (
        client.get(f"{swept.desk}households/{home}").text.partition('id="benefits"')[2] for home in swept.homes
    )
    assert "最低生活保障" in told and "摸排上门时说的，日期待核" in told
    assert "还没有登记" in silent
