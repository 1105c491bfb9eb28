"""Plan, closing, load and checks at the desk, as the clerk and the secretary click them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from tenants.cases.models import CaseFile
from tenants.casework import queries
from tenants.casework.models import ReferralCheck
from tenants.catalogue import service as waits
from tenants.referrals import answering, service
from tenants.residents.models import Courtyard
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]


class Desk:
    """A clerk and a secretary with one family."""

    def __init__(self, client: FlaskClient, made: Made, login: Login) -> None:
        self.client, self.made, self.login = client, made, login

        def build() -> tuple[casework.Family, casework.Helper, str, str, str]:
            family = casework.a_family()
            helper = casework.a_helper(family)
            clerk, secretary = (
                factories.a_person_with_role(role, "community", family.community_id, post=post)
                for role, post in (("assistance_clerk", "救助专干"), ("secretary", "书记"))
            )
            return family, helper, clerk.token, secretary.token, str(clerk.account.id)

        self.family, self.helper, self.clerk, self.secretary, self.companion = made(build)  # type: ignore[misc]
        login(client, self.clerk)
        self.base = f"/c/{self.family.slug}/desk"
        self.case = f"{self.base}/cases/{self.family.number}"

    def within(self, work: Callable[[], object]) -> object:
        def run() -> object:
            with tenant_scope(self.family.tenant):
                return work()

        return self.made(run)

    def plan(self, **words: str) -> object:
        data = {
            "goal-w1": "不用跑医院", "step-w1-1": "请医生上门", "means-w1-1": "provider", "payer-w1-1": "free",
            "companion": self.companion, "review_on": (today() + timedelta(days=30)).isoformat(), **words,
        }  # fmt: skip
        return self.client.post(self.case + "/plan", data=data)


@pytest.fixture
def desk(client: FlaskClient, made: Made, login: Login) -> Desk:
    return Desk(client, made, login)


def test_plan_is_written_approved_and_shown_on_the_case(desk: Desk) -> None:
    refused = desk.plan(review_on="")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "请医生上门" in refused.text, "what was typed stays"  # type: ignore[attr-defined]
    assert desk.plan().status_code == 303  # type: ignore[attr-defined]
    page = desk.client.get(desk.case).text
    for words in ("请医生上门", "等书记审批", "陪伴人", "救:政策救助", "助:社会帮扶"):
        assert words in page, words
    act = desk.case + "/plan/act"
    assert desk.client.post(act, data={"act": "approve"}).status_code == 403
    step = desk.within(lambda: str(queries.steps(desk.family.case_id)[0].id))
    assert desk.client.post(act, data={"act": "done", "step": step}).status_code == 303
    desk.login(desk.client, desk.secretary)
    assert desk.client.post(act, data={"act": "send_back"}).status_code == 422
    assert desk.client.post(act, data={"act": "approve"}).status_code == 303
    page = desk.client.get(desk.case + "/plan").text
    assert "已批准" in page
    assert "今天已和家里人看过" in page
    again = {"act": "review", "again_on": (today() + timedelta(days=60)).isoformat()}
    assert desk.client.post(act, data=again).status_code == 303


def test_a_case_is_closed_by_two_and_opened_again(desk: Desk) -> None:
    page = desk.client.get(desk.case + "/close").text
    assert "w1、w2" in page
    refused = desk.client.post(desk.case + "/close", data={"reason": "done", "left-w1": "no_helper"})
    assert refused.status_code == 422
    assert "w2" in refused.text
    left = {"reason": "cannot_meet", "left-w1": "no_helper", "left-w2": "moved_away"}
    assert desk.client.post(desk.case + "/close", data=left).status_code == 303
    assert desk.client.post(desk.case + "/close", data={"act": "approve"}).status_code == 403
    desk.login(desk.client, desk.secretary)
    assert "暂无法满足" in desk.client.get(desk.case + "/close").text
    assert desk.client.post(desk.case + "/close", data={"act": "approve"}).status_code == 303
    closed = desk.within(lambda: db.session.scalars(select(CaseFile.closed_reason)).one())
    assert closed == "cannot_meet"
    why = "?reason=家属来电询问"
    assert "重新启动" in desk.client.get(desk.case + "/close" + why).text
    assert desk.client.post(desk.case + "/close", data={"act": "reopen"}).status_code == 303
    assert desk.within(lambda: db.session.scalars(select(CaseFile.closed_at)).one()) is None
    assert desk.client.post(desk.case + "/close", data={"act": "dance"}).status_code == 422


def test_the_load_of_each_colleague_leads_to_the_lists(desk: Desk) -> None:
    desk.client.post(desk.case + "/assign", data={"worker": desk.companion})
    page = desk.client.get(desk.base + "/load").text
    assert "救助专干" in page
    assert f"worker={desk.companion}" in page
    assert desk.client.get(f"{desk.base}/cases?worker={desk.companion}&state=open").text.count(desk.family.number)


def test_a_check_is_looked_at_and_leaves_the_list(desk: Desk) -> None:
    def declined() -> str:
        consent = casework.a_consent(desk.family, desk.helper)
        (task,) = service.offer(desk.family.need, [desk.helper.service], consent, desk.family.old_man)
        answering.decline([task.id], desk.helper.id, "not-eligible", "只做 60 岁以下", "age")
        return str(db.session.scalars(select(ReferralCheck.id)).one())

    check = desk.within(declined)
    page = desk.client.get(desk.base + "/checks").text
    assert "年龄不合" in page
    assert f"{desk.case}/needs/w1/offer" in page
    mend = desk.client.get(f"{desk.case}/needs/w1/offer").text
    assert "对方说卡在：年龄不合" in mend
    assert f"{desk.base}/households/{desk.family.household_id}" in mend
    assert f"{desk.base}/providers/{desk.helper.id}" in mend
    assert "对方说不合条件：年龄不合" in desk.client.get(desk.case).text
    assert "只做 60 岁以下" in page
    assert desk.client.post(desk.base + "/checks", data={"check": check, "note": "x"}).status_code == 422
    assert desk.client.post(desk.base + "/checks", data={"check": "x", "note": "已改"}).status_code == 404
    assert desk.client.post(desk.base + "/checks", data={"check": check, "note": "已改服务条件"}).status_code == 303
    assert "只做 60 岁以下" not in desk.client.get(desk.base + "/checks?kind=rule").text
    assert "已改服务条件" in desk.client.get(desk.base + "/checks?state=all").text


def test_a_case_is_handed_over_and_taken_on_the_other_side(desk: Desk) -> None:
    def build() -> tuple[str, str, str, str]:
        street = db.session.get_one(factories.Street, desk.family.street_id)
        other = factories.a_modelled_community(street)
        clerk = factories.a_person_with_role("assistance_clerk", "community", other.id, post="对方专干")
        with tenant_scope(factories.tenant(other)):
            yard = Courtyard(id=uuid7(), slug="yq-01", seq=1, name="雁晴小区", grid="yq-g01")
            db.session.add(yard)
            db.session.flush()
            return other.slug, str(other.id), clerk.token, str(yard.id)

    slug, there, token, yard = desk.made(build)  # type: ignore[misc]
    page = desk.client.get(desk.case + "/transfer").text
    assert there in page
    assert desk.client.post(desk.case + "/transfer", data={"reason": "moved"}).status_code == 422
    assert desk.client.post(desk.case + "/transfer", data={"to": there, "reason": "moved"}).status_code == 303
    assert "等对方答复" in desk.client.get(desk.case + "/transfer").text
    desk.login(desk.client, token)
    inbox = f"/c/{slug}/desk/transfers"
    page = desk.client.get(inbox).text
    assert desk.family.number in page
    assert casework.NAME not in page
    transfer = re.search(r'name="transfer" value="([^"]+)"', page)
    assert transfer
    words = {"transfer": transfer[1], "building": "3", "room": "202"}
    assert desk.client.post(inbox, data=words).status_code == 422
    taken = desk.client.post(inbox, data={**words, "courtyard": yard})
    assert taken.status_code == 303
    assert "从别的社区移交过来" in desk.client.get(taken.location).text
    assert desk.client.post(inbox, data={**words, "courtyard": yard}).status_code == 409
    assert "已接手" in desk.client.get(inbox + "?state=all").text
    desk.login(desk.client, desk.clerk)
    assert "对方已接手" in desk.client.get(desk.case + "/transfer?reason=核对移交结果").text


def test_a_question_is_taken_back_or_declined(desk: Desk) -> None:
    def build() -> tuple[str, str, str]:
        other = factories.a_modelled_community(db.session.get_one(factories.Street, desk.family.street_id))
        clerk = factories.a_person_with_role("assistance_clerk", "community", other.id)
        return other.slug, str(other.id), clerk.token

    slug, there, token = desk.made(build)  # type: ignore[misc]
    ask = {"to": there, "reason": "closer"}
    assert desk.client.post(desk.case + "/transfer", data=ask).status_code == 303
    assert desk.client.post(desk.case + "/transfer", data={"act": "revoke"}).status_code == 303
    assert desk.client.post(desk.case + "/transfer", data={"act": "revoke"}).status_code == 409
    assert desk.client.post(desk.case + "/transfer", data=ask).status_code == 303
    desk.login(desk.client, token)
    inbox = f"/c/{slug}/desk/transfers"
    transfer = re.search(r'name="transfer" value="([^"]+)"', desk.client.get(inbox).text)
    assert transfer
    no = {"transfer": transfer[1], "act": "reject", "reason": "not_found"}
    assert desk.client.post(inbox, data={**no, "reason": "x"}).status_code == 422
    assert desk.client.post(inbox, data=no).status_code == 303
    assert desk.client.post(inbox, data={"transfer": "x"}).status_code == 404
    desk.login(desk.client, desk.clerk)
    page = desk.client.get(desk.case + "/transfer").text
    assert "没有找到这户人家" in page
    assert "已撤回" in page


def test_own_days_off_move_due_times_and_are_given_back(desk: Desk) -> None:
    desk.login(desk.client, desk.secretary)
    page = desk.base + "/calendar"
    before = desk.within(lambda: waits.due("response"))
    day = before.date().isoformat()  # type: ignore[attr-defined]
    assert desk.client.post(page, data={"day": "2020-01-01", "reason": "台风"}).status_code == 422
    assert desk.client.post(page, data={"day": day, "works": "0"}).status_code == 422
    assert desk.client.post(page, data={"day": day, "works": "0", "reason": "社区搬家"}).status_code == 303
    assert "社区搬家" in desk.client.get(page).text
    assert desk.within(lambda: waits.due("response")) > before  # type: ignore[operator]
    assert desk.client.post(page, data={"day": day, "act": "clear"}).status_code == 303
    assert desk.within(lambda: waits.due("response")) == before
