"""One clock: UTC inside, Asia/Shanghai on the wall."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date on the wall in Xi'an."""
    return datetime.now(ZONE).date()
