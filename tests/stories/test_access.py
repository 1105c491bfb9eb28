"""Every page that links reach, in both modes and both languages: usable with a keyboard, a reader, a small phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.stories.browser import Watch
from tests.stories.conftest import DemoSite
from tests.stories.crawl import PUBLIC, Sample, Site

pytestmark = pytest.mark.browser

_OPTIONS = {"resultTypes": ["violations"], "preload": False, "iframes": False}
_MODES = [
    pytest.param(lang, elder, id=f"{lang}-{'elder' if elder else 'plain'}") for lang in ("zh", "en") for elder in (0, 1)
]
# Wider than the window, and the innermost elements that stand out of it (not inside something that scrolls by itself).
_WIDE = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false };
  const out = [...document.body.querySelectorAll('*')].filter(e => e.checkVisibility() &&
    e.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(e));
  return [`${root.scrollWidth} > ${root.clientWidth}`,
    ...out.filter(e => ![...e.children].some(c => out.includes(c))).slice(0, 4).map(e => e.outerHTML.slice(0, 160))];
}"""
# Chinese in what steers an English page; names stay as they are where they are marked: lang="zh…" or class "proper".
_CHINESE = """() => {
  const found = new Set();
  for (const e of document.querySelectorAll('title, button, label, legend, summary, h1, h2, h3, nav, th')) {
    const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const near = walk.currentNode.parentElement;
      if (/[\\u4e00-\\u9fff]/.test(walk.currentNode.data) && near.tagName !== 'OPTION' && near.checkVisibility() &&
          !near.closest('[lang^=zh]:not(html), .proper'))
        found.add(`<${e.tagName.toLowerCase()}> ${walk.currentNode.data.trim().slice(0, 60)}`);
    }
  }
  return [...found];
}"""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A window as wide as a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    yield context
    context.close()


def test_every_link_leads_to_a_page(site: Site) -> None:
    if site.dead:
        pytest.fail(f"{len(site.dead)} dead links\n" + "\n".join(site.dead), pytrace=False)
    assert len({sample.endpoint for sample in site.samples}) > 15


@pytest.mark.parametrize(("lang", "elder"), _MODES)
def test_pages_are_accessible(lang: str, elder: int, site: Site, demo_site: DemoSite, phone: BrowserContext) -> None:
    page = phone.new_page()
    watch = Watch(page, demo_site.url)
    page.goto(f"{demo_site.url}/prefs?lang={lang}&elder={elder}&next=/account/login")
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[lang]
    assert (page.locator("html").get_attribute("data-elder") == "1") == bool(elder)
    axe, faults, who = Axe(), [], PUBLIC
    for sample in site.samples:
        if sample.who != who:
            who = sample.who
            demo_site.become(phone, who)
        page.set_viewport_size({"width": 390, "height": 844})
        answer = page.goto(demo_site.url + sample.path)
        found = [] if answer and answer.status == 200 else [f"status {answer and answer.status}"]
        found += _axe(axe, page)
        if lang == "en":
            found += [f"untranslated {each}" for each in page.evaluate(_CHINESE)]
        page.set_viewport_size({"width": 360, "height": 800})
        found += [f"wide at 360 px: {each}" for each in page.evaluate(_WIDE)]
        faults += [_line(sample, each) for each in [*found, *watch.take()]]
    if faults:
        pytest.fail(f"{len(faults)} faults\n" + "\n".join(faults), pytrace=False)


def _axe(axe: Axe, page: Page) -> list[str]:
    violations = axe.run(page, options=_OPTIONS).response["violations"]
    return [
        f"axe {each['id']} ({each['impact']}, {len(each['nodes'])}×): {each['nodes'][0]['html'][:200]}"
        f" | {(each['nodes'][0]['any'] or [{'message': ''}])[0]['message'][:160]}"
        for each in violations
        if each["impact"] in ("serious", "critical")
    ]


def _line(sample: Sample, fault: str) -> str:
    return f"{sample.endpoint} [{sample.who}] {sample.path}: {fault}"
