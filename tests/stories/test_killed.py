"""The phone's app in Chromium: the process killed outright in the middle of a word, and a courtyard whose forgotten door
is named although the sweep was walked without network."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Page, expect
from sqlalchemy import func, select

from rongjiu.db import db
from tenants.signals.models import Signal
from tenants.sweeps.models import SweepCertificate, SweepStop
from tests.stories.conftest import CHROMIUM, chromium_path
from tests.stories.fieldphone import PHONE, Yard, log_in, opened, waiting

pytestmark = pytest.mark.browser


KEPT = """async () => {
  const base = await idb.openDB(`field:${document.body.dataset.slug}`);
  for (let n = 0; n < 200; n += 1) {
    const kept = (await base.getAllKeys("box")).filter((key) => key.includes("|draft|")).length;
    if (kept === 2 || n === 199) { base.close(); return kept; }
    await new Promise((done) => setTimeout(done, 50));
  }
}"""
"""How many half-typed pages the phone holds, as soon as there are two."""
BOX = """async () => {
  const base = await idb.openDB(`field:${document.body.dataset.slug}`);
  const rows = await base.getAll("box");
  base.close();
  return rows.map((row) => JSON.stringify(row) + new TextDecoder().decode(row.data)).join(" ");
}"""
"""All that lies in the store of half-typed pages, read as anybody could who has the phone."""


@contextmanager
def a_browser(chromium: Browser, profile: Path, *, offline: bool) -> Iterator[BrowserContext]:
    """A browser with a profile on disk, as a phone has one; it may be dead at the end."""
    made = chromium.browser_type.launch_persistent_context(
        profile, executable_path=chromium_path(), args=list(CHROMIUM),
        viewport=PHONE, locale="zh-CN", offline=offline,
    )  # fmt: skip
    made.set_default_timeout(20_000)
    try:
        yield made
    finally:
        with suppress(Error):
            made.close()


def kill(profile: Path) -> None:
    """End the browser of a profile as a phone ends an app: at once, without a word to its pages."""
    mark, found = f"--user-data-dir={profile}".encode(), []
    for each in Path("/proc").iterdir():
        with suppress(OSError):
            if each.name.isdigit() and mark in (each / "cmdline").read_bytes().split(b"\0"):
                found.append(int(each.name))
    assert found
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_an_app_killed_outright_gives_back_the_queue_and_the_half_typed_word(
    chromium: Browser, yard: Yard, tmp_path: Path
) -> None:
    with a_browser(chromium, tmp_path, offline=False) as phone:
        log_in(phone, yard, yard.token)
        page = opened(phone, yard)
        phone.set_offline(True)
        page.get_by_text("1-1-101", exact=True).click()
        page.get_by_text("没人在家").click()
        waiting(page, 1)
        page.get_by_text("1-1-103", exact=True).click()
        page.get_by_text("逐人登记").click()
        page.get_by_text("再加一人").click()
        page.get_by_label("姓名").fill("吴某")
        page.get_by_label("见到了吗").nth(1).select_option("hospital")
        page.goto(f"{yard.app}#wish")
        page.get_by_label("心愿，用原话", exact=True).fill("想有人陪着说说")
        assert page.evaluate(KEPT) == 2
        assert not [words for words in ("吴某", "想有人陪着", "hospital") if words in page.evaluate(BOX)]
        kill(tmp_path)
    with a_browser(chromium, tmp_path, offline=True) as phone:
        page = phone.new_page()
        page.goto(f"{yard.app}#wish")
        waiting(page, 1)
        expect(page.get_by_label("心愿，用原话", exact=True)).to_have_value("想有人陪着说说")
        expect(page.get_by_text("上次没写完的内容还在")).to_be_visible()
        page.get_by_label("心愿，用原话", exact=True).fill("想有人陪着说说话")
        page.get_by_text("记下", exact=True).click()
        waiting(page, 2)
        page.goto(f"{yard.app}#wish")
        expect(page.get_by_label("心愿，用原话", exact=True)).to_have_value("")
        page.goto(f"{yard.app}#today")
        page.get_by_text("1-1-103", exact=True).click()
        page.get_by_text("逐人登记").click()
        expect(page.get_by_label("姓名")).to_have_value("吴某")
        expect(page.get_by_label("见到了吗").nth(1)).to_have_value("hospital")
        page.get_by_text("不要了").click()
        expect(page.get_by_label("姓名")).to_have_count(0)
        phone.set_offline(False)
        log_in(phone, yard, yard.token)
        page = opened(phone, yard)
        waiting(page, 0)
    assert yard.run(lambda: db.session.scalars(select(Signal.words)).all()) == ["想有人陪着说说话"]
    assert yard.ask(select(func.count()).where(SweepStop.state == "not_home")) == 1


def test_a_log_out_names_what_is_half_typed_and_wipes_it(context: BrowserContext, yard: Yard) -> None:
    page = opened(context, yard)
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept() if len(asked) > 1 else dialog.dismiss()

    page.on("dialog", answer)
    page.goto(f"{yard.app}#wish")
    page.get_by_label("心愿，用原话", exact=True).fill("想有人陪着说说")
    page.goto(f"{yard.app}#me")
    leaves = page.get_by_role("button", name="退出")
    with page.expect_event("dialog"):
        leaves.click()
    assert "没写完的 1" in asked[0]
    page.goto(f"{yard.app}#wish")
    expect(page.get_by_label("心愿，用原话", exact=True)).to_have_value("想有人陪着说说")
    page.goto(f"{yard.app}#me")
    leaves.click()
    page.wait_for_url(f"{yard.site.url}/")
    assert len(asked) == 3
    assert page.evaluate("indexedDB.databases().then(all => all.map(each => each.name))") == []


def test_one_forgotten_door_keeps_the_courtyard_open_and_is_named(
    context: BrowserContext, yard: Yard, chromium: Browser
) -> None:
    def met(page: Page, door: str) -> None:
        page.get_by_text(door, exact=True).click()
        page.get_by_text("都在家，都见到了").click()

    page = opened(context, yard)
    context.set_offline(True)
    met(page, "1-1-101")
    met(page, "1-1-103")
    waiting(page, 2)
    page.close()
    context.set_offline(False)
    page = opened(context, yard)
    waiting(page, 0)
    desk = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    log_in(desk, yard, yard.here.secretary.token)
    secretary = desk.new_page()
    courtyard = f"{yard.site.url}/c/{yard.slug}/desk/sweeps/{yard.sweep}/courtyards/{yard.here.yard}"
    secretary.goto(courtyard)
    secretary.get_by_role("button", name="结束这个院落").click()
    expect(secretary.get_by_text("不能结束这个院落")).to_be_visible()
    named = secretary.locator("#blockers").inner_text()
    assert "1-1-102" in named and "1-1-101" not in named and "1-1-103" not in named
    assert yard.count(SweepCertificate) == 0
    context.set_offline(True)
    met(page, "1-1-102")
    context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    waiting(page, 0)
    secretary.goto(courtyard)
    secretary.get_by_role("button", name="结束这个院落").click()
    secretary.goto(f"{courtyard}/certificate")
    expect(secretary.get_by_text("100%").first).to_be_visible()
    content = yard.ask(select(SweepCertificate.content))
    assert content["doors"] == content["covered"] == 3, content
    desk.close()
