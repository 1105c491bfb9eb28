"""The one story of the product, from a merchant's first message to the numbers of the district: said once here,
walked by `flask demo check` over plain HTTP and by the browser test in Chromium."""

import importlib
import json
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask

from blueprints.cli.demo import people
from blueprints.cli.story.hand import StoryFailed
from blueprints.cli.story.page import folded
from rongjiu import workdays
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db
from rongjiu.notify import queries

PARTS = ("merchant", "family", "judging", "offers", "departments", "result", "founding", "neighbour", "race", "numbers")
"""Modules `steps_<part>` in the order of the story; each has `STEPS`."""
ARRIVES_WITHIN = 20.0  # seconds for a message to go through outbox, relay and worker


Race = Callable[[list[tuple[Any, str]]], None]
"""Lets several hands press their buttons in the same moment.

A hand is blueprints.cli.story.hand.Hand or, with the same verbs, tests.stories.browser.BrowserHand."""


class Story:
    """The people of one walk, what they remember from step to step, and what was seen."""

    def __init__(self, app: Flask, hand: Callable[[str], Any], race: Race, say: Callable[[str], None] = print) -> None:
        self._app, self._hand, self.race, self._say = app, hand, race, say
        self._data = Path(app.config["SETTINGS"].data_dir)
        self._logins = json.loads((self._data / "logins.json").read_text())
        self._people: dict[str, Any] = {}
        self._read = {(each.created_at, each.text) for each in self._messages()}
        self.known: dict[str, Any] = {}
        self.began = time.monotonic()
        self._number = 0

    def saw(self, *parts: str) -> None:
        """Print one line of what was seen."""
        self._number += 1
        self._say(f"  {self._number:>2}  {time.monotonic() - self.began:5.1f} s  {' · '.join(parts)}")

    @staticmethod
    def named(who: str) -> str:
        """How a persona is called on the product's pages; anybody else as the story calls them."""
        return next((each.name for each in people.PERSONAS if each.slug == who), who)

    def stranger(self, who: str) -> Any:
        """Somebody who was never here."""
        self._people[who] = self._hand(who)
        return self._people[who]

    def person(self, slug: str) -> Any:
        """A persona of the demo, logged in with password and, where the post asks for it, one-time code."""
        if slug in self._people:
            return self._people[slug]
        words = self._logins[slug]
        hand = self.stranger(slug)
        hand.start("/account/login")
        hand.fill(address=words["login"], password=words["password"])
        hand.press("登录")
        if hand.path() == "/account/second-factor":
            hand.fill(code=self.totp(slug))
            hand.press("确认")
        if hand.status >= 400 or hand.path().startswith("/account/"):
            raise StoryFailed(f"{slug}: 没登录上 not logged in: {hand.at} {hand.text()[:600]}")
        return hand

    def open(self, who: str, path: str) -> Any:
        """Go to a page; a person new at a post that asks for it sets up an authenticator first."""
        hand = self.person(who)
        hand.start(path)
        if hand.path() == "/account/places":
            hand.press("到这里工作")
        if hand.path() == "/account/second-factor":
            secret = re.search(r"密钥: ?((?:[A-Z2-7]{4} ?){6,8})", hand.text())
            if secret is None:
                raise StoryFailed(f"{who}: {hand.at}: 没有密钥 no secret to type: {hand.text()[:600]}")
            hand.fill(code=pyotp.TOTP(secret.group(1).replace(" ", "")).at(now()))
            hand.press("开启")
        return hand

    def totp(self, slug: str) -> str:
        """The present one-time code of a persona."""
        with self._app.app_context():
            secret = people.account(slug).totp_secret
            db.session.rollback()
        return pyotp.TOTP(secret or "").at(now())

    def chains(self) -> list[str]:
        """The audit chains, each with what its check says; raises StoryFailed when one is broken."""
        done = self._app.test_cli_runner().invoke(args=["audit", "verify"])
        if done.exit_code:
            raise StoryFailed(f"审计链断了 an audit chain is broken: {done.output}")
        return str(done.output).split("\n")[:-1]

    def held(self) -> list[str]:
        """Each community with what its look for unheld objects says; raises StoryFailed when something waits for nobody."""
        done = self._app.test_cli_runner().invoke(args=["oversight", "held"])
        if done.exit_code:
            raise StoryFailed(f"有事情没人接 something waits for nobody: {done.output}")
        return str(done.output).split("\n")[:-1]

    def message(self, phone: str, words: str) -> str:
        """The text of the newest unread message to a phone that says `words`; waits until it has arrived."""
        end, pause = time.monotonic() + ARRIVES_WITHIN, threading.Event()
        while time.monotonic() < end:
            found = [each for each in self._messages() if (each.created_at, each.text) not in self._read]
            for each in found:
                if each.address.endswith(phone) and folded(words) in folded(each.text):
                    self._read.add((each.created_at, each.text))
                    return each.text
            pause.wait(0.05)
        raise StoryFailed(f"没收到短信 no message to {phone} with {words!r}; {[(m.address, m.text) for m in found]}")

    def _messages(self) -> list[queries.Received]:
        with self._app.app_context():
            rows = queries.newest(60)
            db.session.rollback()
        return rows


def walk(story: Story) -> None:
    """Walk the whole story; raises StoryFailed at the first page that does not say what it should."""
    for part in PARTS:
        for step in importlib.import_module(f"blueprints.cli.story.steps_{part}").STEPS:
            step(story)


def due_words(days: int, hours: float | None = None, start: datetime | None = None) -> str:
    """How a page writes the end of so many working days from now, or of a provider's own hours where that is earlier:
    11月24日 周二 18:00."""
    begun = start or now()
    end = workdays.shortened(workdays.due(begun, "working_days", days), begun, hours).astimezone(ZONE)
    year = "" if end.year == today().year else f"{end.year}年"
    return f"{year}{end.month}月{end.day}日 周{'一二三四五六日'[end.weekday()]} {end:%H:%M}"
