"""The secretary brings in a register of 11,067 residents through the pages, and takes it back."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import registers
from tests.stories.conftest import DemoSite

pytestmark = pytest.mark.browser
LIVED_IN, EMPTY = "雁北新村", "雁南一号院"
"""A courtyard in which the demo has doors of its own, and one in which it has none: every household is to be new."""
SLOW = 120_000
"""Milliseconds that the whole register may take on a busy machine."""


def test_a_register_of_11067_comes_in_and_goes_again(demo_site: DemoSite, chromium: Browser) -> None:
    persona = next(each for each in demo_site.personas if each["slug"].startswith("secretary"))
    base = re.match(r"/c/[^/]+/desk", persona["start_url"])
    assert base
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    demo_site.become(context, persona["slug"])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    home = f"{demo_site.url}{base[0]}"
    page.goto(f"{home}/households")
    before = _total(page)

    page.goto(f"{home}/imports")
    rows = [tuple(EMPTY if cell == LIVED_IN else cell for cell in row) for row in registers.rows()]
    content = registers.workbook(rows)
    mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files("input[type=file]", {"name": "居民台账.xlsx", "mimeType": mime, "buffer": content})
    page.get_by_role("button", name="上传并读表头").click()
    part = page.locator("#import-part")
    expect(part).to_have_attribute("data-step", "mapping", timeout=SLOW)
    expect(page.get_by_label("政治面貌")).to_have_value("")
    expect(page.get_by_label("身份证号")).to_have_value("id_number")
    page.get_by_label("一起新建").check()
    page.get_by_role("button", name="逐行核对").click()
    expect(part).to_have_attribute("data-step", "checked", timeout=SLOW)
    expect(part).to_contain_text("5014 户 11067 人")
    page.get_by_role("button", name="确认导入").click()
    expect(part).to_have_attribute("data-step", "done", timeout=SLOW)
    page.goto(f"{home}/households")
    assert _total(page) == before + 5014

    page.goto(f"{home}/imports")
    page.get_by_role("link", name="居民台账.xlsx").first.click()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(part).to_have_attribute("data-step", "undone", timeout=SLOW)
    expect(part).to_contain_text("11067")
    page.goto(f"{home}/households")
    assert _total(page) == before
    assert faults == []
    context.close()


def _total(page: Page) -> int:
    found = (
        re.search(r"共 (\d+) 条", page.locator("nav.pager").inner_text()) if page.locator("nav.pager").count() else None
    )
    return int(found[1]) if found else 0
