"""Field work in Chromium: no network, the app killed and opened again, and nothing is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import func, select, update

from rongjiu import files
from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.identity import service as identity
from rongjiu.tenancy.models import Membership
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import plan_visit
from tenants.cases import service as cases
from tenants.fieldwork.models import FieldItem
from tenants.residents import service as residents
from tenants.residents.service import Door, NewPerson
from tenants.signals.models import Signal
from tenants.sweeps import planning
from tenants.sweeps.models import SweepCertificate, SweepStop
from tests import factories
from tests.desk_of import Desk, a_desk
from tests.stories.conftest import DemoSite

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)
PHONE = {"width": 390, "height": 844}


@dataclass
class Yard:
    """A community of its own with a courtyard of three doors that is being swept, and its grid worker's phone."""

    site: DemoSite
    here: Desk
    slug: str
    token: str
    account: UUID
    membership: UUID
    sweep: UUID
    visit: UUID

    @property
    def app(self) -> str:
        return f"{self.site.url}/c/{self.slug}/grid/app"

    def ask(self, statement: Any) -> Any:
        with self.site.app.app_context(), tenant_scope(self.here.tenant):
            return db.session.scalar(statement)

    def run(self, act: Callable[[], Any]) -> Any:
        with self.site.app.app_context(), tenant_scope(self.here.tenant), acting(self.here.as_clerk()):
            answer = act()
            db.session.commit()
            return answer

    def count(self, model: Any) -> int:
        return int(self.ask(select(func.count()).select_from(model)) or 0)


def _make(site: DemoSite) -> Yard:
    with site.app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            for room, names in (("101", ("赵某", "钱某")), ("102", ("孙某",)), ("103", ("李某", "周某"))):
                people = [NewPerson(name, "female", "02" if n == 0 else "10", age=70) for n, name in enumerate(names)]
                home = residents.register(here.yard, Door("1", "1", room), people)
            case = cases.open_case(here.yard)
            cases.attach_household(case.id, home.household_id)
            visit = plan_visit(case.id, "worker", now()).id
            sweep = planning.plan("heat", "高温关怀", today(), today() + timedelta(days=14), courtyards=[here.yard],
                                  left_out={here.other_yard: "另一组"}).id  # fmt: skip
            planning.start(sweep)
        grid = here.grid
        found = Yard(site, here, here.slug, grid.token, grid.account.id, grid.membership.id, sweep, visit)
        db.session.commit()
        return found


@pytest.fixture
def yard(demo_site: DemoSite) -> Yard:
    return _make(demo_site)


@pytest.fixture
def context(chromium: Browser, yard: Yard) -> Iterator[BrowserContext]:
    made = chromium.new_context(locale="zh-CN", viewport=PHONE)
    made.set_default_timeout(20_000)
    log_in(made, yard, yard.token)
    yield made
    made.close()


def log_in(context: BrowserContext, yard: Yard, token: str) -> None:
    home = yard.site.url.replace("http:", "https:")
    name = yard.site.app.config["LOGIN_COOKIE"]
    context.add_cookies([{"name": name, "value": token, "url": home, "secure": True, "httpOnly": True}])


