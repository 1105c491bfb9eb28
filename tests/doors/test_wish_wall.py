"""The wall of wishes through its doors: sorted, hung, claimed, granted, thanked."""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu.db import db, tenant_scope
from tenants.wishes import service as wishes
from tenants.wishes.models import Wish
from tests.telling import Sender

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
PLAIN = "一位老人想要一把轮椅"


def hang(sender: Sender) -> Callable[[], None]:
    def publish() -> None:
        with tenant_scope(sender.tenant):
            wishes.publish(sender.wish, PLAIN)

    return publish


def state_of(sender: Sender) -> Callable[[], tuple[str, str]]:
    def read() -> tuple[str, str]:
        with tenant_scope(sender.tenant):
            row = db.session.scalars(select(Wish).where(Wish.id == sender.wish)).one()
            return row.state, row.claimer

    return read


def test_the_clerk_sorts_reviews_and_hangs_a_wish(clerk_there: FlaskClient, made: Made, sender: Sender) -> None:
    page = clerk_there.get(sender.url(f"desk/signals/{sender.signal}")).text
    assert "放上心愿墙" in page
    answer = clerk_there.post(sender.url(f"desk/signals/{sender.signal}/wish"))
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert "想学画画" in clerk_there.get(here).text
    refused = clerk_there.post(here, data={"act": "publish", "text": "李小花想学画画，电话 13800001235"})
    assert refused.status_code == 422
    assert "文字里有电话号码" in refused.text
    assert "李小花想学画画" in refused.text
    assert clerk_there.post(here, data={"act": "publish", "text": "一个孩子想学画画"}).status_code == 303
    wall = clerk_there.get(sender.url("wishes")).text
    assert "一个孩子想学画画" in wall
    assert "等人认领" in wall
    again = clerk_there.post(here, data={"act": "publish", "text": "一个孩子想学画画"})
    assert again.status_code == 409


def test_the_callers_name_is_found_by_the_scanner(clerk_there: FlaskClient, sender: Sender) -> None:
    refused = clerk_there.post(
        sender.url(f"desk/wishes/{sender.wish}"), data={"act": "publish", "text": "春芽想要轮椅"}
    )
    assert refused.status_code == 422
    assert "文字里有姓名" in refused.text


def test_a_neighbouring_volunteer_claims_grants_and_is_thanked(
    client: FlaskClient, clerk_there: FlaskClient, made: Made, sender: Sender, login: Login, app: Flask
) -> None:
    made(hang(sender))
    helper = app.test_client()
    login(helper, sender.helper_token)
    wall = helper.get(sender.url("wishes")).text
    assert "我来实现" in wall
    assert "春芽" not in wall
    claimed = helper.post(sender.url(f"wishes/{sender.wish}/claim"))
    assert claimed.headers["Location"] == "/account/wishes"
    state, claimer = made(state_of(sender))
    assert state == "claimed"
    assert claimer.endswith("志愿者")
    assert "我来实现" not in helper.get(sender.url("wishes")).text
    mine = helper.get("/account/wishes").text
    assert PLAIN in mine
    assert "已送到" in mine
    assert helper.post(f"/account/wishes/{sender.wish}", data={"act": "deliver"}).status_code == 303
    desk = clerk_there.get(sender.url(f"desk/wishes/{sender.wish}")).text
    assert "问居民：收到了吗" in desk
    assert (
        clerk_there.post(sender.url(f"desk/wishes/{sender.wish}"), data={"act": "thank", "thanks": "谢谢"}).status_code
        == 303
    )
    assert "谢谢" in helper.get("/account/wishes").text
    assert made(state_of(sender))[0] == "thanked"


def test_a_claim_is_given_back_with_one_press(made: Made, sender: Sender, login: Login, app: Flask) -> None:
    made(hang(sender))
    helper = app.test_client()
    login(helper, sender.helper_token)
    helper.post(sender.url(f"wishes/{sender.wish}/claim"))
    assert helper.post(f"/account/wishes/{sender.wish}", data={"act": "back"}).status_code == 303
    assert made(state_of(sender)) == ("published", "")
    assert "已退回" in helper.get("/account/wishes").text


def test_who_may_not_claim_is_told_the_way(
    client: FlaskClient, clerk_there: FlaskClient, made: Made, sender: Sender, login: Login, app: Flask
) -> None:
    made(hang(sender))
    stranger = app.test_client()
    assert "我来实现" in stranger.get(sender.url("wishes")).text
    assert "/account/login" in stranger.post(sender.url(f"wishes/{sender.wish}/claim")).headers["Location"]
    page = clerk_there.post(sender.url(f"wishes/{sender.wish}/claim"), follow_redirects=True).text
    assert "换一个岗位" in page
    shop = app.test_client()
    login(shop, sender.shop)
    made(lambda: db.session.execute(text("UPDATE provider SET state = 'suspended' WHERE id = :id"), {"id": sender.provider_id}))  # fmt: skip
    assert "已通过审核" in shop.post(sender.url(f"wishes/{sender.wish}/claim"), follow_redirects=True).text
    assert made(state_of(sender))[0] == "published"
    made(lambda: db.session.execute(text("UPDATE provider SET state = 'active' WHERE id = :id"), {"id": sender.provider_id}))  # fmt: skip
    shop.post(sender.url(f"wishes/{sender.wish}/claim"))
    assert made(state_of(sender))[0] == "claimed"


def test_nobody_acts_on_anothers_claim(made: Made, sender: Sender, login: Login, app: Flask) -> None:
    made(hang(sender))
    helper, shop = app.test_client(), app.test_client()
    login(helper, sender.helper_token)
    login(shop, sender.shop)
    helper.post(sender.url(f"wishes/{sender.wish}/claim"))
    assert shop.post(f"/account/wishes/{sender.wish}", data={"act": "deliver"}).status_code == 404
    assert made(state_of(sender))[0] == "claimed"


def test_a_wish_of_hardship_leads_to_its_case(clerk_there: FlaskClient, made: Made, sender: Sender) -> None:
    answer = clerk_there.post(sender.url(f"desk/wishes/{sender.wish}"), data={"act": "need"})
    assert answer.status_code == 303
    assert "/desk/cases/" in answer.headers["Location"]
    assert made(state_of(sender))[0] == "need"


def test_the_list_filters_and_exports_public_words_only(clerk_there: FlaskClient, sender: Sender) -> None:
    page = clerk_there.get(sender.url("desk/wishes?state=submitted")).text
    assert "还没有写" in page
    assert "想要一把轮椅" not in page
    assert "没有这样的心愿" in clerk_there.get(sender.url("desk/wishes?state=thanked")).text
    assert clerk_there.post(sender.url("desk/wishes/export"), data={"purpose": "月报"}).data.startswith(b"PK")


def test_a_claim_whose_time_is_over_is_no_file_that_the_desk_chases(
    clerk_there: FlaskClient, made: Made, sender: Sender
) -> None:
    def late() -> None:
        hang(sender)()
        with tenant_scope(sender.tenant):
            wishes.claim(sender.wish, wishes.Claimer(sender.account, sender.tenant.uid, "staff", "社区"))
            db.session.execute(text("UPDATE referral_task SET due_at = now() - interval '1 hour'"))

    made(late)
    page = clerk_there.get(sender.url("desk/")).text
    assert re.findall(r"<span>催办</span><b>(\d+)</b>", page) == ["0"]
