"""The hand of one person on the product's pages, over plain HTTP: no shortcut, only what a page offers.

The story is written once against this class; the browser test has a hand of the same shape in Chromium.
"""

import http.cookiejar
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit
from uuid import uuid4

from blueprints.cli.story.page import Field, Form, Page, folded


class StoryFailed(Exception):
    """A page did not offer or say what the story expects."""


class Hand:
    """One person with cookies of their own."""

    def __init__(self, url: str, who: str) -> None:
        self.url, self.who = url.rstrip("/"), who
        cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(cookies)
        )
        self.at, self.status, self.page = "", 0, Page("")
        self._filled: dict[str, Any] = {}

    def go(self, path: str) -> None:
        """Open a page; an error page is a page too."""
        address = path if "://" in path else urljoin(f"{self.at or self.url}/", path)
        self._send(urllib.request.Request(quote(address, safe=":/?#&=%+,;@~")))  # noqa: S310  our own address

    def start(self, path: str) -> None:
        """Open an address of the site."""
        self.go(self.url + path)

    def fill(self, **fields: Any) -> None:
        """Write into fields by name; a file is a pair (name, bytes), a list ticks several boxes.

        Raises StoryFailed when no form of the page has such a field.
        """
        for name in fields:
            if not any(name in form.names() for form in self.page.forms):
                raise StoryFailed(
                    f"{self.who}: {self.at}: 没有这一栏 no field {name!r} in {[sorted(f.names()) for f in self.page.forms]}"
                )
        self._filled.update(fields)

    def press(self, words: str) -> None:
        """Press the first button that says these words, in the form that holds what was filled."""
        self._send(self._asked(words))

    def press_twice(self, words: str) -> list[tuple[str, int]]:
        """Send the same form twice, as an impatient finger does; answers where each answer led, with its status."""
        first, second = self._asked(words), self._asked(words)
        found = []
        for request in (first, second):
            request.data = first.data  # one and the same body
            self._send(request)
            found.append((self.path(), self.status))
        return found

    def _asked(self, words: str) -> urllib.request.Request:
        """What a button sends."""
        form, button = self._find(words)
        address = urljoin(self.at, button[3] or form.action or self.at)
        pairs: list[tuple[str, Any]] = []
        for each in form.fields:
            pairs += self._sent(each)
        if button[1]:
            pairs.append((button[1], button[2]))
        if form.method == "get":
            query = urlencode([(k, v) for k, v in pairs])
            return urllib.request.Request(f"{address.partition('?')[0]}?{query}")  # noqa: S310  our own address
        body, kind = (
            _multipart(pairs) if form.files else (urlencode(pairs).encode(), "application/x-www-form-urlencoded")
        )
        return urllib.request.Request(address, data=body, headers={"Content-Type": kind})  # noqa: S310  our own address

    def follow(self, words: str, after: str = "") -> None:
        """Follow the first link that says these words, the first after other words when those are given."""
        href = self.page.link(words, after)
        if href is None:
            raise StoryFailed(f"{self.who}: {self.at}: 没有链接 no link {words!r} in {[t for t, _ in self.page.links]}")
        self.go(urljoin(self.at, href))

    def see(self, *words: str) -> None:
        """The page says all of these; raises StoryFailed naming what is missing."""
        missing = [word for word in words if folded(word) not in self.page.text]
        if missing:
            raise StoryFailed(
                f"{self.who}: {self.at} ({self.status}): 没看到 not seen {missing}; {self.page.text[:1500]}"
            )

    def sees(self, word: str) -> bool:
        """Does the page say this?"""
        return folded(word) in self.page.text

    def values(self) -> dict[str, str | None]:
        """What stands in the fields of the page by name; of a name that occurs twice, the last."""
        return {each.name: each.value for form in self.page.forms for each in form.fields}

    def text(self) -> str:
        """All words of the page."""
        return self.page.text

    def json(self, path: str) -> Any:
        """A JSON answer."""
        with self._opener.open(self.url + path, timeout=30) as answer:
            return json.loads(answer.read())

    def path(self) -> str:
        """Path of the page, without host."""
        return urlsplit(self.at).path

    def _find(self, words: str) -> tuple[Form, tuple[str, str, str, str]]:
        words = folded(words)
        fitting = [form for form in self.page.forms if set(self._filled) <= form.names()]
        for exact in (True, False):
            for form in fitting:
                for button in form.buttons:
                    if button[0] == words if exact else words in button[0]:
                        return form, button
        offered = [button[0] for form in self.page.forms for button in form.buttons]
        raise StoryFailed(
            f"{self.who}: {self.at} ({self.status}): 没有按钮 no button {words!r}; {offered}; {self.page.text[:800]}"
        )

    def _sent(self, each: Any) -> list[tuple[str, Any]]:
        if each.name in self._filled:
            value = self._filled[each.name]
            if each.kind == "checkbox":
                wanted = value if isinstance(value, list | tuple | set) else [value]
                mine = [option for option, _ in each.options if option in map(str, wanted) or value is True]
                return [(each.name, option) for option in mine]
            if each.kind == "select":
                value = self._choice(each, str(value))
            return [(each.name, value if each.kind == "file" else str(value))]
        if each.value is None:
            return [(each.name, ("", b""))] if each.kind == "file" else []
        return [(each.name, each.value)]

    def _choice(self, each: Field, wanted: str) -> str:
        """The value of a choice named by its value or by words it says."""
        for value, _said in each.options:
            if value == wanted:
                return value
        for value, said in each.options:
            if wanted and folded(wanted) in said:
                return value
        raise StoryFailed(f"{self.who}: {self.at}: {each.name} has no choice {wanted!r}: {each.options}")

    def _send(self, request: urllib.request.Request) -> None:
        request.add_header("Accept-Language", "zh-CN")
        request.add_header("Referer", self.at or self.url)
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.at, self.status = answer.geturl(), answer.status
            self.page = Page(answer.read().decode(errors="replace"))
        self._filled = {}


def _multipart(pairs: list[tuple[str, Any]]) -> tuple[bytes, str]:
    mark = uuid4().hex
    parts = []
    for name, value in pairs:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(value, tuple):
            head += f'; filename="{value[0]}"\r\nContent-Type: application/octet-stream'
            parts.append(f"{head}\r\n\r\n".encode() + value[1] + b"\r\n")
        else:
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
