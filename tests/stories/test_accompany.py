"""Somebody signs up on a phone, is invited, takes the quiz, is vetted and paired, visits with a check-in; the red flag
rings the lead. A family and a volunteer of its own, so that no other story's world changes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from rongjiu.clock import ZONE, now
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.notify.models import Message
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Community
from tenants.cases import service as cases
from tenants.express.models import Emergency
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson, register
from tests.stories.conftest import DemoSite

pytestmark = pytest.mark.browser
C = "/c/sanxuejie"
PHONE = "13900008117"
RIGHT = (
    "只和队长、社区讲",
    "谢谢，不收，告诉队长",
    "在门外等，联系队长",
    "按红旗，急救打 120，守在身边",
    "先问愿不愿意，不拍脸、不拍孩子",
)


def here() -> Tenant:
    """The community of the story."""
    row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == "sanxuejie")).one()
    return Tenant(row.tenant_id, row.id)


def a_case(site: DemoSite) -> str:
    """A family that nobody else's story knows; answers the number of its case."""
    with site.app.app_context(), tenant_scope(here()):
        yard = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq).limit(1)).one()
        home = register(yard, Door("7", "1", "701"), [NewPerson("陈示例", "female", age=79)], demo=True)
        case = cases.open_case(yard)
        cases.attach_household(case.id, home.household_id)
        number = case.number
        db.session.commit()
    return number


def an_account(site: DemoSite) -> None:
    """The invitation was accepted: an account with this telephone, a post, a login."""
    with site.app.app_context():
        place = here()
        account = identity.create_account("王小燕示例", PHONE, "Yan-zi-2026-nest", demo=True)
        post = tenancy.join(account.id, "community", place.uid, "volunteer", post="小雁服务队")
        words = {"address": "127.0.0.1", "agent": "story", "second_factor": True}
        token = logins.start_session(account.id, post.id, "volunteer", **words)
        db.session.commit()
        site.strangers["swallow"] = (site.app.config["LOGIN_COOKIE"], token)


@pytest.fixture
def phone(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """The volunteer's phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 780})
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """The secretary's window."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    demo_site.become(context, "secretary-sanxuejie")
    yield context.new_page()
    context.close()


def fits(page: Page) -> None:
    """Nothing hangs over the edge of a phone."""
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def test_a_volunteer_from_signing_up_to_the_red_flag(demo_site: DemoSite, desk: Page, phone: Page) -> None:
    url = demo_site.url
    number = a_case(demo_site)
    phone.goto(f"{url}{C}/volunteer/join")
    fits(phone)
    phone.get_by_label("姓名").fill("王小燕示例")
    phone.get_by_label("队里怎么称呼您").fill("燕子")
    phone.get_by_label("手机号").fill(PHONE)
    phone.get_by_label("没有", exact=True).check()
    phone.get_by_role("button", name="报名").click()
    phone.get_by_text("报名已收到").wait_for()

    desk.goto(f"{url}{C}/desk/volunteers?state=applied")
    desk.get_by_role("link", name="燕子").click()
    desk.get_by_label("分到哪个队").wait_for()
    person = desk.url
    desk.get_by_label("分到哪个队").select_option(label="小雁服务队（示例）")
    desk.get_by_role("button", name="发出邀请").click()
    desk.get_by_alt_text("邀请链接的二维码").wait_for()

    an_account(demo_site)
    demo_site.become(phone.context, "swallow")
    phone.goto(f"{url}{C}/volunteer/")
    fits(phone)
    phone.get_by_role("button", name="是我，进入").click()
    phone.get_by_role("link", name="去签承诺、做小测验").click()
    phone.get_by_label("我读过了，照做").check()
    phone.get_by_role("button", name="签承诺").click()
    for words in RIGHT:
        phone.get_by_label(words).check()
    fits(phone)
    phone.get_by_role("button", name="交卷").click()
    phone.get_by_text("小测验全对").wait_for()
    assert "还没有通过审核" in phone.locator("main").inner_text()

    desk.goto(person)
    for words in ("当面看过身份证", "当面谈过，说了规矩", "本人声明没有违法记录"):
        desk.get_by_label(words).check()
    desk.get_by_role("button", name="审核通过").click()
    desk.get_by_text("审核通过，有效到").wait_for()

    soon = (now() + timedelta(minutes=50)).astimezone(ZONE)
    desk.goto(f"{url}{C}/desk/cases/{number}/rounds")
    desk.get_by_label("谁去").select_option(label="小雁服务队（示例）")
    desk.get_by_label("从哪天起").fill(soon.date().isoformat())
    desk.get_by_label("几点").fill(f"{soon:%H:%M}")
    desk.get_by_label("照常去").check()
    desk.get_by_label("陪聊天").check()
    desk.get_by_label("注意安全的事").fill("门口有台阶（示例）")
    desk.get_by_label("家里人同意有人定期上门").check()
    desk.get_by_role("button", name="安排", exact=True).click()
    desk.get_by_text("定期探访已安排").wait_for()
    desk.get_by_label("志愿者", exact=True).select_option(label="燕子 · 小雁服务队（示例）")
    desk.get_by_role("button", name="结对").click()
    desk.get_by_text("已结对").wait_for()

    phone.goto(f"{url}{C}/volunteer/")
    fits(phone)
    phone.get_by_role("link", name="打开这次探访").first.click()
    phone.get_by_text("门口有台阶").wait_for()
    fits(phone)
    visit = phone.url
    phone.get_by_role("button", name="红旗").click()
    phone.get_by_text("已呼叫队长和社区值班的人").wait_for()
    with demo_site.app.app_context():
        told = list(db.session.scalars(select(Message.text).where(Message.purpose == "visit")))
        with tenant_scope(here()):
            alarms = list(db.session.scalars(select(Emergency.state)))
    assert any("红旗" in text for text in told)
    assert "open" in alarms

    phone.get_by_role("button", name="我到了，报到").click()
    phone.get_by_label("陪聊天").check()
    phone.get_by_label("精神好").check()
    fits(phone)
    phone.get_by_role("button", name="做完了").click()
    phone.get_by_text("这次探访已记下").wait_for()
    answer = phone.goto(visit)
    assert answer is not None
    assert answer.status == 404, "nothing of the home is left on the phone"
