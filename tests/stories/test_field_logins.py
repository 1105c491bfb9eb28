"""Field work in Chromium: logins that expire or end, another account, log-out; the queue stays or is handed in."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect
from sqlalchemy import select, update

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity import logins
from rongjiu.tenancy.models import Membership
from tenants.fieldwork.models import FieldItem
from tenants.signals.models import Signal
from tests import factories
from tests.stories.fieldphone import Yard, log_in, opened, waiting, wish

pytestmark = pytest.mark.browser


expect.set_options(timeout=20_000)


def test_an_expired_login_keeps_the_queue_until_the_next(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "登录过期前")
    name = yard.site.app.config["LOGIN_COOKIE"]
    context.clear_cookies(name=name)
    context.set_offline(False)
    page.reload()
    expect(page.get_by_text("请重新登录，1 条待上传都在。")).to_be_visible()
    waiting(page, 1)
    again = yard.run(lambda: logins.start_session(
        yard.account, yard.membership, "grid_worker", address="", agent="", second_factor=True))  # fmt: skip
    log_in(context, yard, again)
    page.reload()
    waiting(page, 0)
    assert yard.count(Signal) == 1


def test_another_account_neither_sees_nor_sends_what_the_first_left(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "第一个人的")
    second = yard.run(lambda: factories.a_person_with_role(
        "grid_worker", "community", yard.here.tenant.uid, courtyards=("yard-1",)).token)  # fmt: skip
    log_in(context, yard, second)
    context.set_offline(False)
    page.reload()
    waiting(page, 0)
    expect(page.get_by_text("雁鸣小区").first).to_be_visible()
    assert page.get_by_text("1-1-101", exact=True).count() == 0
    assert yard.count(Signal) == 0
    page.goto(page.url.split("#")[0] + "#me")
    page.get_by_text("退出", exact=True).click()
    page.wait_for_url(f"{yard.site.url}/")
    log_in(context, yard, yard.token)
    page.goto(yard.app)
    waiting(page, 0)
    page.wait_for_selector("html[data-ready]")
    assert yard.count(Signal) == 1, "the first one's item came when the first one was back"


def test_log_out_sends_what_waits_and_wipes(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "退出前")
    page.goto(page.url.split("#")[0] + "#me")
    context.set_offline(False)
    page.get_by_text("退出", exact=True).click()
    page.wait_for_url(f"{yard.site.url}/")
    assert yard.count(Signal) == 1
    assert page.evaluate("indexedDB.databases().then(all => all.map(each => each.name))") == []


def test_log_out_without_network_asks_twice_and_says_what_is_lost(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    asked: list[str] = []
    answers = [True, False, True, True]

    def answer(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept() if answers[len(asked) - 1] else dialog.dismiss()

    page.on("dialog", answer)
    context.set_offline(True)
    wish(page, "要丢的")
    page.goto(page.url.split("#")[0] + "#me")
    with page.expect_event("dialog", lambda dialog: "再问一次" in dialog.message):
        page.get_by_text("退出", exact=True).click()
    assert "1 条没有上传：心愿 1" in asked[0]
    assert "1 条" in asked[1]
    waiting(page, 1)  # the second answer was no
    page.get_by_text("退出", exact=True).click()
    expect(page.get_by_text("手机里还没有资料")).to_be_visible()
    waiting(page, 0)
    assert len(asked) == 4
    context.set_offline(False)
    page.reload()
    page.wait_for_url(f"{yard.site.url}/")  # the log-in ends as soon as the server can be told
    assert yard.count(Signal) == 0


def test_a_post_that_ended_hands_its_queue_in(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "岗位停用前")
    yard.run(lambda: db.session.execute(
        update(Membership).where(Membership.id == yard.membership).values(ends_at=now())))  # fmt: skip
    context.set_offline(False)
    page.reload()
    expect(page.get_by_text("岗位已停用").first).to_be_visible()
    waiting(page, 0)
    assert yard.ask(select(FieldItem.state)) == "held"
    assert yard.count(Signal) == 0
