"""Every page that links reach, in both modes and both languages: usable with a keyboard, a reader, a small phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.stories.browser import Watch
from tests.stories.conftest import DemoSite, Walked
from tests.stories.crawl import PUBLIC, Sample, Site
from tests.stories.judge import CHINESE, WIDE, impairments

pytestmark = pytest.mark.browser

_MODES = [
    pytest.param(lang, elder, id=f"{lang}-{'elder' if elder else 'plain'}") for lang in ("zh", "en") for elder in (0, 1)
]


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
    faults, who = [], PUBLIC
    for sample in site.samples:
        if sample.who != who:
            who = sample.who
            demo_site.become(phone, who)
        page.set_viewport_size({"width": 390, "height": 844})
        answer = page.goto(demo_site.url + sample.path)
        found = [] if answer and answer.status == 200 else [f"status {answer and answer.status}"]
        found += impairments(page)
        if lang == "en":
            found += [f"untranslated {each}" for each in page.evaluate(CHINESE)]
        page.set_viewport_size({"width": 360, "height": 800})
        found += [f"wide at 360 px: {each}" for each in page.evaluate(WIDE)]
        faults += [_line(sample, each) for each in [*found, *watch.take()]]
    if faults:
        pytest.fail(f"{len(faults)} faults\n" + "\n".join(faults), pytrace=False)


def _line(sample: Sample, fault: str) -> str:
    return f"{sample.endpoint} [{sample.who}] {sample.path}: {fault}"


def test_pages_between_are_accessible(walked: Walked) -> None:
    """What only a walk meets: half-filled forms, refusals, used links."""
    if walked.faults:
        pytest.fail(f"{len(walked.faults)} faults\n" + "\n".join(walked.faults), pytrace=False)
