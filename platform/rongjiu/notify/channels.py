"""The ways a message leaves the house, behind one interface; which ones there are, an installation's settings say."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

from flask import current_app
from sqlalchemy import update

from rongjiu.config import Settings
from rongjiu.db import db
from rongjiu.notify.models import Message
from rongjiu.notify.refusals import Down
from rongjiu.notify.vendors import AliyunSms, WeChatTemplate


class Channel(Protocol):
    """Hands one text to one address. `key` is the provider key: the same message never comes under two keys unless
    the vendor has refused the first for certain. Raises Down or Bounced."""

    def send(self, address: str, text: str, key: str) -> None:
        """Hand over."""


@dataclass(frozen=True, slots=True)
class Local:
    """Takes every message into the database, in the transaction that marks it sent: exactly once, whatever dies."""

    def send(self, address: str, text: str, key: str) -> None:  # noqa: ARG002
        """Count it at its row."""
        mine = update(Message).where(Message.id == UUID(key.partition("_")[0]))
        db.session.execute(mine.values(captured=Message.captured + 1), execution_options={"synchronize_session": False})


@dataclass(frozen=True, slots=True)
class ByApprise:
    """A channel that Apprise knows, such as mailtos, wecom, dingtalk. `url` is its address with {to} for the person's."""

    url: str
    title: str

    def send(self, address: str, text: str, key: str) -> None:  # noqa: ARG002  these services know no key
        """Hand over; Apprise answers yes or no and never why."""
        import apprise  # 0.3 s to import; only a message that leaves by it needs it

        sender = apprise.Apprise()
        if not sender.add(self.url.replace("{to}", quote(address, safe=""))):
            raise Down("settings", certain=True)
        if not sender.notify(title=self.title, body=text):
            raise Down("refused")


NAMES = {"sms": "notify_sms", "wechat": "notify_wechat", "wecom": "notify_wecom", "dingtalk": "notify_dingtalk", "email": "notify_email"}  # fmt: skip


def configured() -> frozenset[str]:
    """Names of the channels this installation has; empty = all messages stay in the local one."""
    settings: Settings = current_app.config["SETTINGS"]
    return frozenset(name for name, setting in NAMES.items() if getattr(settings, setting))


def is_local(name: str) -> bool:
    """Does nothing stand behind this channel but the database?"""
    return not getattr(current_app.config["SETTINGS"], NAMES[name]) and name not in current_app.extensions.get(
        "rongjiu.channels", {}
    )


def known(name: str) -> bool:
    """Can what the settings say of a channel be understood?"""
    try:
        of(name)
    except ValueError:
        return False
    return True


def of(name: str) -> Channel:
    """The channel of that name; the local one where nothing is set or `local:` is. Raises ValueError when the setting
    cannot be understood."""
    given: Channel | None = current_app.extensions.get("rongjiu.channels", {}).get(name)
    if given is not None:
        return given
    settings: Settings = current_app.config["SETTINGS"]
    url = str(getattr(settings, NAMES[name]))
    if url in ("", "local:"):
        return Local()
    return _built(name, url)


@lru_cache(maxsize=16)
def _built(name: str, url: str) -> Channel:
    """Built once, because a WeChat channel keeps its pass."""
    if name == "sms":
        return AliyunSms.read(url)
    if name == "wechat":
        return WeChatTemplate.read(url)
    if "{to}" not in url or "://" not in url:
        raise ValueError(name)
    return ByApprise(url, "融救联助")
