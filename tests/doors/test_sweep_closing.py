"""The end of a sweep through the doors: certificate, going again, the entitled, cancelling, the cost of its lists."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.residents import service as register
from tenants.residents.service import Door, NewPerson
from tenants.sweeps import planning, service
from tenants.sweeps.models import Entitled, Sweep, SweepStop
from tests.asked import statements
from tests.sweeping import PAIR, Swept, a_night_and_two_days, all_seen, asked, sheet

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_a_courtyard_closes_with_a_certificate_or_names_each_open_door(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    login(client, swept.here.grid.token)
    client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0))
    login(client, swept.here.secretary.token)
    yard = f"{swept.desk}sweeps/{swept.sweep}/courtyards/{swept.here.yard}"
    refused = client.post(f"{yard}/close")
    assert refused.status_code == 409
    assert "3-1-102" in refused.text.split("院落图")[0] and "3-1-101" not in refused.text.split("院落图")[0]
    assert client.get(f"{yard}/certificate").status_code == 404

    def forgotten() -> None:
        with tenant_scope(swept.here.tenant):
            register.register(swept.here.yard, Door("8", "1", "801"), (NewPerson("丁某"),))

    made(forgotten)
    assert "漏掉的门" in client.post(f"{yard}/close").text
    assert "8-1-801" in client.get(yard).text, "opening the page puts it on the list"
    login(client, swept.here.grid.token)
    client.post(f"{swept.grid}stops/{swept.stops[1]}", data=sheet(swept, 1))
    third = asked(made, swept, select(SweepStop.id).where(SweepStop.building == "8"))
    client.post(f"{swept.grid}stops/{third}", data={"result": "refused", "client_key": str(uuid4())})
    login(client, swept.here.secretary.token)
    done = client.post(f"{yard}/close", follow_redirects=True)
    assert "100%" in done.text and "签名有效" in done.text and "flask sweeps verify" in done.text
    assert asked(made, swept, select(Sweep.state)) == "closed"
    login(client, swept.here.grid.token)
    ended = client.post(f"{swept.grid}stops/{swept.stops[0]}", data=sheet(swept, 0))
    assert ended.status_code == 409


def test_the_list_for_going_again_says_when_and_a_door_may_be_given_up(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    def tried(until: int) -> Callable[[], None]:
        def run() -> None:
            with tenant_scope(swept.here.tenant), acting(swept.here.as_clerk()):
                for moment in a_night_and_two_days()[until - 2 : until]:
                    service.record(
                        swept.stops[0], service.Sheet("not_home"), client_key=uuid4(), at=moment
                    )  # fmt: skip

        return run

    made(tried(2))
    login(client, swept.here.secretary.token)
    page = client.get(f"{swept.desk}sweeps/{swept.sweep}/doors?state=open").text
    assert "3-1-101" in page and "晚间或周末" in page
    door = f"{swept.desk}sweeps/{swept.sweep}/doors/{swept.stops[0]}"
    assert "还差敲门 1 次" in client.get(door).text
    assert client.post(f"{door}/unreached").status_code == 409
    made(tried(3))
    assert "敲门次数、天数、时段都够了" in client.get(door).text
    ended = client.post(f"{door}/unreached", follow_redirects=True)
    assert "3-1-101" in ended.text and "3-1-102" not in ended.text
    opened = select(func.count()).where(Audit.verb == "open", Audit.object_kind == "sweep_stop")
    assert asked(made, swept, opened) >= 2


def test_the_list_of_the_entitled_is_followed_and_exported(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    def leak() -> UUID:
        with tenant_scope(swept.here.tenant), acting(swept.here.as_clerk()):
            people = all_seen(swept.homes[0])
            first = service.Seen(people[0].person_id, "seen", possible_leak=True, leak_reason="did_not_apply")
            service.record(swept.stops[0], service.Sheet("visited", (first, people[1])), client_key=uuid4(), at=now())
            return db.session.scalars(select(Entitled.id)).one()

    row = made(leak)
    login(client, swept.here.clerk.token)
    page = client.get(f"{swept.desk}entitled").text
    assert "甲*" in page and "甲某" not in page and "没有申请过" in page
    url = f"{swept.desk}entitled/{row}"
    unsaid = client.post(url, data={"state": "not_entitled", "reason": ""})
    assert unsaid.status_code == 422 and "请写明理由" in unsaid.text
    assert client.post(url, data={"state": "found", "policy": "nonsense"}).status_code == 422
    assert "应享受" in client.post(url, data={"state": "found", "policy": "dibao"}, follow_redirects=True).text
    assert client.post(f"{swept.desk}entitled/export", data={"purpose": "报街道"}).status_code == 404
    login(client, swept.here.secretary.token)
    assert client.post(f"{swept.desk}entitled/export").status_code == 303
    file = client.post(f"{swept.desk}entitled/export", data={"purpose": "报街道"})
    assert file.status_code == 200 and file.data[:2] == b"PK"
    doors = client.post(f"{swept.desk}sweeps/{swept.sweep}/doors/export?state=open", data={"purpose": "再去"})
    assert doors.status_code == 200


def test_a_sweep_is_cancelled_with_a_reason(client: FlaskClient, login: Login, made: Made, swept: Swept) -> None:
    login(client, swept.here.secretary.token)
    url = f"{swept.desk}sweeps/{swept.sweep}"
    assert client.post(f"{url}/cancel").status_code == 422
    assert client.post(f"{url}/cancel", data={"reason": "雨太大"}).status_code == 303
    assert "已取消" in client.get(url).text
    assert client.post(f"{url}/start").status_code == 409


def test_lists_ask_the_same_number_of_questions_however_many_doors(
    client: FlaskClient, login: Login, made: Made, swept: Swept
) -> None:
    def asked_by(path: str) -> int:
        with statements() as found:
            assert client.get(path).status_code == 200
        return len(found)

    def more() -> None:
        with tenant_scope(swept.here.tenant), acting(swept.here.as_clerk()):
            for n in range(12):
                register.register(swept.here.yard, Door("5", "1", str(n)), PAIR)
            planning.sync_stops(swept.sweep)

    base = f"{swept.desk}sweeps/{swept.sweep}"
    paths = [base, f"{base}/doors?state=open", f"{base}/courtyards/{swept.here.yard}"]
    login(client, swept.here.secretary.token)
    before = [asked_by(path) for path in paths]
    login(client, swept.here.grid.token)
    before.append(asked_by(f"{swept.grid}sweep"))
    made(more)
    after = [asked_by(f"{swept.grid}sweep")]
    login(client, swept.here.secretary.token)
    after = [*(asked_by(path) for path in paths), *after]
    assert after == before
    assert max(after) < 30
