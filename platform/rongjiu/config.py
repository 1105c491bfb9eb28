"""Typed settings, read once at start from the environment or from a data folder."""

import base64
import binascii
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from rongjiu.datafolder import DataFolder
from rongjiu.paths import default_data

_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _said(name: str) -> str:
    """What the environment says: the variable, else the content of the file that NAME_FILE names; empty is unsaid."""
    path = os.environ.get(f"{name}_FILE")
    return os.environ.get(name) or (Path(path).read_text().strip() if path else "")


def _from(name: str, default: Any = "", read: Callable[[str], Any] = str, *, secret: bool = False) -> Any:
    """A setting that the variable `name` gives unless the caller does."""

    def value() -> Any:
        said = _said(name)
        try:
            return read(said) if said else default
        except (KeyError, ValueError):
            raise ValueError(f"{name} cannot be {said!r}" if not secret else f"{name} cannot be read") from None

    return field(default_factory=value, repr=not secret, metadata={"name": name})


def _switch(said: str) -> bool:
    return _SWITCH[said.lower()]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the outside decides. A setting NAME may also come as NAME_FILE, the path of a file that holds it.

    Raises ValueError when one cannot be what it is said to be.
    """

    database_url: str = _from("DATABASE_URL", secret=True)
    database_owner_url: str = _from("DATABASE_OWNER_URL", secret=True)
    database_relay_url: str = _from("DATABASE_RELAY_URL", secret=True)
    redis_url: str = _from("REDIS_URL", secret=True)
    secret_key: str = _from("RONGJIU_SECRET_KEY", secret=True)
    data_key: str = _from("RONGJIU_DATA_KEY", secret=True)
    data_dir: Path = field(default_factory=lambda: Path(_said("RONGJIU_DATA") or default_data()))
    demo: bool = _from("RONGJIU_DEMO", False, _switch)
    public_url: str = _from("RONGJIU_PUBLIC_URL", "http://127.0.0.1:8000")
    live_url: str = _from("RONGJIU_LIVE_URL")
    log_level: str = _from("RONGJIU_LOG_LEVEL", "INFO")
    notify_sms: str = _from("RONGJIU_NOTIFY_SMS", secret=True)
    """aliyun://KEYID:SECRET@sms?sign=SIGN&template=SMS_1&param=content; `local:` sends into the database by the outbox."""
    notify_wechat: str = _from("RONGJIU_NOTIFY_WECHAT", secret=True)
    """wechat://APPID:SECRET@template?id=TEMPLATE&word=thing1 (template messages of a service account)."""
    notify_wecom: str = _from("RONGJIU_NOTIFY_WECOM", secret=True)
    """An address of Apprise with {to} for the person's: wechat://CORP:SECRET@AGENT/{to}."""
    notify_dingtalk: str = _from("RONGJIU_NOTIFY_DINGTALK", secret=True)
    """dingtalk://SECRET@TOKEN/{to}"""
    notify_email: str = _from("RONGJIU_NOTIFY_EMAIL", secret=True)
    """mailtos://USER:PASSWORD@smtp.example.cn?from=USER@example.cn&to={to}"""
    proxies: int = _from("RONGJIU_PROXIES", 0, int)
    """How many of our own proxies stand in front: whose X-Forwarded-For is believed (limits and audit name a person's address)."""

    def __post_init__(self) -> None:
        for name in ("database_url", "database_owner_url", "database_relay_url"):
            object.__setattr__(self, name, _psycopg(getattr(self, name)))
        if self.proxies < 0:
            raise ValueError(f"RONGJIU_PROXIES cannot be {self.proxies}")
        _thirty_two_bytes(self.data_key)

    @classmethod
    def read(cls) -> Self:
        """Settings of this process; what the environment does not name comes from the data folder's own servers.

        Raises ValueError when the database is given but a key is missing: no key is ever invented for kept data.
        """
        given = cls()
        if given.database_url:
            needed = ("redis_url", "secret_key", "data_key")
            missing = [
                each.metadata["name"] for each in fields(cls) if each.name in needed and not getattr(given, each.name)
            ]
            if missing:
                raise ValueError(f"DATABASE_URL is set, so these must be set too: {', '.join(missing)}")
            return given
        return replace(given, **given._own(DataFolder(given.data_dir)))

    def _own(self, folder: DataFolder) -> dict[str, Any]:
        """What a data folder says where the environment was silent."""
        # Before the folder's first start there is nothing to protect yet: keys that live as long as the process.
        fresh = base64.b64encode(secrets.token_bytes(32)).decode()
        own = {
            "database_url": folder.url("app_user"),
            "database_owner_url": folder.url("app_owner"),
            "database_relay_url": folder.url("app_relay"),
            "redis_url": folder.redis_url(),
            "secret_key": folder.secret("secret_key") or fresh,
            "data_key": folder.secret("data_key") or fresh,
            "demo": folder.demo.exists(),
        }
        own = {name: value for name, value in own.items() if not getattr(self, name)}
        if not _said("RONGJIU_PUBLIC_URL") and folder.demo_address():
            own["public_url"] = folder.demo_address()
        return own

    @property
    def data_key_bytes(self) -> bytes:
        """The master key of field encryption, 32 bytes."""
        return base64.b64decode(self.data_key)

    @property
    def limiter_url(self) -> str:
        """The Redis address as Flask-Limiter spells it; it prints the password of a scheme it does not know."""
        return f"redis+{self.redis_url}" if self.redis_url.startswith("unix://") else self.redis_url


def _thirty_two_bytes(key: str) -> None:
    try:
        long = len(base64.b64decode(key, validate=True))
    except binascii.Error as error:
        raise ValueError("RONGJIU_DATA_KEY is not base64") from error
    if key and long != 32:
        raise ValueError(f"RONGJIU_DATA_KEY holds {long} bytes, 32 are needed: openssl rand -base64 32")


def _psycopg(url: str) -> str:
    """The driver is ours to choose; administrators write plain addresses."""
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url
