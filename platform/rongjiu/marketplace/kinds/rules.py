"""Decisions about what some kinds of providers have, without a database."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rongjiu.clock import ZONE
from rongjiu.marketplace.rules import WEEKDAYS

CLOSE = 1500
"""Metres that can be walked in a quarter of an hour or so (product default)."""
DRILL_DAYS = 183
"""Days for which a drill counts: one each half-year (product default, after the half-yearly drills on site that
生产安全事故应急预案管理办法 art. 33 asks of units at risk)."""


def on_call(days: Collection[str], since: time, until: time, moment: datetime) -> bool:
    """Is somebody on call at a moment? A shift that ends before it begins goes on into the next morning; one that ends
    when it begins lasts the whole day."""
    local = moment.astimezone(ZONE)
    today, before = WEEKDAYS[local.weekday()], WEEKDAYS[(local - timedelta(days=1)).weekday()]
    at = local.time()
    if since == until:
        return today in days
    if since < until:
        return today in days and since <= at < until
    return (today in days and at >= since) or (before in days and at < until)


def drilled(last: date | None, day: date) -> bool:
    """Does the last drill still count?"""
    return last is not None and last <= day <= last + timedelta(days=DRILL_DAYS)


@dataclass(frozen=True, slots=True)
class Hours:
    """So many hours a week on these days between these times; what is empty is open."""

    a_week: int | None = None
    days: tuple[str, ...] = ()
    since: time | None = None
    until: time | None = None


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether work fits whoever cares for somebody, what speaks for it and what against, as codes."""

    fits: bool
    reasons: tuple[str, ...]
    against: tuple[str, ...]


def job_fits(work: Hours, wanted: Hours, *, fits_care: bool, metres: int | None) -> Fit:
    """Does work fit the hours that a carer wants? What the work leaves open fits; what the carer left open is no reason
    against it."""
    checks = (
        ("hours", wanted.a_week is not None, (work.a_week or 0) <= (wanted.a_week or 0)),
        ("days", bool(wanted.days), set(work.days) <= set(wanted.days)),
        ("times", wanted.since is not None or wanted.until is not None, _within(work, wanted)),
    )
    reasons = [f"{name}_fit" for name, asked, met in checks if asked and met]
    against = [f"{name}_clash" for name, asked, met in checks if asked and not met]
    if fits_care:
        reasons.insert(0, "fits_care")
    if metres is not None and metres <= CLOSE:
        reasons.append("close")
    return Fit(not against and (fits_care or bool(reasons)), tuple(reasons), tuple(against))


def _within(work: Hours, wanted: Hours) -> bool:
    if work.since is None or work.until is None:
        return True
    early = wanted.since is None or work.since >= wanted.since
    late = wanted.until is None or work.until <= wanted.until
    return early and late and work.since < work.until
