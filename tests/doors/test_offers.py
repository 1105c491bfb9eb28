"""Matching, consents, offers and outcomes at the desk: nothing goes out without a consent, nothing typed is lost."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.db import db, tenant_scope
from rongjiu.outbox import Outbox
from tenants.consents.models import Consent
from tenants.needs import service as needs
from tenants.referrals import queries, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralTask
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]


class Desk:
    """A clerk at the desk of one family's community with one helper."""

    def __init__(self, client: FlaskClient, made: Made, login: Login, **words: object) -> None:
        self.client, self.made = client, made
        places = words.get("places", 2)

        def build() -> tuple[casework.Family, casework.Helper, str, str]:
            family = casework.a_family()
            helper = casework.a_helper(
                family, "catheter-change", "home-checkup", name="雁晴社区卫生服务中心", places=int(str(places))
            )
            staff = [
                factories.a_person_with_role(role, "community", family.community_id)
                for role in ("assistance_clerk", "secretary")
            ]
            with tenant_scope(family.tenant):
                matching.match(family.need)
            return family, helper, staff[0].token, staff[1].token

        self.family, self.helper, clerk, self.secretary = made(build)  # type: ignore[misc]
        login(client, clerk)
        self.case = f"/c/{self.family.slug}/desk/cases/{self.family.number}"
        self.offer = f"{self.case}/needs/w1/offer?service={self.helper.service}&service={self.helper.second}"

    def consent(self) -> None:
        self.made(lambda: self.within(lambda: casework.a_consent(self.family, self.helper)))

    def within(self, work: Callable[[], object]) -> object:
        with tenant_scope(self.family.tenant):
            return work()

    def count(self, query: object) -> int:
        return int(str(self.made(lambda: self.within(lambda: db.session.scalar(query) or 0))))  # type: ignore[call-overload]

    def send(self, **words: object) -> object:
        data = {"person_id": str(self.family.old_man), "wish": "请轻声敲门", **words}
        return self.client.post(self.offer, data=data)


@pytest.fixture
def desk(client: FlaskClient, made: Made, login: Login) -> Desk:
    return Desk(client, made, login)


def test_the_pages_of_the_way_open(desk: Desk) -> None:
    for page in ("/plan", "/consents/new", "/needs/w1/match", "/needs/w1/offer", "/needs/w2/offer", "/outcomes"):
        answer = desk.client.get(desk.case + page)
        assert answer.status_code == 200, page
        assert casework.PHONE not in answer.text
    assert desk.client.get(desk.case + "/needs/w9/match").status_code == 404
    assert desk.client.get(desk.case + "/needs/x/offer").status_code == 404


def test_matching_is_a_post_and_shows_reasons(desk: Desk) -> None:
    answer = desk.client.post(desk.case + "/needs/w1/match", data={"types": ["catheter-change"]})
    assert answer.status_code == 303
    page = desk.client.get(desk.case + "/needs/w1/match").text
    assert "雁晴社区卫生服务中心" in page
    assert "本社区已准入" in page
    assert casework.NAME not in page
    bad = desk.client.post(desk.case + "/needs/w1/contacts", data={"provider": str(desk.helper.id), "note": ""})
    assert bad.status_code == 422
    good = desk.client.post(
        desk.case + "/needs/w1/contacts", data={"provider": str(desk.helper.id), "note": "周三能来"}
    )
    assert good.status_code == 303


def test_a_plan_needs_a_goal(desk: Desk) -> None:
    assert desk.client.post(desk.case + "/plan", data={"goal-w1": " "}).status_code == 422
    assert desk.client.post(desk.case + "/plan", data={"goal-w1": "不用跑医院"}).status_code == 303
    assert "不用跑医院" in desk.client.get(desk.case + "/plan").text


def test_without_a_consent_the_button_is_dead_and_the_service_refuses(desk: Desk) -> None:
    assert "disabled" in desk.client.get(desk.offer).text
    answer = desk.send()
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "请轻声敲门" in answer.text  # type: ignore[attr-defined]
    assert desk.count(select(func.count()).select_from(ReferralTask)) == 0


