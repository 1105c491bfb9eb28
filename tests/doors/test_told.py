"""Inbox, how one wants to be told, the delivery log, papers, the wall of wishes: through their doors."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, text, update

from rongjiu import crypto
from rongjiu.actor import acting
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.identity.models import Account
from rongjiu.ids import uuid7
from rongjiu.notify import queries
from rongjiu.notify.models import Message
from rongjiu.printing import pdf
from rongjiu.printing.models import Paper
from tenants.cases import service as cases
from tenants.residents import service as residents
from tenants.signals import service as signals
from tenants.wishes import intake
from tenants.wishes import service as wishes
from tenants.wishes.models import Wish
from tests import factories
from tests.desk_of import DOOR, ZHOU, a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
PHONE = "13900000081"
PLAIN = "一位老人想要一把轮椅"


class Place:
    """A community at work with a case and a wish on its wall; a volunteer next door; as plain values."""

    def __init__(self) -> None:
        here = a_desk()
        self.tenant, self.slug, self.clerk, self.worker = here.tenant, here.slug, here.clerk.token, here.worker.token
        self.account = here.clerk.account.id
        index = crypto.blind(PHONE, crypto.PLATFORM, "phone")
        db.session.execute(update(Account).where(Account.id == self.account).values(phone=PHONE, phone_index=index))
        next_door = factories.a_community()
        self.helper = factories.a_person_with_role("volunteer", "community", next_door.id, post="志愿者")
        self.helper_id, self.helper_token = self.helper.account.id, self.helper.token
        provider = factories.a_provider(factories.a_street())
        self.provider_id = provider.id
        self.shop = factories.a_person_with_role("provider_owner", "provider", provider.id).token
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            home = residents.register(here.yard, DOOR, ZHOU).household_id
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home)
            self.number = case.number
            got = signals.ask("想要一把轮椅", kind="wish", caller="春芽", phone="13800001234", courtyard_id=here.yard)
            self.wish = intake.to_wall(got.id)
            self.signal = signals.ask("想学画画", kind="wish", phone="13800001235", courtyard_id=here.yard).id

    def url(self, path: str) -> str:
        """An address of the community."""
        return f"/c/{self.slug}/{path}"


@pytest.fixture
def place(made: Made) -> Place:
    return made(Place)  # type: ignore[no-any-return]


@pytest.fixture
def clerk(client: FlaskClient, login: Login, place: Place) -> FlaskClient:
    login(client, place.clerk)
    return client


def a_message(place: Place, key: str = "k", **words: Any) -> Callable[[], str]:
    def write() -> str:
        row = Message(
            id=uuid7(), unique_key=key, channel="sms", address=PHONE, text=f"有 1 件事 {key}", purpose="signal_late",
            created_at=now(), account_id=place.account, scope_id=place.tenant.uid, state="sent", sent_at=now(), **words,
        )  # fmt: skip
        db.session.add(row)
        return str(row.id)

    return write


# --- inbox and preferences -----------------------------------------------------------------------


def test_the_header_counts_what_is_unread_and_reading_ends_it(clerk: FlaskClient, made: Made, place: Place) -> None:
    assert "未读" not in clerk.get(place.url("desk/wishes")).text.split("</header>")[0]
    first = made(a_message(place, "甲"))
    made(a_message(place, "乙"))
    assert "2 未读" in clerk.get(place.url("desk/wishes")).text
    page = clerk.get("/account/inbox")
    assert "有 1 件事 甲" in page.text
    assert clerk.post("/account/inbox/read", data={"message": first}).status_code == 303
    assert "甲" not in clerk.get("/account/inbox?show=unread").text
    assert "1 未读" in clerk.get("/account/inbox").text
    assert clerk.post("/account/inbox/read").status_code == 303
    assert "没有未读消息" in clerk.get("/account/inbox?show=unread").text


def test_the_count_costs_no_query_of_its_own(app: Flask, clerk: FlaskClient, made: Made, place: Place) -> None:
    made(a_message(place))
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "message" in statement:
            asked.append(statement)

    with app.app_context():
        engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
    try:
        assert "1 未读" in clerk.get(place.url("desk/wishes")).text
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1
    assert "login_session" in asked[0]


def test_nobody_reads_or_marks_anothers_messages(client: FlaskClient, login: Login, made: Made, place: Place) -> None:
    message = made(a_message(place))
    login(client, place.worker)
    assert "有 1 件事" not in client.get("/account/inbox").text
    client.post("/account/inbox/read", data={"message": message})
    assert made(lambda: db.session.get_one(Message, UUID(message)).read_at) is None


def test_wishes_of_how_to_be_told_are_kept_and_errors_are_named(clerk: FlaskClient, made: Made, place: Place) -> None:
    assert "免打扰从" in clerk.get("/account/notify").text
    plain = {"language": "en", "quiet_from": "22:30", "quiet_to": "06:00", "digest": "y", "first": "sms"}
    assert clerk.post("/account/notify", data=plain).status_code == 303
    kept = made(lambda: (lambda p: (p.language, p.quiet_from, p.quiet_to, p.digest, p.wished))(queries.preference(place.account)))  # fmt: skip
    assert kept == ("en", "22:30", "06:00", True, ["sms"])
    late = clerk.post("/account/notify", data={**plain, "quiet_from": "25:99"})
    assert late.status_code == 422
    assert "22:30" not in late.text
    wrong = clerk.post("/account/notify", data={**plain, "first": "pigeon"})
    assert wrong.status_code == 422
    assert "请从列出的方式里选一种" in wrong.text


# --- the delivery log ----------------------------------------------------------------------------


def test_the_log_shows_states_masked_and_never_a_text(clerk: FlaskClient, made: Made, place: Place) -> None:
    made(a_message(place, "甲", tries=2))
    made(lambda: db.session.execute(update(Message).values(state="failed", reason="isv.MOBILE_NUMBER_ILLEGAL")))
    page = clerk.get(place.url("desk/messages"))
    assert page.status_code == 200
    for words in ("1 条没有送到", "139****0081", "线索逾期", "没有送到"):
        assert words in page.text
    for words in (PHONE, "有 1 件事"):
        assert words not in page.text
    assert "没有这样的消息" in clerk.get(place.url("desk/messages?state=held")).text
    assert clerk.post(place.url("desk/messages/export"), data={"purpose": ""}).status_code == 303
    book = clerk.post(place.url("desk/messages/export"), data={"purpose": "核对号码"})
    assert book.status_code == 200
    assert book.data.startswith(b"PK")


def test_the_log_of_another_community_is_not_shown(clerk: FlaskClient, made: Made, place: Place) -> None:
    made(a_message(place))
    made(lambda: db.session.execute(update(Message).values(scope_id=uuid7())))
    assert "没有这样的消息" in clerk.get(place.url("desk/messages")).text


# --- papers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "says"),
    [("slip", "接收方"), ("visit", "上门记录"), ("card", "有急事，打这个电话"), ("consent", "本人或监护人签字"), ("answer", "您的事，办到哪一步了")],
)  # fmt: skip
def test_each_paper_is_a_page_and_its_opening_is_logged(
    clerk: FlaskClient, made: Made, place: Place, kind: str, says: str
) -> None:
    page = clerk.get(place.url(f"desk/cases/{place.number}/papers/{kind}"))
    assert page.status_code == 200
    assert says in page.text
    assert place.number in page.text

    def opened() -> list[str]:
        with tenant_scope(place.tenant):
            return list(db.session.scalars(text("SELECT object_kind FROM audit WHERE verb = 'open'")))

    assert made(opened) == ["printed_paper"]


def test_a_paper_is_made_by_a_job_and_downloaded_by_who_asked(
    clerk: FlaskClient, made: Made, place: Place, login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ())
    asked: list[str] = []
    monkeypatch.setattr(pdf, "of", lambda page: asked.append(page) or b"%PDF-1.7 made")
    answer = clerk.post(place.url(f"desk/cases/{place.number}/papers/visit"))
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert 'hx-trigger="every 1s"' in clerk.get(here).text
    assert clerk.get(f"{here}/file").status_code == 404
    made(lambda: _perform(place))
    assert "正在排版" in clerk.get(here).text
    made(lambda: _perform(place))
    page = clerk.get(here).text
    assert "下载 PDF" in page
    assert "hx-trigger" not in page.split('id="paper-state"')[1]
    file = clerk.get(f"{here}/file")
    assert (file.data, file.mimetype) == (b"%PDF-1.7 made", "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "周某" in asked[0]
    assert "<script" not in asked[0]
    other = app.test_client()
    login(other, place.worker)
    assert other.get(f"{here}/file").status_code == 404


def _perform(place: Place) -> None:
    from rongjiu.printing import jobs

    with tenant_scope(place.tenant):
        row = db.session.scalars(select(Paper)).one()
        effect = jobs.begin if row.state == "waiting" else jobs.make
        effect({"paper": str(row.id)})


def test_without_the_libraries_the_page_says_how_to_print(
    clerk: FlaskClient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ("pango-1.0",))
    page = clerk.get(place.url(f"desk/cases/{place.number}/papers/slip")).text
    assert "请从浏览器打印" in page
    assert "做成 PDF" not in page
    answer = clerk.post(place.url(f"desk/cases/{place.number}/papers/slip"), follow_redirects=True)
    assert "请用浏览器的打印" in answer.text


def test_an_unknown_paper_is_not_there(clerk: FlaskClient, place: Place) -> None:
    assert clerk.get(place.url(f"desk/cases/{place.number}/papers/will")).status_code == 404


# --- wishes --------------------------------------------------------------------------------------


def hang(place: Place) -> Callable[[], None]:
    def publish() -> None:
        with tenant_scope(place.tenant):
            wishes.publish(place.wish, PLAIN)

    return publish


def state_of(place: Place) -> Callable[[], tuple[str, str]]:
    def read() -> tuple[str, str]:
        with tenant_scope(place.tenant):
            row = db.session.scalars(select(Wish).where(Wish.id == place.wish)).one()
            return row.state, row.claimer

    return read


def test_the_clerk_sorts_reviews_and_hangs_a_wish(clerk: FlaskClient, made: Made, place: Place) -> None:
    page = clerk.get(place.url(f"desk/signals/{place.signal}")).text
    assert "放上心愿墙" in page
    answer = clerk.post(place.url(f"desk/signals/{place.signal}/wish"))
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert "想学画画" in clerk.get(here).text
    refused = clerk.post(here, data={"act": "publish", "text": "李小花想学画画，电话 13800001235"})
    assert refused.status_code == 422
    assert "文字里有电话号码" in refused.text
    assert "李小花想学画画" in refused.text
    assert clerk.post(here, data={"act": "publish", "text": "一个孩子想学画画"}).status_code == 303
    wall = clerk.get(place.url("wishes")).text
    assert "一个孩子想学画画" in wall
    assert "等人认领" in wall
    again = clerk.post(here, data={"act": "publish", "text": "一个孩子想学画画"})
    assert again.status_code == 409


def test_the_callers_name_is_found_by_the_scanner(clerk: FlaskClient, place: Place) -> None:
    refused = clerk.post(place.url(f"desk/wishes/{place.wish}"), data={"act": "publish", "text": "春芽想要轮椅"})
    assert refused.status_code == 422
    assert "文字里有姓名" in refused.text


def test_a_neighbouring_volunteer_claims_grants_and_is_thanked(
    client: FlaskClient, clerk: FlaskClient, made: Made, place: Place, login: Login, app: Flask
) -> None:
    made(hang(place))
    helper = app.test_client()
    login(helper, place.helper_token)
    wall = helper.get(place.url("wishes")).text
    assert "我来实现" in wall
    assert "春芽" not in wall
    claimed = helper.post(place.url(f"wishes/{place.wish}/claim"))
    assert claimed.headers["Location"] == "/account/wishes"
    state, claimer = made(state_of(place))
    assert state == "claimed"
    assert claimer.endswith("志愿者")
    assert "我来实现" not in helper.get(place.url("wishes")).text
    mine = helper.get("/account/wishes").text
    assert PLAIN in mine
    assert "已送到" in mine
    assert helper.post(f"/account/wishes/{place.wish}", data={"act": "deliver"}).status_code == 303
    desk = clerk.get(place.url(f"desk/wishes/{place.wish}")).text
    assert "问居民：收到了吗" in desk
    assert (
        clerk.post(place.url(f"desk/wishes/{place.wish}"), data={"act": "thank", "thanks": "谢谢"}).status_code == 303
    )
    assert "谢谢" in helper.get("/account/wishes").text
    assert made(state_of(place))[0] == "thanked"


def test_a_claim_is_given_back_with_one_press(made: Made, place: Place, login: Login, app: Flask) -> None:
    made(hang(place))
    helper = app.test_client()
    login(helper, place.helper_token)
    helper.post(place.url(f"wishes/{place.wish}/claim"))
    assert helper.post(f"/account/wishes/{place.wish}", data={"act": "back"}).status_code == 303
    assert made(state_of(place)) == ("published", "")
    assert "已退回" in helper.get("/account/wishes").text


def test_who_may_not_claim_is_told_the_way(
    client: FlaskClient, clerk: FlaskClient, made: Made, place: Place, login: Login, app: Flask
) -> None:
    made(hang(place))
    stranger = app.test_client()
    assert "我来实现" in stranger.get(place.url("wishes")).text
    assert "/account/login" in stranger.post(place.url(f"wishes/{place.wish}/claim")).headers["Location"]
    page = clerk.post(place.url(f"wishes/{place.wish}/claim"), follow_redirects=True).text
    assert "换一个岗位" in page
    shop = app.test_client()
    login(shop, place.shop)
    made(lambda: db.session.execute(text("UPDATE provider SET state = 'suspended' WHERE id = :id"), {"id": place.provider_id}))  # fmt: skip
    assert "已通过审核" in shop.post(place.url(f"wishes/{place.wish}/claim"), follow_redirects=True).text
    assert made(state_of(place))[0] == "published"
    made(lambda: db.session.execute(text("UPDATE provider SET state = 'active' WHERE id = :id"), {"id": place.provider_id}))  # fmt: skip
    shop.post(place.url(f"wishes/{place.wish}/claim"))
    assert made(state_of(place))[0] == "claimed"


def test_nobody_acts_on_anothers_claim(made: Made, place: Place, login: Login, app: Flask) -> None:
    made(hang(place))
    helper, shop = app.test_client(), app.test_client()
    login(helper, place.helper_token)
    login(shop, place.shop)
    helper.post(place.url(f"wishes/{place.wish}/claim"))
    assert shop.post(f"/account/wishes/{place.wish}", data={"act": "deliver"}).status_code == 404
    assert made(state_of(place))[0] == "claimed"


def test_a_wish_of_hardship_leads_to_its_case(clerk: FlaskClient, made: Made, place: Place) -> None:
    answer = clerk.post(place.url(f"desk/wishes/{place.wish}"), data={"act": "need"})
    assert answer.status_code == 303
    assert "/desk/cases/" in answer.headers["Location"]
    assert made(state_of(place))[0] == "need"


def test_the_list_filters_and_exports_public_words_only(clerk: FlaskClient, place: Place) -> None:
    page = clerk.get(place.url("desk/wishes?state=submitted")).text
    assert "还没有写" in page
    assert "想要一把轮椅" not in page
    assert "没有这样的心愿" in clerk.get(place.url("desk/wishes?state=thanked")).text
    assert clerk.post(place.url("desk/wishes/export"), data={"purpose": "月报"}).data.startswith(b"PK")
