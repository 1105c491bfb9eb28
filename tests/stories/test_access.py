"""Every page that links reach, in both modes and both languages: usable with a keyboard, a reader, a small phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.stories.browser import Watch
from tests.stories.conftest import DemoSite, Walked
from tests.stories.crawl import PUBLIC, Site
from tests.stories.judge import CHINESE, WIDE, impairments

pytestmark = pytest.mark.browser

_PHONE, _SMALL = ViewportSize(width=390, height=844), ViewportSize(width=360, height=800)

# Elder mode is one attribute of <html> and style sheets: on the page at hand it is put on, and all that styles may
# change is tried again. test_elder.py asks the server for it instead.
_ELDER = "() => { document.documentElement.dataset.elder = '1' }"


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    """A window as wide as a phone."""
    context = chromium.new_context(viewport=_PHONE, reduced_motion="reduce")
    yield context
    context.close()


def test_every_link_leads_to_a_page(site: Site) -> None:
    if site.dead:
        pytest.fail(f"{len(site.dead)} dead links\n" + "\n".join(site.dead), pytrace=False)
    assert len({sample.endpoint for sample in site.samples}) > 15


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pages_are_accessible(lang: str, site: Site, demo_site: DemoSite, phone: BrowserContext) -> None:
    page = phone.new_page()
    watch = Watch(page, demo_site.url)
    page.goto(f"{demo_site.url}/prefs?lang={lang}&elder=0&next=/account/login")
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[lang]
    faults, who = [], PUBLIC
    # Further samples of an endpoint differ in shape, not in words: once is enough for them.
    for sample in site.samples if lang == "zh" else site.first:
        if sample.who != who:
            who = sample.who
            demo_site.become(phone, who)
        answer = page.goto(demo_site.url + sample.path)
        found = [] if answer and answer.status == sample.status else [f"status {answer and answer.status}"]
        found += [f"untranslated {each}" for each in page.evaluate(CHINESE)] if lang == "en" else []
        found += _both_modes(page)
        faults += [f"{sample.endpoint} [{who}] {sample.path}: {each}" for each in [*found, *watch.take()]]
    if faults:
        pytest.fail(f"{len(faults)} faults\n" + "\n".join(faults), pytrace=False)


def _both_modes(page: Page) -> list[str]:
    """Faults of the page as it stands at 390 px and 360 px, plain and in elder mode."""
    found = impairments(page)
    page.set_viewport_size(_SMALL)
    found += [f"wide at 360 px: {each}" for each in page.evaluate(WIDE)]
    page.evaluate(_ELDER)
    found += [f"wide at 360 px in elder mode: {each}" for each in page.evaluate(WIDE)]
    page.set_viewport_size(_PHONE)
    return found + [f"in elder mode: {each}" for each in impairments(page, by_style=True)]


def test_pages_between_are_accessible(walked: Walked) -> None:
    """What only a walk meets: half-filled forms, refusals, used links."""
    if walked.faults:
        pytest.fail(f"{len(walked.faults)} faults\n" + "\n".join(walked.faults), pytrace=False)
