"""Field work in Chromium: no network, the app killed and opened again, and nothing is lost."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from rongjiu import files
from rongjiu.clock import now
from rongjiu.db import db
from tenants.accompaniment.models import Visit
from tenants.fieldwork.models import FieldItem
from tenants.signals.models import Signal
from tenants.sweeps.models import SweepCertificate, SweepStop
from tests.stories.fieldphone import Yard, log_in, opened, waiting, wish

pytestmark = pytest.mark.browser


expect.set_options(timeout=20_000)


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
