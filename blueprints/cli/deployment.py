"""What the doctor looks at around the database: settings, Redis, folders, packages."""

import json
import tempfile
from hashlib import sha256

import redis
from flask import current_app

from rongjiu.config import Settings
from rongjiu.notify import channels
from rongjiu.paths import ROOT
from rongjiu.relay import Relay

OK = ("", "")
PATIENCE = 60.0
"""Seconds an effect may be overdue before the doctor calls it wrong."""


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def settings() -> tuple[str, str]:
    """Keys are long enough; a real installation is reached by https."""
    now = _settings()
    if len(now.secret_key) < 32:
        return "RONGJIU_SECRET_KEY is shorter than 32 characters", "openssl rand -base64 48"
    if not now.demo and not now.public_url.startswith("https://") and "127.0.0.1" not in now.public_url:
        return "RONGJIU_PUBLIC_URL is not https", "Put TLS in front (deploy/nginx.conf) and set the address."
    if now.public_url.startswith("https://") and not now.proxies:
        return "limits and audit see the proxy's address", "Set RONGJIU_PROXIES to the number of proxies in front: 1."
    return OK


def redis_answers() -> tuple[str, str]:
    """Redis (or Valkey) answers."""
    client = redis.Redis.from_url(_settings().redis_url, socket_timeout=2)
    try:
        client.ping()
        return OK
    except redis.RedisError as error:
        return type(error).__name__, "Start Redis or mend REDIS_URL; nothing is lost meanwhile."
    finally:
        client.close()


def backlog() -> tuple[str, str]:
    """No effect has been due for long."""
    now = _settings()
    waiting, oldest = Relay(now.database_relay_url, now.redis_url).backlog()
    if oldest <= PATIENCE:
        return OK
    return (
        f"{waiting} effects wait, the oldest for {oldest:.0f} s",
        "Start relay and workers: python -m rongjiu.relay, python -m blueprints.worker",
    )


def messages() -> tuple[str, str]:
    """Every channel that is set can be understood, and one reaches telephones. A demo shows messages on its sample phone."""
    wrong = [channels.NAMES[name].upper() for name in sorted(channels.configured()) if not channels.known(name)]
    if wrong:
        return (
            f"cannot be understood: {', '.join(f'RONGJIU_{name}' for name in wrong)}",
            "See README, section on messages.",
        )
    if _settings().demo or not channels.is_local("sms"):
        return OK
    have = ", ".join(sorted(channels.configured())) or "none"
    return (
        f"no SMS gateway (channels: {have}): messages to telephones stay in the database",
        "Set RONGJIU_NOTIFY_SMS before staff are invited by phone.",
    )


def channels_set() -> str:
    """What the doctor says beside a healthy `messages`: the channels in use."""
    return "channels: " + (", ".join(sorted(channels.configured())) or "local only")


def files() -> tuple[str, str]:
    """The folder of files can be written."""
    folder = _settings().data_dir / "files"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            return OK
    except OSError as error:
        return f"{folder}: {error.strerror}", "Give the folder to the user that runs the web process."


def vendor() -> tuple[str, str]:
    """The front-end packages are there, byte for byte."""
    root = ROOT / "blueprints" / "static" / "vendor"
    remedy = "Run: python deploy/prepare.py"
    if not (root / "manifest.json").is_file():
        return "not fetched", remedy
    for package in json.loads((root / "manifest.json").read_text("utf-8")).values():
        for name, digest in package["sha256"].items():
            file = root / name
            if not file.is_file() or sha256(file.read_bytes()).hexdigest() != digest:
                return f"{name} is missing or changed", remedy
    return OK
