"""Benefits that end: on the list before their last day with what comes after it, off it again when they are renewed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu.db import db
from tenants.benefits.rules import WHOLE, ends
from tenants.rescreening import judging, rules
from tenants.rescreening.judging import Home, Judge
from tenants.rescreening.models import VerdictChange

CAUSE = "benefit"
Row = dict[str, Any]


def days(home: Home) -> frozenset[date]:
    """The first days without something that is received now or later."""
    return frozenset(day for day, _each in ends(home.held)) if home.held else frozenset()


def rows(judge_: Judge, home: Home, today: date, until: date, common: Mapping[str, Any]) -> list[Row]:
    """The changes to write for benefits that end up to `until`, or ended just now; with what the family stands at on the
    first day without."""
    if not home.held:
        return []
    here = {one.id for one in home.people} | {WHOLE}
    found = list[Row]()
    for change in rules.endings(home.held, today, until):
        if change.subject in here:
            stands = judge_.standing(home, max(change.on, today)).get(change.subject, {})
            after = rules.RENEW if rules.stays_open(stands, change.policy) else rules.GONE
            subject = judging.subject_of(change.subject, home)
            found += judging.written(home, subject, [change], {**common, "cause": CAUSE, "detail": after})
    return found


def forget(homes: Iterable[Home], ids: Collection[UUID]) -> None:
    """Take off the list what nobody has settled yet and no longer ends on its day: renewed, changed or struck out.

    Such a row is removed, not kept as over: were the end set back to the same day, it must come onto the list again.
    """
    known = {home.id: days(home) for home in homes}
    v = VerdictChange
    waiting = db.session.execute(
        select(v.id, v.household_id, v.on_date).where(v.household_id.in_(ids), v.state == "open", v.cause == CAUSE)
    )
    gone = [row.id for row in waiting if row.on_date not in known.get(row.household_id, ())]
    if gone:
        db.session.execute(delete(v).where(v.id.in_(gone)))
