"""Elder mode as the browser computes it: 18 points, line height, targets of 60 px, contrast, nothing moves."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.stories.conftest import DemoSite
from tests.stories.crawl import PUBLIC, Site

pytestmark = pytest.mark.browser

_CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"], "preload": False}
_STYLES = """() => {
  const found = new Set(), px = text => parseFloat(text) || 0;
  const tell = (rule, e, value) => found.add(`${rule} ${value}: ${e.cloneNode(false).outerHTML.slice(0, 140)}`);
  const hidden = e => !e.checkVisibility({visibilityProperty: true, opacityProperty: true}) ||
    (e.getBoundingClientRect().width <= 1 && e.getBoundingClientRect().height <= 1) ||
    e.closest('.visually-hidden, .skip');
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || e.closest('script, style, template, option') || hidden(e)) continue;
    const style = getComputedStyle(e), size = px(style.fontSize), line = px(style.lineHeight);
    if (size < 24) tell('font-size', e, style.fontSize);
    if (line / size < 1.3) tell('line-height', e, style.lineHeight);
  }
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (hidden(e) && !e.closest('.choice')) continue;
    const target = e.closest('.choice') || e;  // box, mark and words are one target
    if (target.checkVisibility() && target.getBoundingClientRect().height < 59.5)
      tell('target', e, target.getBoundingClientRect().height.toFixed(1));
    const style = getComputedStyle(e);
    if (e.matches('input:not([type=checkbox], [type=radio]), select, textarea') && px(style.fontSize) < 24)
      tell('font-size', e, style.fontSize);
  }
  for (const e of document.querySelectorAll('*'))
    for (const part of [null, '::before', '::after']) {
      const style = getComputedStyle(e, part);
      if (part && style.content === 'none') continue;
      if (style.animationName !== 'none' || style.transitionDuration.split(', ').some(each => px(each) > 0))
        tell('moves', e, `${style.animationName} ${style.transitionDuration}`);
    }
  return [...found];
}"""


@pytest.fixture
def elder(chromium: Browser, demo_site: DemoSite) -> Iterator[Page]:
    """A phone in elder mode; motion is not reduced by the system, the page itself must keep still."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, reduced_motion="no-preference")
    page = context.new_page()
    page.goto(f"{demo_site.url}/prefs?elder=1&lang=zh&next=/account/login")
    yield page
    context.close()


def test_elder_mode_by_computed_styles(site: Site, demo_site: DemoSite, elder: Page) -> None:
    axe, faults, who = Axe(), [], PUBLIC
    for sample in site.first:
        if sample.who != who:
            who = sample.who
            demo_site.become(elder.context, who)
        elder.goto(demo_site.url + sample.path)
        assert elder.locator("html").get_attribute("data-elder") == "1", sample
        found = elder.evaluate(_STYLES)
        for each in axe.run(elder, options=_CONTRAST).response["violations"]:
            found += [f"contrast: {node['html'][:140]} {node['any'][0]['message'][:120]}" for node in each["nodes"]]
        faults += [f"{sample.endpoint} [{who}] {sample.path}: {each}" for each in found]
    if faults:
        pytest.fail(f"{len(faults)} faults\n" + "\n".join(faults), pytrace=False)


def test_plain_mode_is_smaller(demo_site: DemoSite, elder: Page) -> None:
    """The switch is what makes the difference: without it the same page has smaller type."""
    elder.goto(f"{demo_site.url}/prefs?elder=0&next=/account/login")
    assert any(each.startswith("font-size") for each in elder.evaluate(_STYLES))
