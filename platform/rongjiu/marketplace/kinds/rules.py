"""Decisions about what some kinds of providers have, without a database."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from rongjiu.clock import ZONE
from rongjiu.marketplace.rules import WEEKDAYS

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
