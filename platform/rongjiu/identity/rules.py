"""Passwords, limits of a login: pure decisions (ASVS 5.0.0 level 2, chapters 6 and 7)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from rongjiu.codes import N_

MIN_PASSWORD = 8
MAX_PASSWORD = 128
FREE_TRIES = 10
"""Wrong passwords in a row before an account waits; it is never locked for good."""
SECOND_FACTOR_ROLES = frozenset(
    {
        "operator",
        "district_overseer",
        "street_overseer",
        "street_acceptance",
        "street_vetting",
        "secretary",
        "assistance_clerk",
    }
)
"""Street, platform and every role that may export."""
PRIVILEGED = frozenset({"operator", "district_overseer", "street_overseer", "street_acceptance", "street_vetting"})
FIELD = frozenset({"grid_worker", "volunteer", "volunteer_lead", "provider_owner", "provider_staff"})
COMMON_PASSWORDS = Path(__file__).parent / "common_passwords.txt"
"""The most used passwords of eight characters or more: the list that Django ships (Royce Williams, BSD licence),
with a few Chinese ones and our own names in front."""


_ADDED = re.compile(r"^[\W\d_]+|[\W\d_]+$")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(COMMON_PASSWORDS.read_text("utf-8").split())


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a login lasts: without a request, and in all."""

    idle: timedelta
    absolute: timedelta


def limits(role: str | None) -> Limits:
    """Idle and absolute length of a login session by role (timers idle-*, absolute-*)."""
    if role in PRIVILEGED:
        return Limits(timedelta(minutes=15), timedelta(hours=8))
    if role in FIELD:
        return Limits(timedelta(hours=12), timedelta(days=30))
    return Limits(timedelta(minutes=30), timedelta(hours=12))


def password_fault(password: str, name: str = "") -> str | None:
    """What is wrong with a new password, in words, or None. No composition rules, nothing trimmed."""
    if len(password) < MIN_PASSWORD:
        return N_("密码至少 8 位，长一点更安全，可以用一句话。")
    if len(password) > MAX_PASSWORD:
        return N_("密码最长 128 位，请缩短一些。")
    folded = password.lower()
    if folded in _common() or len(set(folded)) < 3 or (name and folded == name.lower()):
        return N_("这个密码太常见，容易被猜到，请换一个。")
    return None


def stem(password: str) -> str:
    """What is left of a password without the figures and signs that people add to a name: huangyan2026! → huangyan."""
    return _ADDED.sub("", password.lower())


def wait_after(failures: int, now: datetime) -> datetime | None:
    """Until when an account waits after so many wrong passwords in a row; grows to 15 minutes, never for good."""
    if failures < FREE_TRIES:
        return None
    return now + timedelta(minutes=min(15, 2 ** (failures - FREE_TRIES)))
