"""From the survey's form to the published list through the pages; the needs list; the home-visit list; own courtyards only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from rongjiu.actor import acting
from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.cases import service as cases
from tenants.catalogue import editing
from tenants.catalogue import queries as catalogue
from tenants.finding.models import HomeVisit
from tenants.founding.models import ChecklistItem
from tenants.needs import service as needs
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.surveys import queries, report
from tenants.surveys.models import Survey, SurveyAnswer, SurveyDoor
from tests.desk_of import Desk, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
SHEET = {
    "building_unit_room": "9-9", "household_size": "2", "category_needs": ["comfort"], "item_needs": ["companionship"],
    "item_needs-1": "elder-canteen", "consent_basic": "1",
}  # fmt: skip


class World:
    """A desk with six doors in its first courtyard, as plain values."""

    def __init__(self, here: Desk) -> None:
        self.here, self.slug = here, here.slug
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            for n in range(6):
                residents.register(here.yard, Door("1", "1", f"{101 + n}"), [NewPerson("欧阳建国")])

    def url(self, path: str, door: str = "desk") -> str:
        return f"/c/{self.slug}/{door}/{path}"


@pytest.fixture
def world(made: Made) -> World:
    return made(lambda: World(a_desk()))  # type: ignore[no-any-return]


def begin(app: Flask, client: FlaskClient, login: Login, world: World) -> str:
    """Lay out and begin a survey through the pages; answers its id."""
    login(client, world.here.clerk.token)
    answer = client.post(world.url("surveys/new"), data={"title": "春季统计", "starts_on": today().isoformat()})
    assert answer.status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        survey_id = str(db.session.scalars(select(Survey.id)).one())
    yard, other = world.here.yard, world.here.other_yard
    numbers = {
        "sample": "9", "quota": "3", f"{yard}-households": "6", f"{yard}-target": "4", f"{other}-households": "40",
        f"{other}-target": "5",
    }  # fmt: skip
    assert client.post(world.url(f"surveys/{survey_id}/sample"), data=numbers).status_code == 303
    assert client.post(world.url(f"surveys/{survey_id}/begin")).status_code == 303
    return survey_id


def paper(client: FlaskClient, world: World, survey_id: str, yard: UUID, **words: Any) -> Any:
    data = {**SHEET, "courtyard": str(yard), "client_key": str(uuid4()), "at": today().isoformat(), **words}
    return client.post(world.url(f"surveys/{survey_id}/answers/new"), data=data)


def test_from_the_survey_to_the_published_list(app: Flask, client: FlaskClient, login: Login, world: World) -> None:
    survey_id = begin(app, client, login, world)
    assert "还没有答卷" in client.get(world.url(f"surveys/{survey_id}/report")).text
    for n in range(3):
        assert paper(client, world, survey_id, world.here.yard, other_need=f"楼道没有灯{'啊' * n}").status_code == 303
    running = client.get(world.url(f"surveys/{survey_id}")).text
    assert "3 份，定额 3 份" in running and "达到" in running, "the day's quota, and whether it is met"
    page = client.get(world.url(f"surveys/{survey_id}/report")).text
    assert "没有答卷的院落：雁鸣小区" in page
    assert "楼道没有灯" in page
    assert "少于5" in page
    assert client.post(world.url(f"surveys/{survey_id}/list"), data={"make": "1"}).status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        lines = report.lines(UUID(survey_id))
    assert [line["slug"] for line in lines[:2]] == ["companionship", "elder-canteen"]
    data = {f"{n}-action": line["action"] for n, line in enumerate(lines)}
    data |= {f"{n}-place": str(n + 1) for n in range(len(lines))}
    new = len(lines) - 1
    data |= {f"{new}-action": "add", f"{new}-place": "0"}
    refused = client.post(world.url(f"surveys/{survey_id}/list"), data=data)
    assert refused.status_code == 422
    assert "请给新增的需求起个名称" in refused.text
    data |= {f"{new}-name_zh": "楼道照明", f"{new}-category": "living-environment"}
    assert client.post(world.url(f"surveys/{survey_id}/list"), data=data).status_code == 303
    assert (
        client.post(world.url(f"surveys/{survey_id}/publish")).status_code == 404
    )  # the clerk drafts, the secretary publishes
    login(client, world.here.secretary.token)
    assert client.post(world.url(f"surveys/{survey_id}/publish")).status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        assert [row["name_zh"] for row in catalogue.need_items()][0] == "楼道照明"
        done = db.session.scalar(select(ChecklistItem.done_at).where(ChecklistItem.slug == "survey"))
        assert done is not None
    board = client.get(f"/c/{world.slug}/board").text
    assert "楼道照明" in board
    assert "老年餐桌" in board
    assert "助浴" not in board
    assert "#house-heart" in board
    again = client.post(world.url(f"surveys/{survey_id}/publish"), follow_redirects=True)
    assert "已经公布" in again.text


def test_without_consent_a_paper_sheet_stays_typed_and_nothing_is_kept(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    answer = paper(client, world, survey_id, world.here.yard, consent_basic="", other_need="楼道没有灯")
    assert answer.status_code == 422
    assert "没有取得同意" in answer.text
    assert "楼道没有灯" in answer.text
    assert 'value="companionship" id="item_needs-11" checked' in answer.text
    with app.app_context(), tenant_scope(world.here.tenant):
        assert db.session.scalar(select(func.count()).select_from(SurveyAnswer)) == 0


def test_a_repeated_key_is_one_sheet_and_the_most_needed_stands_first(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id, key = begin(app, client, login, world), str(uuid4())
    for _n in range(2):
        assert paper(client, world, survey_id, world.here.yard, client_key=key).status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        assert list(db.session.scalars(select(SurveyAnswer.items))) == [["elder-canteen", "companionship"]]


def test_a_day_before_the_survey_is_refused(app: Flask, client: FlaskClient, login: Login, world: World) -> None:
    survey_id = begin(app, client, login, world)
    early = (today() - timedelta(days=3)).isoformat()
    assert paper(client, world, survey_id, world.here.yard, at=early).status_code == 422


def test_a_sheet_is_opened_for_the_record_and_deleted_when_asked(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    paper(client, world, survey_id, world.here.yard, wish="想听秦腔")
    listed = client.get(world.url(f"surveys/{survey_id}/answers")).text
    assert "想听秦腔" not in listed
    with app.app_context(), tenant_scope(world.here.tenant):
        answer_id = db.session.scalars(select(SurveyAnswer.id)).one()
    url = world.url(f"surveys/{survey_id}/answers/{answer_id}")
    assert "想听秦腔" in client.get(url).text
    login(client, world.here.worker.token)
    assert client.get(url).status_code == 404
    login(client, world.here.clerk.token)
    assert client.post(f"{url}/withdraw").status_code == 303
    assert client.get(url).status_code == 404


def test_the_form_is_edited_through_its_page(app: Flask, client: FlaskClient, login: Login, world: World) -> None:
    survey_id = begin(app, client, login, world)
    page = client.get(world.url("survey-form")).text
    assert "第 1 版" in page
    words = {"seen": "1", "label_zh": "您的银行卡号", "type": "text", "purpose": "发钱"}
    refused = client.post(world.url("survey-form/add"), data=words)
    assert refused.status_code == 422
    assert "不收集银行账号" in refused.text
    assert 'value="您的银行卡号"' in refused.text
    words |= {"label_zh": "家里有没有人生病", "type": "bool", "purpose": ""}
    assert "请写明收集它做什么用" in client.post(world.url("survey-form/add"), data=words).text
    words |= {"purpose": "安排上门医疗"}
    assert client.post(world.url("survey-form/add"), data=words).status_code == 303
    assert client.post(world.url("survey-form/add"), data=words).status_code == 409  # seen was version 1
    assert client.post(world.url("survey-form/item_needs"), data={"seen": "2", "action": "remove"}).status_code == 422
    assert "改用最新表单" in client.get(world.url(f"surveys/{survey_id}")).text
    assert client.post(world.url(f"surveys/{survey_id}/form")).status_code == 303
    assert "家里有没有人生病" in client.get(world.url(f"surveys/{survey_id}/answers/new")).text
    assert "家里有没有人生病" not in client.get(world.url("survey-form?version=1")).text.split("各版")[0]


def test_a_grid_worker_asks_the_drawn_doors_of_own_courtyards(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    login(client, world.here.grid.token)
    assert "需求统计：要问的门" in client.get(world.url("today", "grid")).text
    page = client.get(world.url("survey", "grid")).text
    assert "欧阳**" in page
    assert "欧阳建国" not in page
    with app.app_context(), tenant_scope(world.here.tenant):
        first, second = [door.id for door in queries.doors(UUID(survey_id), [world.here.yard])][:2]
    sheet = client.get(world.url(f"survey/doors/{first}", "grid")).text
    assert "您同意吗" in sheet
    data = {**SHEET, "client_key": str(uuid4())}
    assert (
        client.post(world.url(f"survey/doors/{first}", "grid"), data={**data, "consent_basic": ""}).status_code == 422
    )
    assert client.post(world.url(f"survey/doors/{first}", "grid"), data=data).status_code == 303
    knocked = client.post(world.url(f"survey/doors/{second}/knocked", "grid"), data={"result": "refused"})
    assert knocked.status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        states = dict(db.session.execute(select(SurveyDoor.id, SurveyDoor.state)).all())
        assert (states[first], states[second]) == ("answered", "refused")
        worker, how = db.session.execute(select(SurveyAnswer.worker, SurveyAnswer.how)).one()
        assert (worker.startswith("测试员"), how) == (True, "door")


def test_another_courtyard_is_not_there_for_a_grid_worker(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    with app.app_context(), tenant_scope(world.here.tenant):
        db.session.execute(SurveyDoor.__table__.update().values(courtyard_id=world.here.other_yard))
        db.session.commit()
        door = db.session.scalars(select(SurveyDoor.id)).first()
    login(client, world.here.grid.token)
    assert client.get(world.url(f"survey/doors/{door}", "grid")).status_code == 404
    assert client.post(world.url(f"survey/doors/{door}/knocked", "grid"), data={"result": "refused"}).status_code == 404
    data = {**SHEET, "client_key": str(uuid4()), "courtyard": str(world.here.other_yard)}
    answer = client.post(world.url(f"survey/{survey_id}/any", "grid"), data=data)
    assert answer.status_code == 422
    data["courtyard"] = str(world.here.yard)
    assert client.post(world.url(f"survey/{survey_id}/any", "grid"), data=data).status_code == 303


def test_a_family_in_hardship_is_listed_planned_and_seen_by_the_grid_worker(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    paper(
        client,
        world,
        survey_id,
        world.here.yard,
        building_unit_room="1-1-101",
        income_band="under_line",
        group_tags=["orphans"],
    )
    paper(client, world, survey_id, world.here.other_yard, building_unit_room="8-1-801", category_needs=["gov-aid"])
    page = client.get(world.url("home-visits")).text
    assert "收入低于低保线、孤儿" in page.replace("\n", "")
    assert "欧阳**" in page
    assert "欧阳建国" not in page
    assert "1-1-101" in page
    login(client, world.here.secretary.token)
    assert "1-1-101" not in client.get(world.url("home-visits")).text  # the door is the clerk's to see
    only = client.get(world.url("home-visits?grid=g1")).text
    assert "收入低于低保线" not in only
    assert "需要政府救助" in only
    with app.app_context(), tenant_scope(world.here.tenant):
        first = db.session.scalars(select(HomeVisit.id).where(HomeVisit.courtyard_id == world.here.yard)).one()
        second = db.session.scalars(select(HomeVisit.id).where(HomeVisit.courtyard_id == world.here.other_yard)).one()
    login(client, world.here.clerk.token)
    planned = client.post(world.url(f"home-visits/{first}/plan?state=waiting"))
    assert (planned.status_code, planned.headers["Location"].endswith("home-visits?state=waiting")) == (303, True)
    assert "刚刚有人处理过了" in client.post(world.url(f"home-visits/{first}/plan"), follow_redirects=True).text
    assert "请写明为什么不上门" in client.post(world.url(f"home-visits/{second}/drop"), follow_redirects=True).text
    assert client.post(world.url(f"home-visits/{second}/drop"), data={"why": "已转街道办理"}).status_code == 303
    assert "已转街道办理" in client.get(world.url("home-visits?state=dropped")).text
    exported = client.post(world.url("home-visits/export?state="), data={"purpose": "派工"})
    assert exported.mimetype.endswith("sheet")
    login(client, world.here.grid.token)
    today_page = client.get(world.url("today", "grid")).text
    assert "上门核实" in today_page
    assert "1-1-101" in today_page


def test_the_needs_list_is_edited_and_an_old_case_still_reads_the_merged_item(
    app: Flask, client: FlaskClient, login: Login, world: World, made: Made
) -> None:
    def case() -> str:
        with tenant_scope(world.here.tenant), acting(world.here.as_clerk()):
            row = cases.open_case(world.here.yard)
            needs.add(row.id, "想有人陪", item_slug="companionship")
            return row.number

    number = made(case)
    login(client, world.here.clerk.token)
    assert client.get(world.url("needs-list")).status_code == 200
    assert client.post(world.url("needs-list/item/companionship"), data={"action": "retire"}).status_code == 404
    login(client, world.here.secretary.token)
    url = world.url("needs-list/item/companionship")
    refused = client.post(url, data={"name_zh": "", "colour": "info", "icon": "people"})
    assert (refused.status_code, "请写名称" in refused.text) == (422, True)
    assert client.post(url, data={"name_zh": "陪伴", "colour": "url(x)", "icon": "people"}).status_code == 422
    assert client.post(url, data={"name_zh": "陪伴和家务", "colour": "info", "icon": "people"}).status_code == 303
    assert client.post(url, data={"action": "merge", "into": "elder-empowerment"}).status_code == 303
    page = client.get(world.url("needs-list")).text
    assert "陪伴和家务（已并入 老人赋能培训）" in page
    assert "空巢老人陪伴、精神慰藉与家务清扫 → 陪伴和家务" in page
    assert "陪伴和家务" not in client.get(f"/c/{world.slug}/board").text
    login(client, world.here.clerk.token)
    desk = client.get(world.url(f"cases/{number}/needs")).text
    assert "陪伴和家务（已并入 老人赋能培训）" in desk
    assert "陪伴和家务" in client.get(world.url(f"cases/{number}")).text


def test_groups_are_edited_and_old_names_still_read(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    login(client, world.here.secretary.token)
    data = {"name_zh": "困境妇女", "visit": "weekly"}
    assert client.post(world.url("groups"), data=data).status_code == 303
    assert client.post(world.url("groups"), data=data).status_code == 422
    with app.app_context(), tenant_scope(world.here.tenant):
        slug = next(row["id"] for row in catalogue.groups() if row["name_zh"] == "困境妇女")
    assert client.post(world.url(f"groups/{slug}"), data={"action": "retire"}).status_code == 303
    page = client.get(world.url("groups")).text
    assert "困境妇女" in page.split("已停用")[1]
    assert client.post(world.url(f"groups/{slug}"), data={"action": "restore"}).status_code == 303
    with app.app_context(), tenant_scope(world.here.tenant):
        assert editing.MODELS["group"]
        assert slug in {row["id"] for row in catalogue.groups()}


@pytest.mark.parametrize("page", ["surveys", "survey-form", "needs-list", "groups", "home-visits"])
def test_pages_say_what_to_do_first_and_speak_english(
    page: str, client: FlaskClient, login: Login, world: World
) -> None:
    login(client, world.here.secretary.token)
    assert client.get(world.url(page)).status_code == 200
    client.get("/prefs?lang=en")
    spoken = client.get(world.url(page))
    assert (spoken.status_code, '<html lang="en"' in spoken.text) == (200, True)


def test_the_report_makes_a_known_number_of_queries(
    app: Flask, client: FlaskClient, login: Login, world: World
) -> None:
    survey_id = begin(app, client, login, world)
    asked: list[str] = []

    def note(*words: Any) -> None:
        asked.append(words[2])

    with app.app_context():
        connection = db.engine
    event.listen(connection, "before_cursor_execute", note)
    counts = []
    for _n in range(2):
        for _m in range(4):
            paper(client, world, survey_id, world.here.yard)
        asked.clear()
        client.get(world.url(f"surveys/{survey_id}/report"))
        counts.append(len(asked))
    event.remove(connection, "before_cursor_execute", note)
    assert counts[0] == counts[1]
    assert counts[0] < 30