def opened(context: BrowserContext, yard: Yard) -> Page:
    """The app, opened and ready: the store filled, the worker in charge."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(yard.app)
    page.wait_for_selector("html[data-ready]")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    assert problems == []
    return page


def waiting(page: Page, n: int) -> None:
    expect(page.locator("#count")).to_have_attribute("data-waiting", str(n))


def taps_to(page: Page, *steps: str) -> int:
    """Press each of these, from 今日; answers how many presses it took."""
    page.goto(page.url.split("#")[0] + "#today")
    for step in steps:
        page.get_by_text(step, exact=True).first.click()
    return len(steps)


def test_a_courtyard_swept_without_network_ends_in_a_certificate(
    context: BrowserContext, yard: Yard, chromium: Browser
) -> None:
    page = opened(context, yard)
    expect(page.get_by_text("1-1-101", exact=True)).to_be_visible()
    context.set_offline(True)
    page.get_by_text("1-1-101", exact=True).click()
    page.get_by_text("都在家，都见到了").click()
    waiting(page, 1)
    expect(page.get_by_text("现在没有网络")).to_be_visible()
    page.close()  # killed
    page = context.new_page()
    page.goto(yard.app)  # from the service worker alone
    waiting(page, 1)
    assert page.get_by_text("1-1-101", exact=True).count() == 0, "a door that was told is not asked for again"
    page.get_by_text("1-1-102", exact=True).click()
    page.get_by_text("不愿意").click()
    waiting(page, 2)
    page.get_by_text("1-1-103", exact=True).click()
    page.get_by_text("逐人登记").click()
    page.get_by_label("见到了吗").nth(1).select_option("hospital")
    page.get_by_text("记下", exact=True).click()
    waiting(page, 3)
    page.close()
    assert yard.count(FieldItem) == 0
    context.set_offline(False)
    page = opened(context, yard)
    waiting(page, 0)
    states = yard.run(lambda: sorted(db.session.scalars(select(SweepStop.state))))
    assert states == ["refused", "visited", "visited"]
    desk = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    log_in(desk, yard, yard.here.secretary.token)
    page = desk.new_page()
    page.goto(f"{yard.site.url}/c/{yard.slug}/desk/sweeps/{yard.sweep}/courtyards/{yard.here.yard}")
    page.get_by_role("button", name="结束这个院落").click()
    page.goto(f"{yard.site.url}/c/{yard.slug}/desk/sweeps/{yard.sweep}/courtyards/{yard.here.yard}/certificate")
    expect(page.get_by_text("100%").first).to_be_visible()
    content = yard.ask(select(SweepCertificate.content))
    assert content["doors"] == content["covered"] == 3, content
    desk.close()


def test_the_five_daily_acts_take_at_most_three_taps(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    acts = {
        "nobody home": ("1-1-101", "没人在家"),
        "everybody met": ("1-1-102", "都在家，都见到了"),
        "visit": ("例行探访", "见到了，记下"),
    }
    for name, steps in acts.items():
        assert taps_to(page, *steps) <= 3, name
    for name, first in (("wish", "记心愿"), ("hardship", "报困难")):
        taps = taps_to(page, first)
        page.locator("textarea").fill("想有人陪着说说话")
        page.get_by_text("记下", exact=True).click()
        expect(page.get_by_text("已记下，待上传")).to_be_visible()
        assert taps + 1 <= 3, name
    waiting(page, 5)
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    waiting(page, 0)
    assert yard.count(Signal) == 2
    assert yard.ask(select(Visit.state).where(Visit.id == yard.visit)) == "done"


def test_what_lies_on_the_phone_is_sealed_and_never_in_the_cache(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "隔壁的悄悄话")
    found = page.evaluate(
        """async () => {
          const said = [];
          for (const { name } of await indexedDB.databases()) {
            const base = await idb.openDB(name);
            for (const store of base.objectStoreNames) for (const row of await base.getAll(store)) said.push(await text(row));
            base.close();
          }
          for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) {
            said.push(request.url, await (await (await caches.open(name)).match(request)).text());
          }
          async function text(value) {
            if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
            if (value instanceof CryptoKey) return "extractable:" + value.extractable;
            if (value && typeof value === "object") return (await Promise.all(Object.values(value).map(text))).join(" ");
            return String(value);
          }
          return said.join("\\n");
        }"""
    )
    assert "隔壁的悄悄话" not in found
    assert "赵*" not in found
    assert "1-1-101" not in found
    assert "/bundle" not in found.replace('this.ask("bundle")', "")
    assert "extractable:false" in found
    assert "extractable:true" not in found


def wish(page: Page, words: str) -> None:
    page.goto(page.url.split("#")[0] + "#wish")
    page.locator("textarea").fill(words)
    page.get_by_text("记下", exact=True).click()
    expect(page.get_by_text("已记下，待上传")).to_be_visible()


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
    again = yard.run(lambda: identity.start_session(
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


def test_a_photograph_is_made_small_sealed_and_follows_its_item(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    camera = context.new_page()
    camera.set_viewport_size({"width": 2400, "height": 1200})
    camera.set_content("<h1>药盒</h1>")
    taken = camera.screenshot(type="jpeg")
    exif = b"\xff\xe1" + (2 + 16).to_bytes(2) + b"Exif\0\0GPS34.2N"[:16].ljust(16, b"!")
    camera.close()
    context.set_offline(True)
    page.goto(page.url.split("#")[0] + "#wish")
    page.locator("textarea").fill("想有人帮着配药")
    page.get_by_text("称呼、电话、照片").click()
    page.set_input_files(
        "input[type=file]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": taken[:2] + exif + taken[2:]}
    )
    expect(page.get_by_text("已拍 1 张")).to_be_visible()
    page.get_by_text("记下", exact=True).click()
    waiting(page, 2)
    page.close()
    context.set_offline(False)
    page = opened(context, yard)
    waiting(page, 0)
    signal = yard.ask(select(Signal.id))
    kept = yard.run(lambda: [files.load(found)[2] for found, _name in files.listed(signal)])
    assert len(kept) == 1
    assert b"Exif" not in kept[0]
    frame = kept[0].index(b"\xff\xc0")
    height, width = int.from_bytes(kept[0][frame + 5 : frame + 7]), int.from_bytes(kept[0][frame + 7 : frame + 9])
    assert (width, height) == (1600, 800)


@pytest.mark.parametrize(("days", "there"), [(14, True), (22, False)])
def test_after_days_without_network(days: int, there: bool, context: BrowserContext, yard: Yard) -> None:
    """Fourteen days: everything works. Beyond offline-store: the households are wiped, the queue stays."""
    page = opened(context, yard)
    context.set_offline(True)
    wish(page, "很久以前")
    page.close()
    page = context.new_page()
    page.clock.install(time=now() + timedelta(days=days))
    page.goto(yard.app)
    waiting(page, 1)
    assert (page.get_by_text("1-1-101", exact=True).count() == 1) == there
    if there:
        page.get_by_text("1-1-101", exact=True).click()
        page.get_by_text("没人在家").click()
        waiting(page, 2)
    else:
        expect(page.get_by_text("超过 21 天没有联网")).to_be_visible()
    context.set_offline(False)
    page.close()
    page = opened(context, yard)
    waiting(page, 0)
    assert yard.count(Signal) == 1


def test_chromium_would_install_it(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    page.reload()
    page.wait_for_selector("html[data-ready]")
    tools = context.new_cdp_session(page)
    assert tools.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [], [{"errorId": "in-incognito", "errorArguments": []}],
    )  # fmt: skip
