"""A whole demo of its own for the browser tests, as `deploy/demo` runs it, and one Chromium for all of them."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from blueprints.app import create_app
from blueprints.cli.story.walk import Story, walk
from rongjiu.db import db
from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT
from tests.stories.browser import BrowserHand, race
from tests.stories.crawl import PUBLIC, Site, crawl
from tests.stories.fieldphone import PHONE, Yard, a_yard, log_in
from tests.stories.judge import impairments
from tests.stories.waits import until, waiting

if TYPE_CHECKING:
    from tests.stories.cast import Cast

START_WITHIN = 240.0  # seconds, servers and demo data included
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DemoSite:
    """A running demo: its address, its data folder, its personas and how to be one of them."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.url = data, port, f"http://127.0.0.1:{port}"
        self.strangers: dict[str, tuple[str, str]] = {}
        self.cookie = cache(self._cookie)

    @cached_property
    def app(self) -> Flask:
        """The same application on the same database, for commands and for the map of addresses; no server."""
        return create_app(Embedded(self.data).settings(public_url=self.url))

    @cached_property
    def personas(self) -> list[dict[str, Any]]:
        """What `flask demo personas` prints."""
        return list(json.loads(self.command("demo", "personas")))

    def _cookie(self, persona: str) -> tuple[str, str]:
        """Name and value of the log-in cookie of a persona, as `flask demo session` prints it, or of a stranger."""
        if persona in self.strangers:
            return self.strangers[persona]
        words = self.command("demo", "session", persona).strip().splitlines()[-1]
        name, _, value = words.removeprefix("Cookie: ").partition("=")
        return name, value

    def totp(self, persona: str) -> str:
        """The present one-time code of a persona."""
        return self.command("demo", "totp", persona).strip().splitlines()[-1]

    def become(self, context: BrowserContext, persona: str) -> None:
        """Let a browser be this persona from now on, or nobody; language and type size stay."""
        name = self.app.config["LOGIN_COOKIE"]
        context.clear_cookies(name=name)
        if persona != PUBLIC:
            name, value = self.cookie(persona)
            # __Host- cookies are Secure; the address of the cookie, not of the page, must say https.
            home = self.url.replace("http:", "https:")
            context.add_cookies([{"name": name, "value": value, "url": home, "secure": True, "httpOnly": True}])

    def endpoint(self, path: str) -> str:
        """Which endpoint answers GET of a path; '' when none does."""
        adapter = self.app.url_map.bind("127.0.0.1")
        try:
            return str(adapter.match(path, method="GET")[0])
        except Exception:  # noqa: BLE001  werkzeug has many ways to say no
            return ""

    def command(self, *words: str) -> str:
        """What a `flask` command prints, run in this process on the same database."""
        done = self.app.test_cli_runner(catch_exceptions=False).invoke(args=words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def close(self) -> None:
        """Give back the connections of this process."""
        if "app" in self.__dict__:
            with self.app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()


def _free_port() -> int:
    """A port whose neighbour 1000 above, the live server's, is free too."""
    while True:
        with closing(socket.socket()) as first, closing(socket.socket()) as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1000))
            except (OSError, OverflowError):
                continue
            return port


def _ready(url: str) -> bool:
    try:
        with _direct.open(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The whole story first: its last step counts everything that happened in the demo, other stories add to it."""
    slots = [n for n, item in enumerate(items) if "demo_site" in getattr(item, "fixturenames", ())]
    held = sorted((items[n] for n in slots), key=lambda item: "walked" not in getattr(item, "fixturenames", ()))
    for n, item in zip(slots, held, strict=True):
        items[n] = item


@pytest.fixture(scope="session")
def demo_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The demo, started once a run and stopped at its end."""
    data = tmp_path_factory.mktemp("demo")
    site = DemoSite(data, _free_port())
    command = [sys.executable, "-m", "rongjiu.demo", "--port", str(site.port), "--data", str(data)]
    log = data / "demo.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT) as demo,
    ):
        try:
            end, pause = time.monotonic() + START_WITHIN, threading.Event()
            while not _ready(site.url):
                assert demo.poll() is None, log.read_text()
                assert time.monotonic() < end, log.read_text()
                pause.wait(0.1)
            yield site
        finally:
            site.close()
            demo.terminate()
            demo.wait(60)


