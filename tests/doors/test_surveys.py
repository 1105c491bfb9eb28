"""A survey through the pages: form, sheets, sample, report; own courtyards only."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from tenants.catalogue import queries as catalogue
from tenants.founding.models import ChecklistItem
from tenants.surveys import queries, report
from tenants.surveys.models import SurveyAnswer, SurveyDoor
from tests.asked import statements
from tests.surveying import SHEET, Surveyed, begin, paper

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def test_from_the_survey_to_the_published_list(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    assert "还没有答卷" in client.get(surveyed.url(f"surveys/{survey_id}/report")).text
    for n in range(3):
        assert (
            paper(client, surveyed, survey_id, surveyed.here.yard, other_need=f"楼道没有灯{'啊' * n}").status_code
            == 303
        )
    running = client.get(surveyed.url(f"surveys/{survey_id}")).text
    assert "3 份，定额 3 份" in running and "达到" in running, "the day's quota, and whether it is met"
    page = client.get(surveyed.url(f"surveys/{survey_id}/report")).text
    assert "没有答卷的院落：雁鸣小区" in page
    assert "楼道没有灯" in page
    assert "少于5" in page
    assert client.post(surveyed.url(f"surveys/{survey_id}/list"), data={"make": "1"}).status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        lines = report.lines(UUID(survey_id))
    assert [line["slug"] for line in lines[:2]] == ["companionship", "elder-canteen"]
    data = {f"{n}-action": line["action"] for n, line in enumerate(lines)}
    data |= {f"{n}-place": str(n + 1) for n in range(len(lines))}
    new = len(lines) - 1
    data |= {f"{new}-action": "add", f"{new}-place": "0"}
    refused = client.post(surveyed.url(f"surveys/{survey_id}/list"), data=data)
    assert refused.status_code == 422
    assert "请给新增的需求起个名称" in refused.text
    data |= {f"{new}-name_zh": "楼道照明", f"{new}-category": "living-environment"}
    assert client.post(surveyed.url(f"surveys/{survey_id}/list"), data=data).status_code == 303
    assert (
        client.post(surveyed.url(f"surveys/{survey_id}/publish")).status_code == 404
    )  # the clerk drafts, the secretary publishes
    login(client, surveyed.here.secretary.token)
    assert client.post(surveyed.url(f"surveys/{survey_id}/publish")).status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        assert [row["name_zh"] for row in catalogue.need_items()][0] == "楼道照明"
        done = db.session.scalar(select(ChecklistItem.done_at).where(ChecklistItem.slug == "survey"))
        assert done is not None
    board = client.get(f"/c/{surveyed.slug}/board").text
    assert "楼道照明" in board
    assert "老年餐桌" in board
    assert "助浴" not in board
    assert "#house-heart" in board
    again = client.post(surveyed.url(f"surveys/{survey_id}/publish"), follow_redirects=True)
    assert "已经公布" in again.text


def test_without_consent_a_paper_sheet_stays_typed_and_nothing_is_kept(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    answer = paper(client, surveyed, survey_id, surveyed.here.yard, consent_basic="", other_need="楼道没有灯")
    assert answer.status_code == 422
    assert "没有取得同意" in answer.text
    assert "楼道没有灯" in answer.text
    assert 'value="companionship" id="item_needs-11" checked' in answer.text
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        assert db.session.scalar(select(func.count()).select_from(SurveyAnswer)) == 0


def test_a_repeated_key_is_one_sheet_and_the_most_needed_stands_first(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id, key = begin(app, client, login, surveyed), str(uuid4())
    for _n in range(2):
        assert paper(client, surveyed, survey_id, surveyed.here.yard, client_key=key).status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        assert list(db.session.scalars(select(SurveyAnswer.items))) == [["elder-canteen", "companionship"]]


def test_a_day_before_the_survey_is_refused(app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed) -> None:
    survey_id = begin(app, client, login, surveyed)
    early = (today() - timedelta(days=3)).isoformat()
    assert paper(client, surveyed, survey_id, surveyed.here.yard, at=early).status_code == 422


def test_a_sheet_is_opened_for_the_record_and_deleted_when_asked(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    paper(client, surveyed, survey_id, surveyed.here.yard, wish="想听秦腔")
    listed = client.get(surveyed.url(f"surveys/{survey_id}/answers")).text
    assert "想听秦腔" not in listed
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        answer_id = db.session.scalars(select(SurveyAnswer.id)).one()
    url = surveyed.url(f"surveys/{survey_id}/answers/{answer_id}")
    assert "想听秦腔" in client.get(url).text
    login(client, surveyed.here.worker.token)
    assert client.get(url).status_code == 404
    login(client, surveyed.here.clerk.token)
    assert client.post(f"{url}/withdraw").status_code == 303
    assert client.get(url).status_code == 404


def test_the_form_is_edited_through_its_page(app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed) -> None:
    survey_id = begin(app, client, login, surveyed)
    page = client.get(surveyed.url("survey-form")).text
    assert "第 1 版" in page
    words = {"seen": "1", "label_zh": "您的银行卡号", "type": "text", "purpose": "发钱"}
    refused = client.post(surveyed.url("survey-form/add"), data=words)
    assert refused.status_code == 422
    assert "不收集银行账号" in refused.text
    assert 'value="您的银行卡号"' in refused.text
    words |= {"label_zh": "家里有没有人生病", "type": "bool", "purpose": ""}
    assert "请写明收集它做什么用" in client.post(surveyed.url("survey-form/add"), data=words).text
    words |= {"purpose": "安排上门医疗"}
    assert client.post(surveyed.url("survey-form/add"), data=words).status_code == 303
    assert client.post(surveyed.url("survey-form/add"), data=words).status_code == 409  # seen was version 1
    assert (
        client.post(surveyed.url("survey-form/item_needs"), data={"seen": "2", "action": "remove"}).status_code == 422
    )
    assert "改用最新表单" in client.get(surveyed.url(f"surveys/{survey_id}")).text
    assert client.post(surveyed.url(f"surveys/{survey_id}/form")).status_code == 303
    assert "家里有没有人生病" in client.get(surveyed.url(f"surveys/{survey_id}/answers/new")).text
    assert "家里有没有人生病" not in client.get(surveyed.url("survey-form?version=1")).text.split("各版")[0]


def test_a_grid_worker_asks_the_drawn_doors_of_own_courtyards(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    login(client, surveyed.here.grid.token)
    assert "需求统计：要问的门" in client.get(surveyed.url("today", "grid")).text
    page = client.get(surveyed.url("survey", "grid")).text
    assert "欧阳**" in page
    assert "欧阳建国" not in page
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        first, second = [door.id for door in queries.doors(UUID(survey_id), [surveyed.here.yard])][:2]
    sheet = client.get(surveyed.url(f"survey/doors/{first}", "grid")).text
    assert "您同意吗" in sheet
    data = {**SHEET, "client_key": str(uuid4())}
    assert (
        client.post(surveyed.url(f"survey/doors/{first}", "grid"), data={**data, "consent_basic": ""}).status_code
        == 422
    )
    assert client.post(surveyed.url(f"survey/doors/{first}", "grid"), data=data).status_code == 303
    knocked = client.post(surveyed.url(f"survey/doors/{second}/knocked", "grid"), data={"result": "refused"})
    assert knocked.status_code == 303
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        states = dict(db.session.execute(select(SurveyDoor.id, SurveyDoor.state)).all())
        assert (states[first], states[second]) == ("answered", "refused")
        worker, how = db.session.execute(select(SurveyAnswer.worker, SurveyAnswer.how)).one()
        assert (worker.startswith("测试员"), how) == (True, "door")


def test_another_courtyard_is_not_there_for_a_grid_worker(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    with app.app_context(), tenant_scope(surveyed.here.tenant):
        db.session.execute(SurveyDoor.__table__.update().values(courtyard_id=surveyed.here.other_yard))
        db.session.commit()
        door = db.session.scalars(select(SurveyDoor.id)).first()
    login(client, surveyed.here.grid.token)
    assert client.get(surveyed.url(f"survey/doors/{door}", "grid")).status_code == 404
    assert (
        client.post(surveyed.url(f"survey/doors/{door}/knocked", "grid"), data={"result": "refused"}).status_code == 404
    )
    data = {**SHEET, "client_key": str(uuid4()), "courtyard": str(surveyed.here.other_yard)}
    answer = client.post(surveyed.url(f"survey/{survey_id}/any", "grid"), data=data)
    assert answer.status_code == 422
    data["courtyard"] = str(surveyed.here.yard)
    assert client.post(surveyed.url(f"survey/{survey_id}/any", "grid"), data=data).status_code == 303


def test_the_report_makes_a_known_number_of_queries(
    app: Flask, client: FlaskClient, login: Login, surveyed: Surveyed
) -> None:
    survey_id = begin(app, client, login, surveyed)
    counts = []
    for _n in range(2):
        for _m in range(4):
            paper(client, surveyed, survey_id, surveyed.here.yard)
        with statements() as asked:
            client.get(surveyed.url(f"surveys/{survey_id}/report"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] < 30
