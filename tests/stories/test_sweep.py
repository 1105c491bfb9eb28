"""A courtyard is swept on a phone, online: it ends in a certificate at 100 %; with one forgotten door it refuses to close
and names that door. A courtyard of its own, so that no other story's world changes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.identity import logins
from rongjiu.tenancy.models import Community, Membership
from tenants.residents.models import Courtyard, Household
from tests.stories.conftest import DemoSite

pytestmark = pytest.mark.browser
C = "/c/huangyan"
TAKEN = ("hy-03", "hy-14")
"""Courtyards in which other stories register families."""
DOORS = (("甲示例", "101"), ("乙示例", "102"), ("丙示例", "201"))


def a_walker(site: DemoSite) -> str:
    """Log in the walker of a courtyard that has no door yet, as nobody else does; answers the courtyard's name."""
    with site.app.app_context():
        place = db.session.execute(select(Community.tenant_id, Community.id).where(Community.slug == "huangyan")).one()
        with tenant_scope(Tenant(place.tenant_id, place.id)):
            lived = select(Household.courtyard_id)
            rows = db.session.execute(select(Courtyard.slug, Courtyard.name).where(Courtyard.id.not_in(lived)))
            empty = {row.slug: row.name for row in rows if row.slug not in TAKEN}
        for row in db.session.scalars(
            select(Membership).where(Membership.scope_id == place.id, Membership.role == "grid_worker")
        ):
            if len(row.courtyards) == 1 and row.courtyards[0] in empty:
                slug = row.courtyards[0]
                break
        else:
            raise AssertionError("no walker of an empty courtyard")
        words = {"address": "127.0.0.1", "agent": "story", "second_factor": True}
        token = logins.start_session(row.account_id, row.id, "grid_worker", **words)
        db.session.commit()
        site.strangers["walker"] = (site.app.config["LOGIN_COOKIE"], token)
        return str(empty[slug])


@pytest.fixture
def phone(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """The walker's phone."""
    context = chromium.new_context(viewport={"width": 360, "height": 780})
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """The secretary's window."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    demo_site.become(context, "secretary")
    yield context.new_page()
    context.close()


def begin(desk: Page, url: str, yard: str, title: str) -> None:
    """The secretary plans and starts a sweep of one courtyard."""
    desk.goto(f"{url}{C}/desk/sweeps/new")
    desk.get_by_label("名称").fill(title)
    desk.get_by_label(yard, exact=True).check()
    for field in desk.locator("input[name^=reason-]").all():
        field.fill("这次不去")
    desk.get_by_role("button", name="下一步：核对网格员").click()
    desk.get_by_role("button", name="开始摸排").click()
    desk.get_by_text("摸排已开始").wait_for()


def meet(phone: Page, result: str = "见到本人") -> None:
    """Everybody of the household is answered for, and the door is done."""
    for group in phone.get_by_role("group", name="怎样核对").all():
        group.get_by_label(result).check()
    phone.get_by_label("已说明来意，家里人同意登记").check()
    phone.get_by_role("button", name="这一户记好了").click()
    phone.get_by_text("已记下：").wait_for()


def close(desk: Page, yard: str) -> None:
    """The secretary presses the button that closes the courtyard."""
    desk.get_by_role("link", name=yard).first.click()
    desk.get_by_role("button", name="结束这个院落").click()


def test_a_courtyard_is_swept_to_a_certificate_and_a_forgotten_door_is_named(
    demo_site: DemoSite, desk: Page, phone: Page
) -> None:
    yard, url = a_walker(demo_site), demo_site.url
    begin(desk, url, yard, "一次摸排")
    demo_site.become(phone.context, "walker")
    for name, room in DOORS:
        phone.goto(f"{url}{C}/grid/sweep")
        phone.get_by_role("link", name="登记名单上没有的门").click()
        for label, value in (("楼", "1"), ("单元", "1"), ("室", room)):
            phone.get_by_label(re.compile(f"^{label}")).first.fill(value)
        phone.get_by_label(re.compile("^姓名")).first.fill(name)
        phone.get_by_label("年龄").first.fill("70")
        phone.get_by_label("已说明来意，家里人同意登记").check()
        phone.get_by_role("button", name="这一户记好了").click()
        phone.get_by_text("已记下：已见到").wait_for()
    desk.reload()
    close(desk, yard)
    desk.get_by_text("摸排覆盖证书").first.wait_for()
    assert "100%" in desk.locator("main").inner_text()
    assert "签名有效" in desk.locator("main").inner_text()

    begin(desk, url, yard, "又一次摸排")
    home = desk.url
    phone.goto(f"{url}{C}/grid/sweep")
    assert phone.locator(".stop").count() == len(DOORS)
    for room in ("101", "201"):
        phone.locator(".stop", has_text=f"1-1-{room}").click()
        meet(phone)
    close(desk, yard)
    blockers = desk.locator("#blockers").inner_text()
    assert "1-1-102" in blockers and "1-1-101" not in blockers and "1-1-201" not in blockers
    assert desk.get_by_text("不能结束这个院落").is_visible()

    phone.locator(".stop", has_text="1-1-102").click()
    phone.get_by_role("button", name="没人在家").click()  # three taps: the list, the door, the button
    phone.get_by_text("已记下：没人在家").wait_for()
    desk.goto(home)
    close(desk, yard)
    assert "没人在家" in desk.locator("#blockers").inner_text(), "nobody home is not a result"
    phone.locator(".stop", has_text="1-1-102").click()
    meet(phone, "家人代答")
    desk.goto(home)
    close(desk, yard)
    desk.get_by_text("签名有效").wait_for()
    assert "100%" in desk.locator("main").inner_text()
    proved = demo_site.app.test_cli_runner().invoke(args=["sweeps", "verify", "--community", "huangyan"])
    assert proved.exit_code == 0 and "3 of 3 doors covered" in proved.output, proved.output
