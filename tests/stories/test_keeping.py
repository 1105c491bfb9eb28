"""What must not be lost or barred: words typed before a log-out by idleness, and pages opened inside WeChat."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select, update

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity.models import Account, LoginSession
from tests.stories.browser import BrowserHand, Watch
from tests.stories.conftest import DemoSite
from tests.stories.crawl import PUBLIC, Site
from tests.stories.judge import WIDE

pytestmark = pytest.mark.browser

_WECHAT = (
    "Mozilla/5.0 (Linux; Android 10; MI 8 Build/QKQ1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/107.0.5304.141 Mobile Safari/537.36 XWEB/5075 MMWEBSDK/20230303 MicroMessenger/8.0.33.2320(0x28002151) "
    "WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)
# What WeChat's window withholds: no other window, no printing, no worker, and on some phones no storage.
_WITHHELD = """
  window.open = () => null; window.print = () => {};
  delete Navigator.prototype.serviceWorker;
  for (const name of ['sessionStorage', 'localStorage'])
    Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
"""
_LETTERS = "() => { document.documentElement.style.fontSize = '20px' }"  # the reader's own size of letters in WeChat
_OURS = ("resident.", "provider.", "public.", "join.provider")


def _ended(site: DemoSite, persona: str, **moments: timedelta) -> None:
    """The log-ins of a persona were last seen, or run out, this long ago."""
    with site.app.app_context():
        who = select(Account.id).where(Account.persona == persona).scalar_subquery()
        values = {getattr(LoginSession, name): now() - ago for name, ago in moments.items()}
        db.session.execute(update(LoginSession).where(LoginSession.account_id == who).values(values))
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize(
    ("who", "page", "button", "moments"),
    [
        ("live", "/c/huangyan/live/22/desk", "需求", {"last_seen_at": timedelta(hours=1)}),
        ("worker", "/c/huangyan/desk/signals/new", "记下", {"expires_at": timedelta(seconds=1)}),
    ],
    ids=["idle", "absolute"],
)
def test_a_log_out_does_not_lose_what_was_typed(
    who: str, page: str, button: str, moments: dict[str, timedelta], chromium: Browser, demo_site: DemoSite
) -> None:
    persona = next(each for each in demo_site.personas if each["slug"] == who)
    hand = BrowserHand(chromium, demo_site.url, who, 390)
    try:
        demo_site.become(hand.context, who)
        hand.start(page)
        _ended(demo_site, who, **moments)
        hand.fill(words="三号楼的老人说暖气不热")
        hand.press(button)
        assert hand.path() == "/account/login"
        hand.see("刚才填写的内容还在")
        hand.fill(address=persona["login"], password=persona["password"])
        hand.press("登录")
        if "second-factor" in hand.path():
            hand.fill(code=demo_site.totp(who))
            hand.press("确认")
        assert hand.path() == page
        hand.see("上次没有提交的内容已放回来")
        assert hand.values()["words"] == "三号楼的老人说暖气不热"
        assert hand.watch.take() == []
    finally:
        hand.close()
        demo_site.cookie.cache_clear()  # this persona logs in anew for the tests after this one


@pytest.fixture
def wechat(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """WeChat's own window on a small phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 640}, user_agent=_WECHAT, locale="zh-CN")
    context.add_init_script(_WITHHELD)
    yield context.new_page()
    context.close()


def test_resident_wish_provider_and_link_pages_open_inside_wechat(
    wechat: Page, site: Site, demo_site: DemoSite
) -> None:
    watch, faults, who, seen = Watch(wechat, demo_site.url), [], PUBLIC, set()
    for sample in site.samples:
        if not sample.endpoint.startswith(_OURS) or sample.endpoint in seen:
            continue
        seen.add(sample.endpoint)
        if sample.who != who:
            who = sample.who
            demo_site.become(wechat.context, who)
        answer = wechat.goto(demo_site.url + sample.path)
        wechat.evaluate(_LETTERS)
        found = [] if answer and answer.status == sample.status else [f"status {answer and answer.status}"]
        found += [f"led to {wechat.url}"] if "/account/login" in wechat.url else []
        found += [f"wide: {each}" for each in wechat.evaluate(WIDE)]
        # A file handed over as a download opens in no window of WeChat; another window does not open at all.
        found += wechat.evaluate("() => [...document.querySelectorAll('main a[target]')].map(e => e.outerHTML)")
        faults += [f"{sample.endpoint} {sample.path}: {each}" for each in [*found, *watch.take()]]
    assert {"public.community", "resident.wish", "provider.link", "provider.inbox"} <= seen
    assert faults == []


def test_a_wish_is_left_inside_wechat_even_without_scripts(chromium: Browser, demo_site: DemoSite) -> None:
    context = chromium.new_context(
        viewport={"width": 360, "height": 640}, user_agent=_WECHAT, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{demo_site.url}/c/huangyan/wish")
    page.locator("[name=words]").fill("想请人上门给老人理发")
    page.locator("[name=phone]").fill("13800005678")
    for group in ("about", "kind"):
        boxes = page.locator(f"[name={group}]")
        if boxes.first.get_attribute("type") == "radio" and page.locator(f"[name={group}]:checked").count() == 0:
            page.locator(f"label[for={boxes.first.get_attribute('id')}]").click()
    page.get_by_role("button", name="提交").click()
    assert page.url.endswith("/c/huangyan/wish/thanks")
    context.close()


def test_a_preview_of_a_link_in_a_chat_uses_nothing_up(demo_site: DemoSite, chromium: Browser) -> None:
    printed = demo_site.command("users", "invite-operator", "--another")
    address = next(word for word in printed.split() if "/account/invitation/" in word)
    for _each in range(2):  # the chat's own fetch, then the person
        context = chromium.new_context(user_agent=_WECHAT)
        page = context.new_page()
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert "平台运营" in page.locator("main").inner_text()
        context.close()
