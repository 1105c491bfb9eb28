"""When and by which way a message goes out: pure decisions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from rongjiu.clock import ZONE

URGENT = frozenset({"code", "emergency", "provider_stop"})
"""Purposes that quiet hours and digests do not hold: somebody waits at a screen, is in danger, or must turn back."""
UNKEPT = frozenset({"code"})
"""Purposes that never stand in an inbox."""
BOUNCES = 3
"""Bounces in a row after which an address is not used any more; product default."""
DIGEST_AT = time(8, 30)
"""When a day's digest goes out, Beijing time; product default."""
LONGEST = timedelta(hours=24)
"""How long a channel that is away is tried before the next one is taken."""
_PAUSES = (1, 2, 5, 10, 15, 30)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours without messages, by the wall clock; equal ends = none. Default: timers.json quiet-hours."""

    begins: time = time(21)
    ends: time = time(8)

    def until(self, moment: datetime) -> datetime | None:
        """When a message may go out that was written now, or None when it may at once."""
        local = moment.astimezone(ZONE)
        clock = local.time().replace(tzinfo=None)
        if self.begins == self.ends:
            return None
        if self.begins < self.ends:
            inside = self.begins <= clock < self.ends
        else:
            inside = clock >= self.begins or clock < self.ends
        if not inside:
            return None
        day = local.date() + timedelta(days=1) * (clock >= self.ends)
        return datetime.combine(day, self.ends, ZONE)


def pause(tries: int) -> timedelta:
    """How long after the n-th try (from 1) a channel that is away is tried again."""
    return timedelta(minutes=_PAUSES[min(tries, len(_PAUSES)) - 1])


def next_digest(moment: datetime) -> datetime:
    """The next digest after a moment."""
    local = moment.astimezone(ZONE)
    day = local.date() + timedelta(days=1) * (local.time().replace(tzinfo=None) >= DIGEST_AT)
    return datetime.combine(day, DIGEST_AT, ZONE)


def way(
    addresses: Mapping[str, str], wished: Sequence[str], configured: Collection[str], dead: Collection[str],
    used: Collection[str] = (),
) -> str | None:  # fmt: skip
    """The channel to take: the first one wished for which there is a living address that was not tried, and that this
    installation has; with none configured the local one serves every address. None when nothing is left."""
    for name in [*wished, *(each for each in addresses if each not in wished)]:
        known = name in addresses and name not in dead and name not in used
        if known and (not configured or name in configured):
            return name
    return None
