"""The hand of one person in Chromium: the same verbs as blueprints.cli.story.hand.Hand, by clicks and keys."""

import json
import mimetypes
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, ElementHandle, Page, Request, Response
from playwright.sync_api import Error as BrowserError

from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.page import NARROW, WIDE, folded

WAIT = 20_000  # milliseconds until a page that does not come is a failure

_NAMES = "() => [...document.forms].map(f => [...f.elements].map(e => e.name).filter(Boolean))"
# Words of a button or link, blanks and width of punctuation folded, as the plain hand reads them.
_SAYS = f"""const wide = {json.dumps(WIDE)}, narrow = {json.dumps(NARROW)};
  const folded = words => words.replace(/\\s+/g, ' ').trim().replace(/./gu, c => narrow[wide.indexOf(c)] || c);
  const says = e => folded(e.tagName === 'INPUT' ? e.value : e.textContent);"""
_BUTTON = f"""([names, words]) => {{ {_SAYS}
  const sends = e => e.type === 'submit' && !e.disabled;
  const fitting = [...document.forms].filter(f => names.every(n => [...f.elements].some(e => e.name === n)));
  for (const fits of [e => says(e) === words, e => says(e).includes(words)])
    for (const form of fitting)
      for (const e of form.elements) if (sends(e) && fits(e)) return e;
  return null;
}}"""
_OFFERED = f"""() => {{ {_SAYS}
  return [...document.querySelectorAll('button[type=submit], input[type=submit]')].map(says) }}"""
_LINK = f"""([words, after]) => {{ {_SAYS}
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let start = null;
  while (after && !start && walk.nextNode()) if (folded(walk.currentNode.data).includes(after)) start = walk.currentNode;
  if (after && !start) return null;
  const later = e => !start || start.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING;
  const found = [...document.querySelectorAll('a[href]')].filter(e => says(e).includes(words) && later(e));
  return found.find(e => e.checkVisibility()) || found[0] || null;
}}"""
_WORDS_OF = """e => {
  const words = e.labels && e.labels[0], box = e.getBoundingClientRect(), over = words && words.getBoundingClientRect();
  return words && !(box.left <= over.left && box.right >= over.right && box.top <= over.top) ? words : null;
}"""
_OPEN = "e => { for (let d = e.closest('details'); d; d = d.parentElement.closest('details')) d.open = true }"
_TEXT = """() => {
  const words = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode())
    if (!walk.currentNode.parentElement.closest('script, style, template, textarea')) words.push(walk.currentNode.data);
  return words.join(' ').replace(/\\s+/g, ' ').trim();
}"""
_VALUES = """() => {
  const held = {};
  for (const form of document.forms)
    for (const e of form.elements) {
      if (!e.name || e.type === 'submit') continue;
      if (e.type === 'radio' || e.type === 'checkbox') held[e.name] = e.checked ? e.value : held[e.name] || null;
      else held[e.name] = e.type === 'file' ? null : e.value;
    }
  return Object.entries(held);
}"""
_TWICE = """async button => {
  const body = new URLSearchParams(new FormData(button.form, button));
  const send = () => fetch(button.form.action, {method: 'POST', body}).then(a => [new URL(a.url).pathname, a.status]);
  return await Promise.all([send(), send()]) }"""
_FETCH = "path => fetch(path, {headers: {Accept: 'application/json'}}).then(answer => answer.json())"


