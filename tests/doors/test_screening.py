"""Screening at the desk: distances are in words, a named person confirms, others get 404."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from rongjiu.tenancy.models import Membership
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Parameter
from tenants.screening.models import Screening
from tests.asked import statements
from tests.screened import Desk, Make, a_desk, count, screened

Login = Callable[[FlaskClient, str], None]


def test_the_page_of_the_walk_through(clerk: FlaskClient, zhous: Desk) -> None:
    assert "按哪一天的政策" in clerk.get(f"{zhous.case}/screening/new").text
    answer = clerk.post(f"{zhous.case}/screening/new", data={"as_of": "2022-08-10"})
    assert answer.status_code == 303
    page = clerk.get(answer.location).text
    for words in (
        "研判 · 按 2022年8月10日 的政策", "仅作提示，由部门决定", "高出 410 元 55.4 %", "超过临界线 888 元", "高出 40 元 3.6 %",
        "周* 84、马* 81", "每人 100 元/月（2012 年的标准，请核）", "缺：残疾人证", "未设定（不猜）", "2023年10月19日 起施行",
        "救助类没有符合项，转入“助”", "5 条可走的路", "失业登记", "我已核对，确认",
    ):  # fmt: skip
        assert words in page, words
    only = clerk.get(f"{answer.location}?verdict=near_miss").text
    assert only.count('<span class="v-chip">') == 1


def test_confirming_names_the_person_and_shows_the_plan_as_next(
    clerk: FlaskClient, made: Make, zhous: Desk, app: Flask
) -> None:
    address = screened(made, zhous)
    assert clerk.post(f"{address}/confirm").status_code == 303
    page = clerk.get(address).text
    assert "确认人：assistance_clerk岗" in page
    assert "我已核对，确认" not in page
    assert clerk.post(f"{address}/confirm").status_code == 409
    queue = clerk.get(f"/c/{zhous.slug}/desk/near-misses").text
    assert zhous.family.number in queue
    assert "高出 40 元 3.6 %" in queue
    assert "周*" in queue
    assert "周某" not in queue


def test_the_answer_for_the_family_in_both_languages(clerk: FlaskClient, made: Make, zhous: Desk) -> None:
    address = f"{screened(made, zhous)}/answer"
    page = clerk.get(address).text
    for words in (
        "周某一家",
        "由主管部门决定",
        "仍要申请",
        "家庭人均月收入：您家 1,150 元，标准 740 元，高出 410 元",
        "残疾人证",
    ):
        assert words in page, words
    assert "单人保" not in page, "a way with another step that is closed is no promise"
    assert 'lang="en"' in clerk.get(f"{address}?lang=en").text


def test_one_policy_for_each_member(clerk: FlaskClient, made: Make, zhous: Desk) -> None:
    page = clerk.get(f"{screened(made, zhous)}/policies/age-subsidy").text
    assert [words in page for words in ("周* 84", "马* 81", "还差 18 岁", "民政")] == [True] * 4
    assert clerk.get(f"{screened(made, zhous)}/policies/no-such").status_code == 404


def test_a_worker_reads_verdicts_without_income_and_only_in_own_cases(
    client: FlaskClient, made: Make, login: Login, zhous: Desk
) -> None:
    address = screened(made, zhous)
    login(client, zhous.tokens["community_worker"])
    assert client.get(address).status_code == 404

    def assign() -> None:
        worker = db.session.scalar(
            select(Membership.account_id).where(
                Membership.role == "community_worker", Membership.scope_id == zhous.tenant.uid
            )
        )
        with tenant_scope(zhous.tenant):
            db.session.execute(update(CaseFile).values(worker_id=worker))

    made(assign)
    page, opened = client.get(address).text, client.get(f"{address}/policies/dibao?part=1").text
    assert "不符合" in page
    assert "已隐藏" in opened
    for words in ("1,150", "410 元"):
        assert words not in page + opened
    assert client.get(f"{zhous.case}/income").status_code == 404
    assert client.post(f"{address}/confirm").status_code == 404


def test_the_secretary_reads_but_does_not_confirm(client: FlaskClient, made: Make, login: Login, zhous: Desk) -> None:
    address = screened(made, zhous)
    login(client, zhous.tokens["secretary"])
    page = client.get(address).text
    assert "高出 410 元 55.4 %" in page
    assert "我已核对，确认" not in page
    assert client.post(f"{address}/confirm").status_code == 404


def test_another_community_finds_nothing(client: FlaskClient, made: Make, login: Login, zhous: Desk) -> None:
    address = screened(made, zhous)
    other: Desk = made(lambda: a_desk(sheets=False))
    login(client, other.tokens["assistance_clerk"])
    for path in (address, f"{zhous.case}/income", address.replace(zhous.slug, other.slug)):
        assert client.get(path).status_code == 404, path


def test_opening_a_screening_is_written_down(app: Flask, clerk: FlaskClient, made: Make, zhous: Desk) -> None:
    clerk.get(screened(made, zhous))
    with app.app_context(), tenant_scope(zhous.tenant):
        row = db.session.execute(
            select(Audit.object_kind, Audit.object_id, Audit.actor_role).where(Audit.verb == "open")
        ).one()
    assert tuple(row) == ("screening", zhous.family.number, "assistance_clerk")


def test_screening_is_off_until_parameters_are_confirmed(
    app: Flask, clerk: FlaskClient, made: Make, zhous: Desk
) -> None:
    def forget() -> None:
        with tenant_scope(zhous.tenant):
            db.session.execute(
                update(Parameter).where(Parameter.slug == "two_cancer_once").values(must_review=True, confirmed_at=None)
            )

    made(forget)
    assert "研判还没有开启" in clerk.get(f"{zhous.case}/screening/new").text
    answer = clerk.post(f"{zhous.case}/screening/new", data={"as_of": "2022-08-10"})
    assert answer.status_code == 422
    assert 'value="2022-08-10"' in answer.text
    assert count(app, zhous, Screening) == 0


def test_a_wrong_day_stays_in_its_field(clerk: FlaskClient, zhous: Desk) -> None:
    answer = clerk.post(f"{zhous.case}/screening/new", data={"as_of": "2022-02-30"})
    assert answer.status_code == 422
    assert 'value="2022-02-30"' in answer.text
    assert "请填一个日期" in answer.text


def test_the_screening_page_asks_the_database_few_questions(clerk: FlaskClient, made: Make, zhous: Desk) -> None:
    address = screened(made, zhous)
    clerk.get(address)
    with statements() as asked:
        clerk.get(address)
    assert len(asked) <= 10, "\n".join(asked)


def test_the_policies_of_all_departments_in_one_place(clerk: FlaskClient, zhous: Desk) -> None:
    page = clerk.get(f"/c/{zhous.slug}/desk/policies").text
    for words in (
        '<span class="v">13</span>',
        '<span class="v">50</span>',
        '<span class="v">22</span>',
        "城市低保标准",
    ):
        assert words in page, words
    one = clerk.get(f"/c/{zhous.slug}/desk/policies/dibao-margin").text
    assert "家庭人均月收入 低于 城市低保标准 × 低保边缘家庭收入倍数（1,110 元）" in one
    assert clerk.get(f"/c/{zhous.slug}/desk/policies/no-such").status_code == 404
    assert (
        "公租房"
        not in clerk.get(f"/c/{zhous.slug}/desk/policies?department=cl")
        .text.split("<main")[1]
        .split('id="lines"')[0]
        .split("</form>")[1]
    )


def test_open_questions_stand_by_who_can_answer_and_lead_to_their_field(
    clerk: FlaskClient, zhous: Desk, made: Make, client: FlaskClient, login: Login
) -> None:
    page = f"{screened(made, zhous)}/questions"
    text = clerk.get(page).text
    for words in ("问本人或家里人", "等它的政策", "去填"):
        assert words in text
    marks = {each.split('"')[0] for each in text.split(f"{zhous.case}/facts#")[1:]}
    assert marks
    facts = clerk.get(f"{zhous.case}/facts").text
    assert all(f'id="{mark}"' in facts for mark in marks), [m for m in marks if f'id="{m}"' not in facts]
    login(client, zhous.tokens["community_worker"])
    assert client.get(page).status_code == 404