def chromium_path() -> str:
    """Where the system's Chromium is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: apt-get install chromium, or deploy/test --without-browser"
    return found


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a word to anybody outside."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM))
        yield browser
        browser.close()


@dataclass
class Walked:
    """The story as it went in the browser: what was seen, where it broke off, what was wrong on pages under way."""

    lines: list[str] = field(default_factory=list)
    broken: Exception | None = None
    faults: list[str] = field(default_factory=list)
    cookies: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Log-in cookies of people who are no personas: the merchant, the founder."""


@pytest.fixture(scope="session")
def walked(demo_site: DemoSite, chromium: Browser) -> Walked:
    """The story of blueprints/cli/story, walked once in Chromium; its world is what the other tests look at."""
    done, seen, hands = Walked(), set(), []
    personas = {each["slug"]: each for each in demo_site.personas}

    def look(hand: BrowserHand) -> None:
        kind = (demo_site.endpoint(hand.path()), hand.status)
        found = hand.watch.take()
        if kind not in seen:
            seen.add(kind)
            found += impairments(hand.page)
        done.faults += [f"{kind} [{hand.who}] {hand.path()}: {each}" for each in found]

    def hand(who: str) -> BrowserHand:
        desk = who in personas and not who.startswith(("provider", "grid"))
        hands.append(BrowserHand(chromium, demo_site.url, who, 1280 if desk else 390, look))
        return hands[-1]

    try:
        walk(Story(demo_site.app, hand, race, done.lines.append))
    except Exception as error:  # noqa: BLE001  the test of the story tells; pages are looked at all the same
        done.broken = error
    name = demo_site.app.config["LOGIN_COOKIE"]
    for each in hands:
        for cookie in each.context.cookies():
            if cookie["name"] == name and each.who not in personas:
                done.cookies[each.who] = (name, cookie["value"])
        each.close()
    return done


@pytest.fixture
def cast(demo_site: DemoSite, chromium: Browser) -> Iterator["Cast"]:
    """The people of one short story; its windows close with it."""
    from tests.stories.cast import Cast  # uses the names of this file

    made = Cast(demo_site, chromium)
    yield made
    made.close()


@pytest.fixture(scope="session")
def site(demo_site: DemoSite, walked: Walked) -> Site:
    """Every page that links reach, for the public, each persona and the people of the story."""
    people = [(PUBLIC, "/", None)]
    people += [(each["slug"], each["start_url"], demo_site.cookie(each["slug"])) for each in demo_site.personas]
    people += [(who, "/account/places", cookie) for who, cookie in walked.cookies.items()]
    demo_site.strangers.update(walked.cookies)
    rules = tomllib.loads((ROOT / "blueprints" / "permissions.toml").read_text())
    once = {name for name, rule in rules.items() if rule["scope"] == "link"}
    until(lambda: waiting(Embedded(demo_site.data), due=True) == 0)  # what the story set off shows on pages too
    return crawl(demo_site.url, people, demo_site.endpoint, once)


@pytest.fixture
def yard(demo_site: DemoSite) -> Yard:
    """A community of its own that is being swept."""
    return a_yard(demo_site)


@pytest.fixture
def context(chromium: Browser, yard: Yard) -> Iterator[BrowserContext]:
    """The phone of its grid worker, logged in."""
    made = chromium.new_context(locale="zh-CN", viewport=PHONE)
    made.set_default_timeout(20_000)
    log_in(made, yard, yard.token)
    yield made
    made.close()
