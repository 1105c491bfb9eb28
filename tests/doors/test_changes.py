"""/desk/changes: who a policy newly reaches, told by a named clerk, once; counted by courtyard."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.catalogue.models import Parameter
from tenants.rescreening import service
from tenants.rescreening.models import VerdictChange
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine
from tests.desk_of import Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def reached() -> tuple[Desk, str]:
    """A community in which a raised line has just reached one family."""
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home = register(here.yard, Door("1", "1", "101"), [NewPerson("欧阳建国", "male", "02", age=50)])
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        screening.save_income(case.id, [IncomeLine(str(home.person_ids[0]), "wages", Decimal(800))], None)
        household = {"household.assets_within_limit": True, "household.recognised": "none"}
        members = {str(home.person_ids[0]): {"person.hukou_local": True}}
        screening.save_facts(case.id, {"household": household, "members": members})
        service.judge([home.household_id], cause="fact")
        line = update(Parameter).where(Parameter.slug == "dibao_line_urban_month")
        db.session.execute(line.values(value=900, effective_from=today() - timedelta(days=1)))
        service.judge([home.household_id], cause="parameter", detail="dibao_line_urban_month")
        change = db.session.scalar(select(VerdictChange.id).where(VerdictChange.kind == "reached"))
    return here, str(change)


@pytest.fixture
def world(made: Made) -> tuple[Desk, str]:
    return made(reached)  # type: ignore[no-any-return]


def test_the_list_names_the_family_masked_and_the_policy(client: FlaskClient, login: Login, world: Any) -> None:
    desk, _change = world
    login(client, desk.clerk.token)
    page = client.get(f"/c/{desk.slug}/desk/changes?policy=dibao").text
    assert "欧阳**" in page and "欧阳建国" not in page
    assert "新够得着" in page and "标准变了" in page and "最低生活保障" in page
    assert "这项政策的消息到了哪里" in page


def test_a_clerk_tells_once_and_the_list_keeps_how(client: FlaskClient, login: Login, world: Any) -> None:
    desk, change = world
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/changes"
    done = client.post(f"{url}/{change}", data={"act": "tell", "channel": "visit", "back": "kind=reached&evil=1"})
    assert done.status_code == 303 and done.headers["Location"].endswith("/desk/changes?kind=reached")
    told = client.get(f"{url}?state=told").text
    assert "已告知" in told and "上门" in told and "救助专干" in told
    client.post(f"{url}/{change}", data={"act": "drop", "reason": "已经搬走了"})
    assert "已经处理过了" in client.get(url).text


def test_nothing_is_dropped_without_a_reason_and_a_secretary_only_reads(
    client: FlaskClient, login: Login, world: Any
) -> None:
    desk, change = world
    login(client, desk.clerk.token)
    url = f"/c/{desk.slug}/desk/changes"
    client.post(f"{url}/{change}", data={"act": "drop", "reason": "不"})
    assert "至少 4 个字" in client.get(url).text
    login(client, desk.secretary.token)
    assert client.post(f"{url}/{change}", data={"act": "tell", "channel": "call"}).status_code == 404
    assert "新够得着" in client.get(url).text
    again = client.post(f"{url}/again")
    assert again.status_code == 303 and "正在重新研判" in client.get(url).text
    assert client.post(f"{url}/export", data={}).status_code == 303
    file = client.post(f"{url}/export", data={"purpose": "核对"})
    assert file.status_code == 200 and file.data[:2] == b"PK"