def test_a_consent_taken_on_the_screen_leads_back_and_the_offer_goes_out(desk: Desk) -> None:
    form = {
        "scope": "share_with_provider", "provider_id": str(desk.helper.id), "fields": ["name", "address", "phone"],
        "person_id": str(desk.family.old_man), "given_by_id": str(desk.family.old_man), "how": "paper",
    }  # fmt: skip
    url = desk.case + "/consents/new?next=" + f"/c/{desk.family.slug}/desk/cases/{desk.family.number}/needs/w1/offer"
    assert desk.client.post(url, data=form).status_code == 422, "the separate tick is missing"
    answer = desk.client.post(url, data={**form, "agreed": "y"})
    assert answer.status_code == 303
    assert answer.location.endswith("/needs/w1/offer")
    outside = desk.client.post(desk.case + "/consents/new?next=//evil.example/", data={**form, "agreed": "y"})
    assert outside.location.endswith("#consents")
    sent = desk.send()
    assert sent.status_code == 303  # type: ignore[attr-defined]
    assert "已发出 2 张" in desk.client.get(sent.location).text  # type: ignore[attr-defined]
    assert desk.count(select(func.count()).where(ReferralTask.state == "requested")) == 2


def test_sending_twice_with_one_key_sends_once(desk: Desk) -> None:
    desk.consent()
    key = "6c1e1f7e-7f1c-4c1e-9a7e-0d6c1e1f7e00"
    first, second = desk.send(_key=key), desk.send(_key=key)
    assert (first.status_code, second.status_code) == (303, 303)  # type: ignore[attr-defined]
    assert first.location == second.location  # type: ignore[attr-defined]
    again = desk.send()
    assert again.status_code == 409  # type: ignore[attr-defined]
    assert desk.count(select(func.count()).where(ReferralTask.state == "requested")) == 2


def test_another_community_was_faster(client: FlaskClient, made: Made, login: Login) -> None:
    desk = Desk(client, made, login, places=1)
    desk.consent()

    def faster() -> None:
        other = casework.a_family()
        provider = db.session.get_one(factories.Provider, desk.helper.id)
        factories.an_admission(provider, db.session.get_one(factories.Community, other.community_id))
        with tenant_scope(other.tenant):
            consent = casework.a_consent(other, desk.helper)
            service.offer(other.need, [desk.helper.service], consent, other.old_man)
        casework.a_helper(desk.family, "catheter-change", name="雁晴综合医院", slug="next-hospital")

    made(faster)
    answer = desk.send()
    assert answer.status_code == 409  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    assert "刚被约满:" in text
    assert "月1日起可约,或改约雁晴综合医院" in text
    assert "请轻声敲门" in text
    assert "起可约" in text.partition("换一家")[2]  # nor does the service itself promise a place any more
    drafts = desk.count(select(func.count()).where(ReferralTask.state == "draft"))
    assert drafts == 2
    assert desk.count(select(func.count()).select_from(Outbox).where(Outbox.kind.startswith("referrals."))) == 0
    assert "草稿" in desk.client.get(desk.offer).text


def test_taking_an_offer_and_a_consent_back(desk: Desk) -> None:
    desk.consent()
    desk.send()
    slips = desk.made(lambda: desk.within(lambda: [row.task_id for row in queries.slips(desk.family.case_id)]))
    url = f"{desk.case}/needs/w1/offers/{slips[0]}/cancel"  # type: ignore[index]
    assert desk.client.post(url, data={}).status_code == 422
    assert desk.client.post(url, data={"reason": "no-longer-needed"}).status_code == 303
    assert desk.client.post(url, data={"reason": "no-longer-needed"}).status_code == 409
    consent = desk.made(lambda: desk.within(lambda: db.session.scalar(select(Consent.id))))
    page = f"{desk.case}/consents/{consent}/withdraw"
    assert "立即生效" in desk.client.get(page).text
    assert desk.client.post(page, data={"reason": "家属要求"}).status_code == 303
    assert desk.count(select(func.count()).where(ReferralTask.state == "cancelled")) == 2
    elsewhere = desk.case.replace(desk.family.number, "XX-2026-000099")
    assert desk.client.get(f"{elsewhere}/consents/{consent}/withdraw").status_code == 404


