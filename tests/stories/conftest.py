"""A whole demo of its own for the browser tests, as `deploy/demo` runs it, and one Chromium for all of them."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from blueprints.app import create_app
from rongjiu.db import db
from rongjiu.embedded import Embedded
from rongjiu.paths import ROOT
from tests.stories.crawl import PUBLIC, Site, crawl

START_WITHIN = 90.0  # seconds, servers and demo data included
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class DemoSite:
    """A running demo: its address, its data folder, its personas and how to be one of them."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port, self.url = data, port, f"http://127.0.0.1:{port}"
        self.cookie = cache(self._cookie)

    @cached_property
    def app(self) -> Flask:
        """The same application on the same database, for commands and for the map of addresses; no server."""
        return create_app(Embedded(self.data).settings(public_url=self.url))

    @cached_property
    def personas(self) -> list[dict[str, Any]]:
        """What `flask demo personas` prints."""
        return list(json.loads(self._flask("demo", "personas")))

    def _cookie(self, persona: str) -> tuple[str, str]:
        """Name and value of the log-in cookie of a persona, as `flask demo session` prints it."""
        words = self._flask("demo", "session", persona).strip().splitlines()[-1]
        name, _, value = words.removeprefix("Cookie: ").partition("=")
        return name, value

    def totp(self, persona: str) -> str:
        """The present one-time code of a persona."""
        return self._flask("demo", "totp", persona).strip().splitlines()[-1]

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

    def _flask(self, *words: str) -> str:
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a word to anybody outside."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "no Chromium: apt-get install chromium, or deploy/test --without-browser"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(CHROMIUM))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(demo_site: DemoSite) -> Site:
    """Every page that links reach, for the public and for each persona."""
    people = [(PUBLIC, "/", None)]
    people += [(each["slug"], each["start_url"], demo_site.cookie(each["slug"])) for each in demo_site.personas]
    return crawl(demo_site.url, people, demo_site.endpoint)
