"""When a benefit that a family receives is in force, when it ends, and what is wrong with a period. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from rongjiu.codes import N_

WHOLE = "household"
"""Subject of a benefit that the household has as a whole."""
EARLIEST = date(1990, 1, 1)
LONGEST = timedelta(days=40 * 366)
AHEAD = timedelta(days=800)
"""How far ahead a benefit that was granted may begin."""
GROUND_LONGEST = 200
Status = Literal["enrolled", "not-enrolled", "on-waitlist"]


class Entry(Protocol):
    """What an entry of the register says of its time."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The last day; None = not known."""

    @property
    def waiting(self) -> bool:
        """In line, not received."""

    @property
    def struck_at(self) -> datetime | None:
        """When it was struck out as entered in error."""


@dataclass(frozen=True, slots=True)
class Held:
    """One benefit somebody receives: the policy, the person's id or WHOLE, the first and the last day (None = not
    known, or without an end)."""

    policy: str
    subject: str
    since: date | None = None
    until: date | None = None
    unchecked: bool = False
    """Only told at the door: it counts, and whoever reads that it does must see that nobody has checked it."""
    waiting: bool = False
    """Not received: in line for it since its first day."""


def in_force(held: Held, day: date) -> bool:
    """Is it received on that day? The last day still counts; who waits in line for it does not receive it."""
    return not held.waiting and _within(held, day)


def waits(held: Held, day: date) -> bool:
    """Is somebody in line for it on that day?"""
    return held.waiting and _within(held, day)


def status(row: Entry, day: date) -> Status:
    """What an entry says on a day: enrolled, not-enrolled (not yet, no longer, struck out) or on-waitlist, the codes of the
    ProgramEnrollmentStatus of the Gravity Project's SDOH Clinical Care guide."""
    if row.struck_at is not None or not _within(row, day):
        return "not-enrolled"
    return "on-waitlist" if row.waiting else "enrolled"


def _within(held: Held | Entry, day: date) -> bool:
    return (held.since is None or held.since <= day) and (held.until is None or day <= held.until)


def on(held: Iterable[Held], day: date) -> tuple[Held, ...]:
    """What is received on a day."""
    return tuple(each for each in held if in_force(each, day))


def ends(held: Iterable[Held]) -> list[tuple[date, Held]]:
    """The first day without each benefit that ends, in order; one that goes on by another entry does not end,
    nor does one that is only waited for."""
    every = tuple(held)
    found = []
    for each in every:
        if each.until is None or each.waiting:
            continue
        day = each.until + timedelta(days=1)
        if not any((one.policy, one.subject) == (each.policy, each.subject) for one in on(every, day)):
            found.append((day, each))
    return sorted(found, key=lambda pair: (pair[0], pair[1].policy, pair[1].subject))


def period_fault(since: date | None, until: date | None, today: date) -> tuple[str, str] | None:
    """The field that is wrong, since | until, and what to write instead; None when the period can be."""
    if since is None:
        return "since", N_("请填从哪天起享受；记不清就填那一年的 1 月 1 日。")
    if not EARLIEST <= since <= today + AHEAD:
        return "since", N_("开始日期请填 1990 年以后，最多晚于今天两年。")
    if until is not None and until < since:
        return "until", N_("到期日期不能早于开始日期。")
    if until is not None and until - since > LONGEST:
        return "until", N_("到期日期太远了，请再看一眼；没有期限就空着。")
    return None


def overlaps(one: Held, other: Held) -> bool:
    """Do two entries say the same benefit of the same subject for some day?"""
    if (one.policy, one.subject) != (other.policy, other.subject):
        return False
    starts, stops = (one.since or date.min, other.since or date.min), (one.until or date.max, other.until or date.max)
    return max(starts) <= min(stops)
