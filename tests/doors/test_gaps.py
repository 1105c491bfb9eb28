"""Gaps, projects, the network, terms and the ledger through the doors."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from rongjiu import codes
from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Community, Street
from tenants.cases import service as cases
from tenants.needs import service as needs
from tenants.outreach import gaps
from tenants.outreach.models import GapTarget
from tenants.referrals.matching import service as matching
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
ITEM = "home-medical"


def _world() -> dict[str, Any]:
    here = a_desk()
    community = db.session.get_one(Community, here.tenant.uid)
    street = db.session.get_one(Street, community.street_id)
    provider = factories.a_provider(street, name="雁晴门诊")
    factories.a_service(provider, street, service_type="home-checkup", places=1, title="上门体检")
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        kinds = [row["id"] for row in matching.types_for(ITEM)]
        for yard in (here.yard, here.yard, here.other_yard):
            case = cases.open_case(yard, signal_id=None, urgency="ordinary")
            need = needs.add(case.id, "想看病", is_wish=False)
            need.item_slug = ITEM
            db.session.flush()
        matching.match(need.id)
    return {
        "url": f"/c/{here.slug}/desk", "clerk": here.clerk.token, "secretary": here.secretary.token, "worker": here.worker.token,
        "provider": str(provider.id), "community": community.id, "provider_row": provider.id, "kinds": kinds, "yard": str(here.yard),
        "tenant": here.tenant,
    }  # fmt: skip


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    return made(_world)  # type: ignore[no-any-return]


def test_no_candidate_opens_a_gap_that_a_provider_closes_on_a_day(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    def opened() -> list[Any]:
        with tenant_scope(world["tenant"]):
            return [(row.id, row.item_slug, row.wanted, row.closed_on) for row in db.session.scalars(select(GapTarget))]

    (target,) = made(opened)
    assert target[1:] == (ITEM, 1, None)
    login(client, world["clerk"])
    page = client.get(f"{world['url']}/gaps").text
    assert "可向隔壁借" in page
    one = f"{world['url']}/gaps/{target[0]}"
    assert "请选一家已准入" in client.post(one, data={"provider": world["provider"]}, follow_redirects=True).text

    def admit() -> None:
        provider = db.session.get_one(factories.Provider, world["provider_row"])
        factories.an_admission(provider, db.session.get_one(Community, world["community"]))

    made(admit)
    client.post(one, data={"provider": world["provider"]})
    assert made(opened)[0][3] == today()
    listed = client.get(f"{world['url']}/network").text
    assert "只靠一家" in listed
    assert "data-chart" in listed


def test_a_line_of_the_plan_becomes_a_target_and_a_prospect(
    client: FlaskClient, login: Login, made: Made, world: dict[str, Any]
) -> None:
    login(client, world["worker"])
    line = {"item": ITEM, "type": "home-checkup", "courtyard": world["yard"], "wanted": "2"}
    assert client.post(f"{world['url']}/gaps", data=line).status_code == 303
    assert (
        "请选一类服务"
        in client.post(f"{world['url']}/gaps", data={**line, "type": "nonsense"}, follow_redirects=True).text
    )
    page = client.get(f"{world['url']}/gaps").text
    target = page.split("target=")[1][:36]
    made_ = client.post(
        f"{world['url']}/outreach/new",
        data={"kind": "unit", "name": "雁康医院", "trade": "hospital", "target": target},
    )
    assert made_.status_code == 303
    assert "雁康医院" in client.get(f"{world['url']}/gaps").text


def test_capacity_counts_for_the_courtyards_of_the_terms(made: Made, world: dict[str, Any]) -> None:
    def plan() -> list[tuple[str, int, int, int]]:
        provider = db.session.get_one(factories.Provider, world["provider_row"])
        row = factories.an_admission(provider, db.session.get_one(Community, world["community"]))
        row.courtyards = [world["yard"]]
        db.session.flush()
        with tenant_scope(world["tenant"]):
            return [
                (str(line.courtyard_id), line.gap.waiting, line.gap.here, line.gap.next_door)
                for line in gaps.plan(today())
            ]

    found = {yard: rest for yard, *rest in made(plan)}
    assert found.pop(world["yard"]) == [2, 1, 0]
    assert list(found.values()) == [[1, 0, 0]]


def test_the_plan_leaves_as_counts(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["clerk"])
    file = client.post(f"{world['url']}/gaps/export", data={"purpose": "碰头会"})
    rows = CalamineWorkbook.from_filelike(BytesIO(file.data)).get_sheet_by_index(0).to_python()
    assert len(rows) == 4


def test_a_project_is_planned_run_and_judged(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["clerk"])
    at = f"{world['url']}/projects"
    typed = {
        "title": "家门口义诊",
        "item": ITEM,
        "outputs": "12 场、60 人次",
        "budget": "3000",
        "starts_on": "2026-12-01",
        "ends_on": "2026-11-01",
    }
    assert client.post(at, data=typed).status_code == 422
    assert client.post(at, data={**typed, "ends_on": "2027-03-01", "outputs": "扫码捐款"}).status_code == 422
    assert client.post(at, data={**typed, "ends_on": "2027-03-01"}).status_code == 303
    page = client.get(at).text
    one = f"{at}/" + page.split("/projects/")[1].split('"')[0]
    assert "立项时 3 项在等" in page
    client.post(one, data={"after": "running"})
    assert "请写实际做到了什么" in client.post(one, data={"after": "done"}, follow_redirects=True).text
    client.post(one, data={"after": "done", "result": "10 场、55 人次", "stars": "4"})
    assert "10 场、55 人次" in client.get(at).text


def test_the_ledger_takes_no_money_and_names_the_charity(
    client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    login(client, world["secretary"])
    at = f"{world['url']}/mobilised"
    first = "5361000000000000X"
    uscc = first + codes.credit_check(first)
    named = client.post(f"{at}/charity", data={"name": "西安市某慈善会（示例）", "uscc": uscc, "phone": "029-88880000"})
    assert named.status_code == 303, named.text
    given = {"kind": "goods", "what": "大米", "quantity": "10", "unit": "袋", "on_day": ""}
    assert client.post(at, data=given).status_code == 303
    refused = client.post(at, data={**given, "what": "每家捐款 200"})
    assert refused.status_code == 422
    assert "西安市某慈善会" in refused.text
    assert "每家捐款 200" in refused.text
    for wrong in ({"unit": "元"}, {"quantity": "-1"}, {"quantity": "x"}, {"what": "扫收款码"}):
        assert client.post(at, data={**given, **wrong}).status_code == 422
    page = client.get(at).text
    assert "大米" in page
    found = re.search(r"/mobilised/([0-9a-f-]{36})/strike", page)
    assert found
    client.post(f"{at}/{found.group(1)}/strike")
    assert "已划掉" in client.get(at).text


def test_terms_are_the_secretarys(client: FlaskClient, login: Login, made: Made, world: dict[str, Any]) -> None:
    def admit() -> None:
        provider = db.session.get_one(factories.Provider, world["provider_row"])
        factories.an_admission(provider, db.session.get_one(Community, world["community"]))

    made(admit)
    at = f"{world['url']}/providers/{world['provider']}"
    login(client, world["clerk"])
    assert client.post(f"{at}/terms", data={"weekdays": "MO"}).status_code == 404
    login(client, world["secretary"])
    assert client.post(f"{at}/terms", data={"weekdays": ["MO", "WE"], "courtyards": world["yard"]}).status_code == 303
    page = client.get(at).text
    assert "日子和院落" in page
    assert page.count("checked") >= 3


def test_the_search_narrows_each_list(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["secretary"])
    assert "雁北新村" in client.get(f"{world['url']}/gaps?q=雁北").text
    assert "没有等着的需求" in client.get(f"{world['url']}/gaps?q=哪里都没有").text
    given = {"kind": "goods", "what": "大米", "quantity": "1.5", "unit": "袋"}
    assert client.post(f"{world['url']}/mobilised", data=given).status_code == 303
    assert "1.5 袋" in client.get(f"{world['url']}/mobilised?q=大").text
    assert "1.5 袋</td>" not in client.get(f"{world['url']}/mobilised?q=面粉").text
    assert "没有投诉" in client.get(f"{world['url']}/complaints?q=XX-1").text
