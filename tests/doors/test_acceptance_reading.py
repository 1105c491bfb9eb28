"""The 一门受理 desk over HTTP: papers, nothing of another street, the ledger, coverage, official addresses."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from rongjiu.clock import today
from rongjiu.db import db
from tenants.acceptance.models import DeskEvent, DeskPaper
from tenants.referrals.models import ReferralRequest, ReferralTask
from tests import casework, deskwork, factories
from tests.doors.test_acceptance import JPEG, PLANTED, at_desk, audited, case, inbox, within

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def sent(made: Made) -> deskwork.Sent:
    return made(deskwork.a_street_at_work)  # type: ignore[no-any-return]


@pytest.fixture
def unsent(made: Made) -> deskwork.Sent:
    return made(lambda: deskwork.a_street_at_work(sent=False))  # type: ignore[no-any-return]


def test_papers_are_served_as_attachments_and_logged(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    paper = within(made, sent, lambda: db.session.scalar(select(DeskPaper.id).where(DeskPaper.slug == "id-card")))
    bare = within(made, sent, lambda: db.session.scalar(select(DeskPaper.id).where(DeskPaper.slug == "application")))
    login(client, sent.desk)
    answer = client.get(f"{at_desk(sent)}/papers/{paper}")
    assert answer.data == JPEG
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert client.get(f"{at_desk(sent)}/papers/{bare}").status_code == 404
    assert [row[1] for row in audited(made, sent, "desk.paper")] == [str(sent.task)]
    login(client, sent.other_desk)
    assert client.get(f"{at_desk(sent)}/papers/{paper}").status_code == 404


def test_another_street_an_overseer_and_a_withdrawn_file_get_nothing(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.other_desk)
    theirs = f"/street/{sent.other_street}/acceptance"
    assert "周**" not in client.get(theirs).text
    for path in (at_desk(sent), f"{theirs}/{sent.task}"):
        assert client.get(path).status_code == 404
        assert client.post(path, data={"verb": "accept", "accept-day": today().isoformat()}).status_code == 404
    login(client, sent.overseer)
    assert client.get(inbox(sent)).status_code == 404
    assert client.get(at_desk(sent)).status_code == 404
    assert within(made, sent, lambda: db.session.scalar(select(ReferralTask.state))) == "requested"
    assert audited(made, sent, "desk.open") == []
    login(client, sent.clerk)
    path = f"{case(sent)}/departments/{sent.task}/withdraw"
    assert client.post(path, data={"reason": ""}).status_code == 422
    assert client.post(path, data={"reason": "家里不申请了"}).status_code == 303
    login(client, sent.desk)
    assert client.get(at_desk(sent)).status_code == 404
    listed = client.get(f"{inbox(sent)}?state=all").text
    assert "已撤回" in listed
    assert "周**" not in listed


def test_a_desk_clerk_reaches_no_other_household_by_id(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.desk)
    for key in (sent.family.household_id, sent.family.old_man, sent.family.case_id, uuid4()):
        assert client.get(f"{inbox(sent)}/{key}").status_code == 404
    for path in (f"/c/{sent.family.slug}/desk/households/{sent.family.household_id}", case(sent)):
        assert client.get(path).status_code == 404


def test_a_file_of_another_case_or_community_is_not_there(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    def other() -> tuple[str, str, str]:
        family = casework.a_family()
        token = factories.a_person_with_role("assistance_clerk", "community", family.community_id).token
        return family.slug, family.number, token

    slug, number, token = made(other)
    login(client, token)
    path = f"/c/{slug}/desk/cases/{number}/departments/{sent.task}"
    assert client.get(path).status_code == 404
    for verb in ("supply", "withdraw", "settle"):
        assert client.post(f"{path}/{verb}", data={"reason": "拿来看看"}).status_code == 404
    assert within(made, sent, lambda: db.session.scalar(select(ReferralRequest.state))) == "active"
    assert within(made, sent, lambda: db.session.scalar(select(func.count()).select_from(DeskEvent))) == 1


def test_a_desk_without_second_factor_is_sent_to_set_it_up(client: FlaskClient, made: Made, login: Login) -> None:
    from rongjiu.identity import logins

    def plain() -> tuple[str, str]:
        street = factories.a_street()
        staff = factories.a_person_with_role("street_acceptance", "street", street.id)
        token = logins.start_session(
            staff.account.id,
            staff.membership.id,
            "street_acceptance",
            address="127.0.0.1",
            agent="t",
            second_factor=False,
        )
        return street.slug, token

    slug, token = made(plain)
    login(client, token)
    answer = client.get(f"/street/{slug}/acceptance")
    assert answer.status_code == 302
    assert "second-factor" in answer.headers["Location"]


def test_filters_and_the_ledger(client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent) -> None:
    login(client, sent.desk)
    assert "周**" in client.get(f"{inbox(sent)}?community={sent.family.slug}&policy={deskwork.POLICY}").text
    assert "周**" not in client.get(f"{inbox(sent)}?policy=dibao").text
    assert "周**" not in client.get(f"{inbox(sent)}?state=late").text
    assert client.get(f"{inbox(sent)}?page=99999&size=20&state=nonsense").status_code == 200
    assert client.post(f"{inbox(sent)}/export", data={"purpose": ""}).status_code == 303
    file = client.post(f"{inbox(sent)}/export", data={"purpose": "月度台账"})
    assert file.mimetype.endswith("sheet")


def test_the_authorisation_prints_for_each_adult_to_the_aid_clerk_alone(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    secretary = made(lambda: factories.a_person_with_role("secretary", "community", sent.family.community_id).token)
    login(client, secretary)
    assert client.get(f"{case(sent)}/authorisations").status_code == 404
    login(client, sent.clerk)
    page = client.get(f"{case(sent)}/authorisations").text
    assert page.count("按手印</span>") == 2
    assert deskwork.ID_NUMBER in page
    assert casework.NAME in page
    assert "周孙测试" not in page
    assert "301房" in page
    opened = audited(made, sent, "open")
    assert opened[-1][0] == "assistance_clerk"


def test_official_addresses_are_links_out_and_never_ours(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.clerk)
    policy = f"/c/{sent.family.slug}/desk/policies/dibao"
    assert "还没有填官方办事网址" in client.get(policy).text
    bad = client.post(f"{policy}/address", data={"url": "javascript:alert(1)"})
    assert bad.status_code == 422
    assert "请填以 http://" in bad.text
    assert client.post(f"{policy}/address", data={"url": "https://zwfw.example.cn/dibao?a=1"}).status_code == 303
    page = client.get(policy).text
    assert 'href="https://zwfw.example.cn/dibao?a=1" rel="noreferrer noopener"' in page
    contact = f"/c/{sent.family.slug}/desk/departments/mzj/contact"
    assert client.post(contact, data={"phone": "abc"}).status_code == 422
    assert client.post(contact, data={"phone": "029-12345678", "contact": "低保窗口"}).status_code == 303
    assert client.get(f"/c/{sent.family.slug}/desk/departments/none/contact").status_code == 404


def test_coverage_for_community_and_street(client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent) -> None:
    login(client, sent.clerk)
    page = client.get(f"/c/{sent.family.slug}/desk/departments/coverage?days=30&lack=contact").text
    assert page.count("没有联系方式") >= 13
    path = f"/c/{sent.family.slug}/desk/departments/coverage/export"
    assert client.post(path, data={"purpose": "核对"}).mimetype.endswith("sheet")
    login(client, sent.overseer)
    page = client.get(f"/street/{sent.street}/coverage").text
    assert "民政局" in page
    assert "1 / 1" in page
    assert client.post(f"/street/{sent.street}/coverage/export", data={"purpose": "核对"}).mimetype.endswith("sheet")


def test_the_street_sees_how_many_departments_are_silent(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.overseer)
    silent = re.compile(r"部门未答复</span><span class=\"count\">(\d+)")
    page = client.get(f"/street/{sent.street}/").text
    assert silent.findall(page) == ["0"]
    within(made, sent, lambda: db.session.execute(text("UPDATE desk_inbox SET level = 1, chases = 3")))
    page = client.get(f"/street/{sent.street}/").text
    assert silent.findall(page) == ["1"]
    assert not [each for each in PLANTED if each in page]


def test_english_and_large_type_answer_too(client: FlaskClient, login: Login, sent: deskwork.Sent) -> None:
    login(client, sent.desk)
    with client.session_transaction() as kept:
        kept["lang"] = "en"
        kept["elder"] = True
    page = client.get(at_desk(sent)).text
    assert "Forward to the department" not in page
    assert "Accept" in page
    assert "Care subsidy for severely disabled people" in page
    assert UUID(str(sent.task))