def test_a_whole_slip_is_taken_back_and_only_a_secretary_calls_it_a_mistake(desk: Desk, login: Login) -> None:
    desk.consent()
    desk.send()

    def slips() -> list[tuple[object, str]]:
        rows = desk.made(lambda: desk.within(lambda: queries.slips(desk.family.case_id)))
        return [(row.request_id, row.request_state) for row in rows]  # type: ignore[attr-defined]

    page = desk.client.get(desk.case + "/needs/w1/offer").text
    assert "撤回整张转介单" in page
    (first, _state), (second, _same) = slips()
    url = desk.case + "/needs/w1/slips/{}/end"
    assert desk.client.post(desk.case + f"/needs/w2/slips/{first}/end", data={"reason": "other"}).status_code == 404
    for wrong in ("", "mistake", "no-response"):
        desk.client.post(url.format(first), data={"reason": wrong})
    assert [state for _id, state in slips()] == ["active", "active"]
    told = desk.client.post(url.format(first), data={"reason": "declined-by-resident"}, follow_redirects=True)
    assert "这项需求还在" in told.text
    login(desk.client, desk.secretary)
    desk.client.post(url.format(second), data={"reason": "mistake"})
    assert [state for _id, state in slips()] == ["revoked", "entered-in-error"]


def test_a_minor_asks_for_the_guardian(desk: Desk) -> None:
    page = desk.client.get(f"{desk.case}/consents/new?person={desk.family.girl}&provider={desk.helper.id}").text
    assert f'<option selected value="{desk.family.son}">' in page, "the son is proposed as the guardian"
    form = {
        "scope": "share_with_provider", "provider_id": str(desk.helper.id), "fields": ["name"], "agreed": "y",
        "person_id": str(desk.family.girl), "given_by_id": str(desk.family.girl), "how": "paper",
    }  # fmt: skip
    answer = desk.client.post(desk.case + "/consents/new", data=form)
    assert answer.status_code == 422
    assert "须由监护人同意" in answer.text


def test_outcomes_with_their_parts(desk: Desk) -> None:
    bad = {"savings-0-label": "尿管差额", "savings-0-amount": "90", "savings-0-source": "", "new_income": "yes"}
    answer = desk.client.post(desk.case + "/outcomes", data=bad)
    assert answer.status_code == 422
    assert "尿管差额" in answer.text
    good = {
        **bad,
        "savings-0-source": "单据",
        "savings-2-label": "艺术课",
        "savings-2-amount": "300",
        "savings-2-source": "价目",
    }
    assert desk.client.post(desk.case + "/outcomes", data=good).status_code == 303
    page = desk.client.get(desk.case + "/outcomes").text
    assert "¥390" in page
    assert desk.client.post(desk.case + "/outcomes/follow-ups/1").status_code == 422
    said = {"w1": "solved", "stars": "5"}
    assert desk.client.post(desk.case + "/outcomes/follow-ups/1", data=said).status_code == 303
    assert desk.client.post(desk.case + "/outcomes/follow-ups/9").status_code == 404


def test_a_call_back_speaks_for_the_family(desk: Desk) -> None:
    assert desk.client.post(desk.case + "/outcomes/call-back", data={}).status_code == 422


def test_who_may_not(desk: Desk, login: Login) -> None:
    other = desk.made(lambda: factories.a_person_with_role("grid_worker", "community", desk.family.community_id).token)
    login(desk.client, str(other))
    for page in ("/plan", "/consents/new", "/needs/w1/offer", "/outcomes"):
        assert desk.client.get(desk.case + page).status_code == 404


def test_another_slip_for_the_same_category_of_need_is_named_and_a_reason_goes_on(desk: Desk) -> None:
    desk.consent()
    assert desk.send().status_code == 303  # type: ignore[attr-defined]

    def another() -> object:
        person = desk.family.old_man
        need = needs.add(desk.family.case_id, "助浴", item_slug="assisted-bathing", person_id=person)
        other = casework.a_helper(desk.family, "home-bathing")
        casework.a_consent(desk.family, other)
        matching.match(need.id, ["home-bathing"])
        return other.service

    service_id = desk.made(lambda: desk.within(another))
    at = f"{desk.case}/needs/w3/offer?service={service_id}"
    warned = desk.client.post(at, data={"person_id": str(desk.family.old_man)})
    assert warned.status_code == 422
    assert f"已有一张别的转介单还没办完({desk.family.number} r1)" in warned.text.replace("（", "(").replace("）", ")")
    assert 'name="again"' in warned.text
    gone = desk.client.post(at, data={"person_id": str(desk.family.old_man), "again": "助浴和换管是两件事"})
    assert gone.status_code == 303
    assert "助浴和换管是两件事" in desk.client.get(f"{desk.case}/needs/w3/offer").text
