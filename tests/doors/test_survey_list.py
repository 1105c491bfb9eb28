"""What a survey leads to, through the pages: needs list, groups, home-visit list."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.catalogue import editing
from tenants.catalogue import queries as catalogue
from tenants.finding.models import HomeVisit
from tenants.needs import service as needs
from tests.surveying import Surveyed, begin, paper

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_a_family_in_hardship_is_listed_planned_and_seen_by_the_grid_worker(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    paper(
        client,
        surveyed,
        survey_id,
        surveyed.here.yard,
        building_unit_room="1-1-101",
        income_band="under_line",
        group_tags=["orphans"],
    )
    paper(
        client, surveyed, survey_id, surveyed.here.other_yard, building_unit_room="8-1-801", category_needs=["gov-aid"]
    )
    page = client.get(surveyed.url("home-visits")).text
    assert "收入低于低保线、孤儿" in page.replace("\n", "")
    assert "欧阳**" in page
    assert "欧阳建国" not in page
    assert "1-1-101" in page
    login(client, surveyed.here.secretary.token)
    assert "1-1-101" not in client.get(surveyed.url("home-visits")).text  # the door is the clerk's to see
    only = client.get(surveyed.url("home-visits?grid=g1")).text
    assert "收入低于低保线" not in only
    assert "需要政府救助" in only
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        first = db.session.scalars(select(HomeVisit.id).where(HomeVisit.courtyard_id == surveyed.here.yard)).one()
        second = db.session.scalars(
            select(HomeVisit.id).where(HomeVisit.courtyard_id == surveyed.here.other_yard)
        ).one()
    login(client, surveyed.here.clerk.token)
    planned = client.post(surveyed.url(f"home-visits/{first}/plan?state=waiting"))
    assert (planned.status_code, planned.headers["Location"].endswith("home-visits?state=waiting")) == (303, True)
    assert "刚刚有人处理过了" in client.post(surveyed.url(f"home-visits/{first}/plan"), follow_redirects=True).text
    assert "请写明为什么不上门" in client.post(surveyed.url(f"home-visits/{second}/drop"), follow_redirects=True).text
    assert client.post(surveyed.url(f"home-visits/{second}/drop"), data={"why": "已转街道办理"}).status_code == 303
    assert "已转街道办理" in client.get(surveyed.url("home-visits?state=dropped")).text
    exported = client.post(surveyed.url("home-visits/export?state="), data={"purpose": "派工"})
    assert exported.mimetype.endswith("sheet")
    login(client, surveyed.here.grid.token)
    today_page = client.get(surveyed.url("today", "grid")).text
    assert "上门核实" in today_page
    assert "1-1-101" in today_page


def test_the_needs_list_is_edited_and_an_old_case_still_reads_the_merged_item(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed, made: Made
) -> None:
    def case() -> str:
        with tenant_scope(surveyed.here.tenant), acting(surveyed.here.as_clerk()):
            row = cases.open_case(surveyed.here.yard)
            needs.add(row.id, "想有人陪", item_slug="companionship")
            return row.number

    number = made(case)
    login(client, surveyed.here.clerk.token)
    assert client.get(surveyed.url("needs-list")).status_code == 200
    assert client.post(surveyed.url("needs-list/item/companionship"), data={"action": "retire"}).status_code == 404
    login(client, surveyed.here.secretary.token)
    url = surveyed.url("needs-list/item/companionship")
    refused = client.post(url, data={"name_zh": "", "colour": "info", "icon": "people"})
    assert (refused.status_code, "请写名称" in refused.text) == (422, True)
    assert client.post(url, data={"name_zh": "陪伴", "colour": "url(x)", "icon": "people"}).status_code == 422
    assert client.post(url, data={"name_zh": "陪伴和家务", "colour": "info", "icon": "people"}).status_code == 303
    assert client.post(url, data={"action": "merge", "into": "elder-empowerment"}).status_code == 303
    page = client.get(surveyed.url("needs-list")).text
    assert "陪伴和家务（已并入 老人赋能培训）" in page
    assert "空巢老人陪伴、精神慰藉与家务清扫 → 陪伴和家务" in page
    assert "陪伴和家务" not in client.get(f"/c/{surveyed.slug}/board").text
    login(client, surveyed.here.clerk.token)
    desk = client.get(surveyed.url(f"cases/{number}/needs")).text
    assert "陪伴和家务（已并入 老人赋能培训）" in desk
    assert "陪伴和家务" in client.get(surveyed.url(f"cases/{number}")).text


def test_groups_are_edited_and_old_names_still_read(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    login(client, surveyed.here.secretary.token)
    data = {"name_zh": "困境妇女", "visit": "weekly"}
    assert client.post(surveyed.url("groups"), data=data).status_code == 303
    assert client.post(surveyed.url("groups"), data=data).status_code == 422
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        slug = next(row["id"] for row in catalogue.groups() if row["name_zh"] == "困境妇女")
    assert client.post(surveyed.url(f"groups/{slug}"), data={"action": "retire"}).status_code == 303
    page = client.get(surveyed.url("groups")).text
    assert "困境妇女" in page.split("已停用")[1]
    assert client.post(surveyed.url(f"groups/{slug}"), data={"action": "restore"}).status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        assert editing.MODELS["group"]
        assert slug in {row["id"] for row in catalogue.groups()}


@pytest.mark.parametrize("page", ["surveys", "survey-form", "needs-list", "groups", "home-visits"])
def test_pages_say_what_to_do_first_and_speak_english(
    page: str, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    login(client, surveyed.here.secretary.token)
    assert client.get(surveyed.url(page)).status_code == 200
    client.get("/prefs?lang=en")
    spoken = client.get(surveyed.url(page))
    assert (spoken.status_code, '<html lang="en"' in spoken.text) == (200, True)
