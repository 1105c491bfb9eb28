"""Passwords, limits of a login: pure decisions (ASVS 5.0.0 level 2, chapters 6 and 7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

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
"""Street, platform and every role that may export (design of roles)."""
PRIVILEGED = frozenset({"operator", "district_overseer", "street_overseer", "street_acceptance", "street_vetting"})
FIELD = frozenset({"grid_worker", "volunteer", "volunteer_lead", "provider_owner", "provider_staff"})
_COMMON = frozenset(
    [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "88888888",
        "00000000",
        "qwertyui",
        "qwerty123",
        "abc12345",
        "a1234567",
        "password1",
        "1q2w3e4r",
        "1qaz2wsx",
        "iloveyou",
        "5201314520",
        "woaini1314",
        "asdfghjk",
        "zxcvbnm1",
        "admin123",
        "admin888",
        "shequ123",
        "jiedao123",
        "rongjiu1",
        "rongjiulianzhu",
        "huangyan",
        "huangyan123",
        "beilin123",
    ]
)


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
        return "密码至少 8 位,长一点更安全,可以用一句话。"
    if len(password) > MAX_PASSWORD:
        return "密码最长 128 位,请缩短一些。"
    folded = password.lower()
    if folded in _COMMON or len(set(folded)) < 3 or (name and folded == name.lower()):
        return "这个密码太常见,容易被猜到,请换一个。"
    return None


def wait_after(failures: int, now: datetime) -> datetime | None:
    """Until when an account waits after so many wrong passwords in a row; grows to 15 minutes, never for good."""
    if failures < FREE_TRIES:
        return None
    return now + timedelta(minutes=min(15, 2 ** (failures - FREE_TRIES)))
