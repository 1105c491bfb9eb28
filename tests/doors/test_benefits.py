"""/desk/households/<id>/benefits: what a family receives, seen on its page and in its facts, kept with every change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.benefits.models import ReceivedBenefit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.rescreening import service as rescreening
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service as screening
from tests.desk_of import Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
GROUND = "低保证第 1 号（示例）"


def a_home() -> tuple[Desk, str, str]:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register(here.yard, Door("1", "1", "101"), [NewPerson("欧阳建国", "male", "02", age=72)])
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
    return here, str(home.household_id), case.number


@pytest.fixture
def world(made: Made) -> tuple[Desk, str, str]:
    return made(a_home)  # type: ignore[no-any-return]


def noted(client: FlaskClient, desk: Desk, home: str, **words: str) -> Any:
    data = {"policy": "dibao", "person": "", "since": str(today()), "until": "", "ground": GROUND, **words}
    return client.post(f"/c/{desk.slug}/desk/households/{home}/benefits/new", data=data)


def entries(desk: Desk) -> list[str]:
    with tenant_scope(desk.tenant):
        return [str(each) for each in db.session.scalars(select(ReceivedBenefit.id))]


def judged(desk: Desk) -> None:
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        rescreening.judge(db.session.scalars(select(ReceivedBenefit.household_id)).all(), cause="night")


def screened(desk: Desk) -> str:
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        return str(screening.take(db.session.scalars(select(CaseFile.id)).one(), today()).id)


def test_a_benefit_is_noted_and_stands_on_the_household_and_on_the_facts(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, number = world
    login(client, desk.clerk.token)
    end = today() + timedelta(days=30)
    assert noted(client, desk, home, until=str(end)).status_code == 303
    page = client.get(f"/c/{desk.slug}/desk/households/{home}").text
    for place in (page, client.get(f"/c/{desk.slug}/desk/cases/{number}/facts").text):
        assert "正在享受的待遇" in place and "最低生活保障" in place and "快到期" in place
    assert GROUND not in page, "the ground stands on the page of the benefit alone"
    assert GROUND in client.get(f"/c/{desk.slug}/desk/benefits/{made(lambda: entries(desk))[0]}").text


def test_an_error_names_its_field_and_what_was_typed_stays(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, _number = world
    login(client, desk.clerk.token)
    wrong = noted(client, desk, home, policy="age-subsidy")
    assert wrong.status_code == 422 and "请选是家里的谁" in wrong.text and GROUND in wrong.text
    assert "日期" in noted(client, desk, home, since="昨天").text
    assert noted(client, desk, home, ground="").status_code == 422
    assert made(lambda: entries(desk)) == []


def test_a_change_keeps_what_was_before_and_a_colleague_is_not_overwritten(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, _number = world
    login(client, desk.clerk.token)
    noted(client, desk, home)
    url, end = f"/c/{desk.slug}/desk/benefits/{made(lambda: entries(desk))[0]}", today() + timedelta(days=200)
    data = {"since": str(today()), "until": str(end), "ground": GROUND, "seen": "1"}
    assert client.post(url, data=data).status_code == 303
    page = client.get(url).text
    assert "修改记录" in page and "到哪天止" in page and "救助专干" in page
    late = client.post(url, data={**data, "until": str(today())})
    assert late.status_code == 409 and "同事已经改过" in late.text and f'value="{today()}"' in late.text
    assert client.post(f"{url}/strike", data={"seen": "2", "why": "错"}).status_code == 422
    assert client.post(f"{url}/strike", data={"seen": "2", "why": "登记到别人家了"}).status_code == 303
    assert "登记错了" in client.get(f"/c/{desk.slug}/desk/households/{home}").text


def test_the_list_of_changes_says_that_it_ends_and_that_it_can_be_renewed(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, _number = world
    login(client, desk.clerk.token)
    end = today() + timedelta(days=30)
    noted(client, desk, home, until=str(end))
    made(lambda: judged(desk))
    page = client.get(f"/c/{desk.slug}/desk/changes?kind=will_lose&policy=dibao").text
    assert "快失去" in page and "待遇到期" in page and "请核对" in page and "欧阳建国" not in page


def test_only_those_who_keep_the_register_see_it(client: FlaskClient, login: Login, made: Made, world: Any) -> None:
    desk, home, _number = world
    login(client, desk.clerk.token)
    noted(client, desk, home)
    url = f"/c/{desk.slug}/desk/benefits/{made(lambda: entries(desk))[0]}"
    for who, status in ((desk.secretary, 200), (desk.worker, 404), (desk.grid, 404)):
        login(client, who.token)
        assert client.get(url).status_code == status


def test_what_is_waited_for_is_marked_everywhere_and_one_button_makes_it_received(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, number = world
    login(client, desk.clerk.token)
    since = today() - timedelta(days=90)
    new = client.get(f"/c/{desk.slug}/desk/households/{home}/benefits/new").text
    assert 'value="on-waitlist"' in new and "轮候中" in new
    assert noted(client, desk, home, since=str(since), status="on-waitlist").status_code == 303
    for place in (f"households/{home}", f"cases/{number}/facts"):
        page = client.get(f"/c/{desk.slug}/desk/{place}").text
        assert "轮候中" in page and "起轮候" in page
    url = f"/c/{desk.slug}/desk/benefits/{made(lambda: entries(desk))[0]}"
    page = client.get(url).text
    assert f'action="{url}/turn"' in page and "排上队的日期" in page
    wrong = client.post(f"{url}/turn", data={"first": str(since - timedelta(days=1)), "seen": "1"})
    assert wrong.status_code == 422 and "不能早于排上队" in wrong.text
    assert f'value="{since - timedelta(days=1)}"' in wrong.text, "what was typed stays"
    assert client.post(f"{url}/turn", data={"first": "昨天", "seen": "1"}).status_code == 422
    assert client.post(f"{url}/turn", data={"first": str(today()), "seen": "1"}).status_code == 303
    page = client.get(url).text
    assert "/turn" not in page and "正在享受" in page and "享受还是轮候" in page and "轮候中" in page
    kept = {"since": str(today()), "until": "", "ground": GROUND, "seen": "2", "status": "on-waitlist"}
    assert client.post(url, data=kept).status_code == 303
    assert f'action="{url}/turn"' in client.get(url).text, "put right by hand when the button was pressed in error"


def test_the_screening_says_since_when_somebody_waits(
    client: FlaskClient, login: Login, made: Made, world: Any
) -> None:
    desk, home, number = world
    login(client, desk.clerk.token)
    noted(client, desk, home, status="on-waitlist")
    taken = made(lambda: screened(desk))
    page = client.get(f"/c/{desk.slug}/desk/cases/{number}/screening/{taken}").text
    assert "轮候中，从" in page and "已在享受" not in page
