"""The 一门受理 desk over HTTP: masked until opened, every opening in the community's chain, nothing of another street."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.policies.rules import court_until
from rongjiu.workdays import add_months
from tenants.acceptance.models import DeskFile, DeskPaper
from tenants.referrals.models import ReferralTask
from tests import casework, deskwork

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64
PLANTED = (casework.NAME, deskwork.ID_NUMBER, casework.PHONE, "301房", deskwork.WORDS)


@pytest.fixture
def sent(made: Made) -> deskwork.Sent:
    return made(deskwork.a_street_at_work)  # type: ignore[no-any-return]


@pytest.fixture
def unsent(made: Made) -> deskwork.Sent:
    return made(lambda: deskwork.a_street_at_work(sent=False))  # type: ignore[no-any-return]


def within(made: Made, sent: deskwork.Sent, work: Callable[[], object]) -> Any:
    """Run inside the community."""

    def run() -> object:
        with tenant_scope(sent.family.tenant):
            return work()

    return made(run)


def audited(made: Made, sent: deskwork.Sent, verb: str) -> list[Any]:
    query = text("SELECT actor_role, object_id, detail FROM audit WHERE verb = :verb ORDER BY seq")
    return [tuple(row) for row in within(made, sent, lambda: db.session.execute(query, {"verb": verb}).all())]


def inbox(sent: deskwork.Sent) -> str:
    return f"/street/{sent.street}/acceptance"


def at_desk(sent: deskwork.Sent) -> str:
    return f"{inbox(sent)}/{sent.task}"


def case(sent: deskwork.Sent) -> str:
    return f"/c/{sent.family.slug}/desk/cases/{sent.family.number}"


def new(sent: deskwork.Sent, policy: str = deskwork.POLICY) -> str:
    return f"{case(sent)}/departments/new?policy={policy}"


def test_the_clerk_chooses_a_policy_fills_in_and_sends(
    client: FlaskClient, made: Made, login: Login, unsent: deskwork.Sent
) -> None:
    login(client, unsent.clerk)
    page = client.get(f"{case(unsent)}/departments/new").text
    assert "仍要申请别的政策" in page
    page = client.get(new(unsent)).text
    assert "为履行法定职责所必需" in page
    assert "残疾人证" in page
    words = {
        "people": str(unsent.family.old_man), "need": "", "words": deskwork.WORDS, "paper-id-card": "have",
        "paper-disability-cert": "missing", "file-application": (io.BytesIO(JPEG), "申请.jpg"),
    }  # fmt: skip
    answer = client.post(new(unsent), data=words, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = client.get(answer.headers["Location"]).text
    assert "已交街道一门受理" in page
    assert "不会因超时退回" in page
    states = within(
        made, unsent, lambda: {r.slug: r.state for r in db.session.execute(select(DeskPaper.slug, DeskPaper.state))}
    )
    assert states == {"application": "attached", "id-card": "have", "disability-cert": "missing", "bank": "missing"}
    page = client.get(case(unsent)).text
    assert "街道一门受理" in page
    assert "待受理" in page


def test_a_second_press_and_a_retry_send_once(
    client: FlaskClient, made: Made, login: Login, unsent: deskwork.Sent
) -> None:
    login(client, unsent.clerk)
    words = {"people": str(unsent.family.old_man), "_key": str(uuid4())}
    first = client.post(new(unsent), data=words)
    again = client.post(new(unsent), data=words)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    other = client.post(new(unsent), data={**words, "_key": str(uuid4()), "words": "原话不能丢"})
    assert other.status_code == 409
    assert "原话不能丢" in other.text
    assert within(made, unsent, lambda: db.session.scalar(select(func.count()).select_from(DeskFile))) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [({}, "请选择为谁申请"), ({"people": "x"}, "请选择为谁申请"), ({"file-id-card": (io.BytesIO(b"<svg/>"), "a.svg")}, "只收照片")],
)  # fmt: skip
def test_wrong_input_keeps_what_was_typed(
    words: dict[str, Any], said: str, client: FlaskClient, login: Login, unsent: deskwork.Sent
) -> None:
    login(client, unsent.clerk)
    data = {"words": "原话不能丢", **words}
    if "file-id-card" in words:
        data["people"] = str(unsent.family.old_man)
        data["file-id-card"] = (io.BytesIO(b"<svg/>"), "a.svg")
    answer = client.post(new(unsent), data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert "原话不能丢" in answer.text


def test_the_inbox_is_masked_and_the_file_full_once_opened(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.desk)
    page = client.get(inbox(sent)).text
    assert "周**" in page
    assert not [each for each in PLANTED if each in page]
    assert audited(made, sent, "desk.open") == []
    page = client.get(at_desk(sent)).text
    for each in (*PLANTED[:2], "138 0000 1234", *PLANTED[3:]):
        assert each in page, each
    assert "周子测试" not in page
    (row,) = audited(made, sent, "desk.open")
    assert row[:2] == ("street_acceptance", str(sent.task))
    assert not [each for each in PLANTED if each in str(row[2])]
    login(client, sent.clerk)
    page = client.get(f"{case(sent)}/departments/{sent.task}").text
    assert "查看了材料" in page
    assert "一门受理甲" in page


def test_a_refused_answer_counts_as_an_opening_too(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    login(client, sent.desk)
    answer = client.post(
        at_desk(sent), data={"verb": "refuse", "refuse-day": today().isoformat(), "refuse-reason": "不"}
    )
    assert answer.status_code == 422
    assert "不予必须写明理由" in answer.text
    assert len(audited(made, sent, "desk.open")) == 1
    future = (today() + timedelta(days=1)).isoformat()
    answer = client.post(at_desk(sent), data={"verb": "accept", "accept-day": future})
    assert answer.status_code == 422
    assert "日期不能晚于今天" in answer.text
    assert client.post(at_desk(sent), data={"verb": "supply"}).status_code == 400


def test_from_acceptance_over_papers_and_forwarding_to_the_grant(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    day = today().isoformat()
    login(client, sent.desk)
    assert client.post(at_desk(sent), data={"verb": "accept", "accept-day": day}).status_code == 303
    again = client.post(at_desk(sent), data={"verb": "accept", "accept-day": day})
    assert again.status_code == 409
    login(client, sent.colleague)
    words = {
        "verb": "ask_papers",
        "ask_papers-day": day,
        "ask_papers-more": "收入证明\n\n房产证明",
        "ask_papers-words": "请尽快",
    }
    assert client.post(at_desk(sent), data=words).status_code == 303
    login(client, sent.clerk)
    mine = f"{case(sent)}/departments/{sent.task}"
    page = client.get(mine).text
    assert "收入证明" in page
    assert "房产证明" in page
    papers = within(made, sent, lambda: list(db.session.scalars(select(DeskPaper.id).where(DeskPaper.asked))))
    lacking = client.post(f"{mine}/supply", data={f"paper-{papers[0]}": "have"})
    assert lacking.status_code == 422
    assert "还没有备齐" in lacking.text
    given = {f"paper-{papers[0]}": "have", f"file-{papers[1]}": (io.BytesIO(JPEG), "房.jpg"), "words": "都在这里"}
    assert client.post(f"{mine}/supply", data=given, content_type="multipart/form-data").status_code == 303
    login(client, sent.desk)
    assert "都在这里" in client.get(at_desk(sent)).text
    words = {"verb": "forward", "forward-day": day, "forward-department": "cl"}
    assert client.post(at_desk(sent), data=words).status_code == 303
    words = {"verb": "grant", "grant-day": day, "grant-amount": "120.50", "grant-period": "month", "grant-from_on": day}
    back = client.post(at_desk(sent), data={**words, "grant-until_on": str(today() - timedelta(days=1))})
    assert back.status_code == 422 and "截止日期不能早于开始日期" in back.text
    assert client.post(at_desk(sent), data={**words, "grant-until_on": "2099-01-01"}).status_code == 422
    until = {"grant-until_on": str(today() + timedelta(days=364))}
    assert client.post(at_desk(sent), data={**words, **until}).status_code == 303
    told = client.get(at_desk(sent)).text
    assert "¥120.50 每月" in told and "享受到" in told
    login(client, sent.clerk)
    assert "¥120.50 每月" in client.get(mine).text
    assert client.post(f"{mine}/settle", data={"came": "no"}).status_code == 303
    assert client.post(f"{mine}/settle", data={"came": "yes"}).status_code == 303
    assert client.post(f"{mine}/settle", data={"came": "yes"}).status_code == 409
    page = client.get(case(sent)).text
    assert "部门准予" in page
    assert "准予" in page


@pytest.mark.parametrize("amount", ["NaN", "一百", "-1", "1e9", ""])
def test_an_amount_that_is_none_is_said_in_words(
    amount: str, client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    day = today().isoformat()
    login(client, sent.desk)
    client.post(at_desk(sent), data={"verb": "accept", "accept-day": day})
    words = {"verb": "grant", "grant-day": day, "grant-amount": amount, "grant-period": "no", "grant-from_on": day}
    answer = client.post(at_desk(sent), data=words)
    assert answer.status_code == 422
    assert "请填 0 到 1000000 之间的金额" in answer.text
    assert within(made, sent, lambda: db.session.scalar(select(ReferralTask.state))) == "accepted"


def test_a_refusal_of_a_department_of_government_names_both_ways_with_their_law(
    client: FlaskClient, made: Made, login: Login, sent: deskwork.Sent
) -> None:
    """复议 within 60 days, or straight to court within six months, each with its article; for 残联 neither is guessed."""
    day = today().isoformat()
    login(client, sent.desk)
    client.post(at_desk(sent), data={"verb": "accept", "accept-day": day})
    client.post(at_desk(sent), data={"verb": "forward", "forward-day": day, "forward-department": "mzj"})
    page = client.get(at_desk(sent)).text
    assert "行政复议法》（2023 年修订）第二十条" in page and str(today() + timedelta(days=60)) in page
    words = {
        "verb": "refuse", "refuse-day": day, "refuse-reason": "收入超过标准", "refuse-appeal_to": "区政府行政复议机构",
        "refuse-appeal_until": str(today() + timedelta(days=60)),
    }  # fmt: skip
    assert client.post(at_desk(sent), data=words).status_code == 303
    login(client, sent.clerk)
    told = client.get(f"{case(sent)}/departments/{sent.task}").text
    court = add_months(today(), 6)
    assert "直接向人民法院起诉" in told and f"{court.month}月{court.day}日" in told
    assert "行政诉讼法》（2017 年修正）第四十六条" in told and "收入超过标准" in told
    assert court_until("cl", today()) is None
