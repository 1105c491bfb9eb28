"""What a family saves a month and when it is looked at again. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from math import ceil
from uuid import UUID

from rongjiu.codes import N_
from rongjiu.workdays import add_months
from tenants.accompaniment.rules import next_day

MOST = Decimal(100_000)
LABEL_LIMIT = 60
SOURCE_LIMIT = 200
MOST_UNPRICED = 20
RESULTS = ("solved", "partly", "not_solved", "unknown")
VOICES = ("worker", "resident", "audit")
"""Whose word weighs more comes later: a worker says what the family has not said, an audit asks the family anew."""
WORDS_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Saving:
    """One part of a saving: what, CNY a month, and where the figure comes from."""

    label: str
    amount: Decimal | None
    source: str
    high: Decimal | None = None
    """The upper end when the market price is a range; None = one price."""


def faults(savings: Sequence[Saving]) -> tuple[str, str] | None:
    """Field and words of the first thing wrong with the parts, or None: each has a name, an amount and a source."""
    for number, row in enumerate(savings):
        if not row.label.strip() or len(row.label) > LABEL_LIMIT:
            return f"savings-{number}-label", N_("请写这一项省在哪里。")
        if row.amount is None or not 0 < row.amount <= MOST:
            return f"savings-{number}-amount", N_("金额请写大于 0 的数,单位元/月。")
        if row.high is not None and not row.amount <= row.high <= MOST:
            return f"savings-{number}-high", N_("到多少要大于等于从多少，单位元/月。")
        if not row.source.strip() or len(row.source) > SOURCE_LIMIT:
            return f"savings-{number}-source", N_("请写这个数从哪里来,例如“医院价目 2022-08”。")
    return None


def total(savings: Sequence[Saving]) -> Decimal:
    """The sum a month."""
    return sum((row.amount for row in savings if row.amount is not None), Decimal(0))


def total_high(savings: Sequence[Saving]) -> Decimal:
    """The upper end of the sum a month."""
    return sum((row.high or row.amount for row in savings if row.amount is not None), Decimal(0))


def unpriced_badly(labels: Sequence[str]) -> str | None:
    """What is wrong with the list of help without a price, or None: at most 20 lines of 60 signs."""
    if len(labels) > MOST_UNPRICED or any(len(label) > LABEL_LIMIT for label in labels):
        return N_("每行写一项，最多 20 项，每项 60 个字以内。")
    return None


def follow_ups(first_day: date, months: Sequence[int], repeats: Sequence[tuple[str, date]] = ()) -> list[date]:
    """The days of the later looks, counted from the first day of help (timers follow-up-1, follow-up-2).

    Of what repeats (recurrence, its first day) it is only seen whether it goes on when it was to come again: the first
    look is not before every service's next time, the second not before the time after that. A recurrence that has ended
    holds nothing back. Source: referral flow 4.3, "follow-up dates are created from the service's recurrence".
    """
    return [
        max([add_months(first_day, count), *_nth_times(first_day, turn, repeats)])
        for turn, count in enumerate(months, 1)
    ]


def _nth_times(first_day: date, turn: int, repeats: Sequence[tuple[str, date]]) -> list[date]:
    """For each recurrence its so-manieth day after the first day of help, where it has one."""
    found = []
    for rule, from_on in repeats:
        day: date | None = first_day
        for _each in range(turn):
            day = next_day(rule, from_on, day) if day else None
        if day:
            found.append(day)
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says of one need."""

    result: str
    stars: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """What was said of one need, by whom, how and when."""

    result: str
    by: str
    source: str
    stars: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Rates:
    """Counts of work: claimed by the provider, confirmed by the family, audited, audited with the same result."""

    claimed: int
    confirmed: int
    audited: int
    agreed: int

    @staticmethod
    def percent(part: int, whole: int) -> int | None:
        """A share in whole percent; None of nothing."""
        return round(100 * part / whole) if whole else None


def said_badly(said: Said) -> tuple[str, str] | None:
    """Field and words of what is wrong with an answer, or None."""
    if said.result not in RESULTS:
        return "answers", N_("请为每一项选一个答案。")
    if said.stars is not None and not 1 <= said.stars <= 5:
        return "stars", N_("请选 1 到 5 颗星。")
    if len(said.words) > WORDS_LIMIT:
        return "words", N_("请写短一点，500 字以内。")
    return None


def overrules(by: str, result: str, by_before: str, before: str) -> bool:
    """Does a new voice change the result of a need? The same or a stronger voice does; "unknown" never hides an answer."""
    if not before or not by_before:
        return True
    if result == "unknown" and before != "unknown":
        return False
    return VOICES.index(by) >= VOICES.index(by_before)


def sample(
    ids: Sequence[UUID], percent: int, least: int, seed: str, always: Collection[UUID] = frozenset()
) -> list[UUID]:
    """Draw from closed cases: that percentage rounded up, never fewer than `least` while there are so many; those of
    `always` come in whole, beside the lot.

    The same ids, percentage and seed give the same sample in the same order, whatever order the ids come in.
    """
    wanted = min(len(ids), max(least, ceil(len(ids) * percent / 100)))
    order = sorted(ids, key=lambda each: sha256(f"{seed}|{each}".encode()).digest())
    return [*order[:wanted], *(each for each in order[wanted:] if each in always)]
