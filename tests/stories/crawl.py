"""Which pages there are: every link a persona can follow, read over plain HTTP, one sample for each kind of page."""

import http.cookiejar
import re
import urllib.error
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Container
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urldefrag, urljoin, urlsplit

from blueprints.cli.story.page import Page

PUBLIC = "public"
_SEEDS = ("/", "/account/login", "/account/forgot", "/join/", "/join/community", "/join/provider", "/demo/phone")
_NOT_PAGES = {"static", "public.prefs", "health.metrics", "account.logout"}
_ALIKE = 3  # pages of the same address pattern that one persona opens
_SAMPLES = 2  # pages of the same endpoint that a browser looks at, in each mode and language
_TAG = re.compile(r"<([a-z][a-z0-9-]*)(?:\s[^>]*?class=\"([^\"]*)\")?")


@dataclass(frozen=True)
class Sample:
    """One page worth looking at: who sees it, where, which endpoint answers with which status."""

    who: str
    path: str
    endpoint: str
    status: int


@dataclass(frozen=True)
class Site:
    """What the crawl found: pages to look at, and links that do not lead to a page."""

    samples: list[Sample]
    dead: list[str]
    opened: int

    @property
    def first(self) -> list[Sample]:
        """One sample of each endpoint."""
        found: dict[str, Sample] = {}
        for each in self.samples:
            found.setdefault(each.endpoint, each)
        return list(found.values())


class _Reader:
    """Reads as one person, keeping the cookies that pages of links set."""

    def __init__(self, url: str, cookie: tuple[str, str] | None) -> None:
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar)
        )
        self.url = url
        if cookie:
            host = urlsplit(url).hostname or ""
            jar.set_cookie(
                http.cookiejar.Cookie(
                    0, *cookie, None, False, host, False, False, "/", True, True, None, True, None, None, {}
                )
            )

    def read(self, path: str) -> tuple[int, str, str, str]:
        """Status, content type, final path with query, source of an address."""
        try:
            answer = self._opener.open(self.url + quote(path, safe="/?&=%+,;@~:"), timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read().decode(errors="replace")
            final = answer.geturl().removeprefix(self.url)
            return answer.status, answer.headers.get("Content-Type", ""), final, body


def crawl(
    url: str,
    people: list[tuple[str, str, tuple[str, str] | None]],
    endpoint: Callable[[str], str],
    once: Container[str],
) -> Site:
    """Follow links breadth-first for each (name, start path, cookie); alike addresses are opened a few times only.

    `once` names the endpoints of links that were sent to somebody: only the public opens them here, and they may be used.
    """
    samples: list[Sample] = []
    dead: list[str] = []
    known: dict[str, set[str]] = defaultdict(set)
    taken: Counter[str] = Counter()
    opened = 0
    for who, start, cookie in people:
        reader = _Reader(url, cookie)
        waiting = [(start, "start")] + ([(seed, "seed") for seed in _SEEDS] if who == PUBLIC else [])
        alike: Counter[object] = Counter()
        seen: set[str] = set()
        while waiting:
            path, source = waiting.pop(0)
            name = endpoint(urlsplit(path).path)
            pattern = (name, tuple(sorted({key for key, _ in parse_qsl(urlsplit(path).query)})))
            if path in seen or name in _NOT_PAGES or (name and alike[pattern] >= _ALIKE):
                continue
            if name in once and who != PUBLIC:
                continue
            seen.add(path)
            alike[pattern] += 1
            status, kind, final, body = reader.read(path)
            opened += 1
            if status != 200 and not (status == 404 and name in once):
                dead.append(f"{who}: {status} {path} ({name or 'no endpoint'}), linked from {source}")
                continue
            if not kind.startswith("text/html"):
                continue
            here = (endpoint(urlsplit(final).path) or name) + ("" if status == 200 else f" {status}")
            shape = {f"{tag}.{word}" for tag, words in _TAG.findall(body) for word in (words.split() or [""])}
            if taken[here] == 0 or (taken[here] < _SAMPLES and not shape <= known[here]):
                samples.append(Sample(who, path, here, status))
                known[here] |= shape
                taken[here] += 1
            for _words, href in Page(body).links:
                target = urldefrag(urljoin(url + final, href))[0]
                if target.startswith(f"{url}/"):
                    waiting.append((target.removeprefix(url), path))
    return Site(samples, dead, opened)
