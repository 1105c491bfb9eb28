"""Pictures of the main pages for people to look at: tests/shots/, and with RONGJIU_SHOTS=keep those of the README."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from rongjiu.paths import ROOT
from tests.stories.conftest import DemoSite
from tests.stories.crawl import PUBLIC, Site

pytestmark = pytest.mark.browser

SHOTS = ROOT / "tests" / "shots"
KEPT = ROOT / "deploy" / "screens"
WIDE, PHONE = 1440, 360
_README = (1200, 680)  # width and height of a picture in the README, at most
_LARGEST = 150 * 1024  # bytes of a picture in the README
_SMALLEST = 8 * 1024  # bytes; an empty page draws smaller


class Shot(NamedTuple):
    """One picture: its file, whose page, which endpoint, how wide, in which language and mode; is it for the README?"""

    name: str
    endpoint: str
    width: int = WIDE
    lang: str = "zh"
    elder: bool = False
    keep: bool = False
    last: bool = False
    """The last sample of its kind: the first courtyard and the first family may have little to show."""
    at: tuple[str, str] | None = None
    """Whose page and where, when the filled community shows more than the first one that a crawl meets."""


FILLED = ("secretary-sanxuejie", "/c/sanxuejie/desk/")


PICTURES = (
    Shot("start", "public.start", keep=True),
    Shot("start-phone-en", "public.start", PHONE, "en"),
    Shot("public", "public.community"),
    Shot("public-phone-elder", "public.community", PHONE, elder=True, keep=True),
    Shot("desk", "desk.home", keep=True, at=FILLED),
    Shot("desk-en", "desk.home", lang="en", at=FILLED),
    Shot("desk-phone", "desk.home", PHONE, at=FILLED),
    Shot("case", "desk.case", keep=True),
    Shot("case-phone-en", "desk.case", PHONE, "en"),
    Shot("screening", "desk.screening", keep=True),
    Shot("screening-phone", "desk.screening", PHONE),
    Shot("link-phone", "provider.link", PHONE, keep=True),
    Shot("link-phone-elder", "provider.link", PHONE, elder=True),
    Shot("founding", "desk.founding", keep=True),
    Shot("founding-en", "desk.founding", lang="en"),
    Shot("street", "street.overview", keep=True),
    Shot("street-phone-en", "street.overview", PHONE, "en"),
    Shot("courtyard", "desk.courtyard", last=True),
    Shot("courtyard-phone-elder", "desk.courtyard", PHONE, elder=True, last=True),
    Shot("household", "desk.household", last=True),
    Shot("household-phone-en", "desk.household", PHONE, "en", last=True),
    Shot("import", "desk.import_batch"),
    Shot("import-en", "desk.import_batch", lang="en"),
    Shot("sweep", "desk.sweep"),
    Shot("sweep-phone-en", "desk.sweep", PHONE, "en"),
    Shot("sweep-elder", "desk.sweep", elder=True),
    Shot("certificate", "desk.sweep_certificate"),
    Shot("app-phone", "grid.app", PHONE),
    Shot("app-phone-elder", "grid.app", PHONE, elder=True),
    Shot("signals", "desk.signals"),
    Shot("signals-phone", "desk.signals", PHONE),
    Shot("report", "desk.survey_report"),
    Shot("report-phone-en", "desk.survey_report", PHONE, "en"),
    Shot("acceptance", "street.acceptance"),
    Shot("changes", "desk.changes"),
    Shot("changes-en", "desk.changes", lang="en"),
)


@pytest.fixture
def window(chromium: Browser) -> Iterator[Page]:
    """A window of its own, drawn at the density of a plain screen."""
    context = chromium.new_context(device_scale_factor=1)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("shot", [pytest.param(each, id=each.name) for each in PICTURES])
def test_picture(shot: Shot, site: Site, demo_site: DemoSite, window: Page) -> None:
    samples = [each for each in site.samples if each.endpoint == shot.endpoint]
    assert samples, f"no link leads to {shot.endpoint}"
    sample = samples[-1 if shot.last else 0]
    who, path = shot.at or (sample.who, sample.path)
    window.set_viewport_size({"width": shot.width, "height": 900 if shot.width > 500 else 760})
    window.goto(f"{demo_site.url}/prefs?lang={shot.lang}&elder={int(shot.elder)}&next=/account/login")
    if who != PUBLIC:
        demo_site.become(window.context, who)
    answer = window.goto(demo_site.url + path)
    assert answer and answer.status == 200
    assert _taken(window, SHOTS / f"{shot.name}.png") > _SMALLEST
    if shot.keep and os.environ.get("RONGJIU_SHOTS") == "keep":
        window.set_viewport_size({"width": min(shot.width, _README[0]), "height": _README[1]})
        assert _taken(window, KEPT / f"{shot.name}.png") <= _LARGEST


def _taken(page: Page, path: Path) -> int:
    """Draw what stands in the window; answers the size of the file in bytes."""
    path.parent.mkdir(exist_ok=True)
    page.screenshot(path=path, animations="disabled", caret="hide")
    return path.stat().st_size


@pytest.mark.parametrize(
    ("who", "path"), [("secretary", "/c/huangyan/desk/staff"), ("provider-chc", "/provider/figures")]
)
def test_what_a_list_unfolds_stays_on_a_phones_screen(
    demo_site: DemoSite, chromium: Browser, who: str, path: str
) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 780})
    demo_site.become(context, who)
    page = context.new_page()
    for elder in (0, 1):
        page.goto(f"{demo_site.url}/prefs?elder={elder}&next={path}")
        for menu in page.locator(".list-tools details.menu").all():
            menu.locator("summary").click()
            box = menu.locator(".menu-list").bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360, (path, elder, box)
            menu.locator("summary").click()
    context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize(("who", "path"), [("secretary", "/c/huangyan/desk/"), ("street", "/street/zhangjiacun/")])
def test_the_one_menu_lies_open_on_a_wide_page_and_unfolds_on_a_phone(
    demo_site: DemoSite, chromium: Browser, who: str, path: str, script: bool
) -> None:
    context = chromium.new_context(java_script_enabled=script)
    demo_site.become(context, who)
    page = context.new_page()
    for elder in (0, 1):
        page.set_viewport_size({"width": WIDE, "height": 900})
        page.goto(f"{demo_site.url}/prefs?elder={elder}&next={path}")
        button, here = page.locator("[data-menu] > summary"), page.locator("[data-menu] a[aria-current]")
        assert here.is_visible()
        assert not button.is_visible()
        page.set_viewport_size({"width": PHONE, "height": 780})
        assert not here.is_visible()
        button.focus()
        button.press("Enter")
        box = here.bounding_box()
        assert here.is_visible()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE
        button.press("Enter")
        assert not here.is_visible()
    context.close()