class Watch:
    """What went wrong on a page without anybody seeing it: script and policy errors, foreign hosts, missing files."""

    def __init__(self, page: Page, site: str) -> None:
        self.problems: list[str] = []
        self.statuses: list[int] = []
        self._site = site
        self._page = page
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def take(self) -> list[str]:
        """The problems since the last call."""
        found, self.problems = self.problems, []
        return found

    def _said(self, message: Any) -> None:
        # A page that answers 4xx also says so on the console; statuses are judged where they are expected.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self._site}/", "data:", "blob:")):
            self.problems.append(f"foreign host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self._page.main_frame:
            self.statuses.append(response.status)
        elif response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")


class BrowserHand:
    """One person with a browser window of their own."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        who: str,
        width: int = 1280,
        look: "Callable[[BrowserHand], None] | None" = None,
    ) -> None:
        self.url, self.who, self._look = url.rstrip("/"), who, look
        self.context: BrowserContext = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
        self.context.set_default_timeout(WAIT)
        self.page = self.context.new_page()
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.watch = Watch(self.page, self.url)
        self._filled: dict[str, Any] = {}

    @property
    def at(self) -> str:
        """Address of the page, '' before the first."""
        return "" if self.page.url == "about:blank" else self.page.url

    @property
    def status(self) -> int:
        """Status of the page's answer."""
        return self.watch.statuses[-1] if self.watch.statuses else 0

    def go(self, path: str) -> None:
        """Open a page; an error page is a page too."""
        self._filled = {}
        self.page.goto(urljoin(f"{self.at or self.url}/", path) if "://" not in path else path)
        self._arrived()

    def start(self, path: str) -> None:
        """Open an address of the site."""
        self.go(self.url + path)

    def fill(self, **fields: Any) -> None:
        """Write into fields by name; a file is a pair (name, bytes), a list ticks several boxes.

        Raises StoryFailed when no form of the page has such a field. The keys are struck when the button is known.
        """
        forms = self.page.evaluate(_NAMES)
        for name in fields:
            if not any(name in names for names in forms):
                raise StoryFailed(f"{self.who}: {self.at}: 没有这一栏 no field {name!r} in {forms}")
        self._filled.update(fields)

    def press(self, words: str) -> None:
        """Press the first button that says these words, in the form that holds what was filled."""
        button = self._ready(words)
        with self._leaving(button):
            button.click()
        self._arrived()

    def press_twice(self, words: str) -> list[tuple[str, int]]:
        """Send the same form twice at once, as an impatient finger does; answers where each answer led, with its
        status."""
        return [(path, status) for path, status in self._ready(words).evaluate(_TWICE)]

    def follow(self, words: str, after: str = "") -> None:
        """Follow the first link that says these words and stands after others, when given; one that is in sight before
        one in a closed menu."""
        link = self.page.evaluate_handle(_LINK, [folded(words), folded(after)]).as_element()
        if link is None:
            raise StoryFailed(f"{self.who}: {self.at}: 没有链接 no link {words!r}; {self.text()[:800]}")
        self._filled = {}
        link.evaluate(_OPEN)
        if not link.is_visible():  # in the other menu of a narrow or wide window
            self.go(str(link.evaluate("e => e.href")))
            return
        with self._leaving(link):
            link.click()
        self._arrived()

    def see(self, *words: str) -> None:
        """The page says all of these; raises StoryFailed naming what is missing."""
        text = self.text()
        missing = [word for word in words if folded(word) not in text]
        if missing:
            raise StoryFailed(f"{self.who}: {self.at} ({self.status}): 没看到 not seen {missing}; {text[:1500]}")

    def sees(self, word: str) -> bool:
        """Does the page say this?"""
        return folded(word) in self.text()

    def values(self) -> dict[str, str | None]:
        """What stands in the fields of the page by name; of a name that occurs twice, the last."""
        return dict(self.page.evaluate(_VALUES))

    def text(self) -> str:
        """All words of the page."""
        return folded(str(self.page.evaluate(_TEXT)))

    def json(self, path: str) -> Any:
        """A JSON answer."""
        if not self.at:
            self.start("/")
        return self.page.evaluate(_FETCH, path)

    def path(self) -> str:
        """Path of the page, without host."""
        return urlsplit(self.at).path

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def _arrived(self) -> None:
        if self._look:
            self._look(self)

    def _ready(self, words: str) -> ElementHandle:
        """Find the button, strike the keys, open what hides it."""
        button = self.page.evaluate_handle(_BUTTON, [list(self._filled), folded(words)]).as_element()
        if button is None:
            offered = self.page.evaluate(_OFFERED)
            raise StoryFailed(
                f"{self.who}: {self.at} ({self.status}): 没有按钮 no button {words!r}; {offered}; {self.text()[:800]}"
            )
        for name, value in self._filled.items():
            self._write(button, name, value)
        self._filled = {}
        button.evaluate(_OPEN)
        return button

    def _write(self, button: ElementHandle, name: str, value: Any) -> None:
        script = "(b, name) => [...b.form.elements].filter(e => e.name === name)"
        fields = button.evaluate_handle(script, name).get_properties().values()
        found = [field for each in fields if (field := each.as_element())]
        kind = str(found[0].evaluate("e => e.type"))
        for field in found:
            field.evaluate(_OPEN)
        if kind in ("checkbox", "radio"):
            wanted = [str(each) for each in (value if isinstance(value, list | tuple | set) else [value])]
            for field in found:
                on = value is True or field.evaluate("e => e.value") in wanted
                if field.is_checked() != on and (on or kind == "checkbox"):
                    self._tick(field, name)
        elif kind == "file":
            filename, content = value
            mime = mimetypes.guess_type(filename)[0] or "application/octet-stream"
            found[0].set_input_files({"name": filename, "mimeType": mime, "buffer": content})
        elif kind.startswith("select"):
            self._choose(found[0], name, str(value))
        elif kind == "hidden":
            raise StoryFailed(f"{self.who}: {self.at}: {name} 看不见 is a hidden field")
        else:
            found[0].fill(str(value))

    def _tick(self, field: ElementHandle, name: str) -> None:
        """Point at a box that lies over its words, else at the words, and click."""
        words = field.evaluate_handle(_WORDS_OF).as_element()
        before = field.is_checked()
        (words or field).click()
        if field.is_checked() == before:
            raise StoryFailed(f"{self.who}: {self.at}: {name} 点不动 a click does not change it")

    def _choose(self, field: ElementHandle, name: str, wanted: str) -> None:
        """Choose by value or by words."""
        options = field.evaluate("e => [...e.options].map(o => [o.value, o.textContent])")
        exact = [value for value, _said in options if value == wanted]
        found = exact or [value for value, said in options if wanted and folded(wanted) in folded(said)]
        if not found:
            raise StoryFailed(f"{self.who}: {self.at}: {name} has no choice {wanted!r}: {options}")
        field.select_option(value=found[0])

    @contextmanager
    def _leaving(self, element: ElementHandle) -> Iterator[None]:
        """Wait for what a click brings: the next page, or with htmx a piece of this one."""
        piece = element.evaluate("e => !!e.closest('[hx-post], [hx-get]')")
        try:
            if piece:
                with self.page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
                    yield
                self.page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping')")
            else:
                with self.page.expect_navigation(wait_until="load"):
                    yield
        except BrowserError as error:
            raise StoryFailed(f"{self.who}: {self.at}: {error}") from error


def race(pairs: list[tuple[BrowserHand, str]]) -> None:
    """Several people press their buttons in the same moment; returns when each has its next page."""
    buttons = [(hand, hand._ready(words)) for hand, words in pairs]
    with ExitStack() as waits:
        for hand, button in buttons:
            waits.enter_context(hand._leaving(button))
        for _hand, button in buttons:
            button.evaluate("e => { setTimeout(() => e.click()) }")  # do not wait for one before the other
    for hand, _button in buttons:
        hand._arrived()
