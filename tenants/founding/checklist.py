"""The checklist of a community in force: a planned day, a step done, a step taken back."""

from datetime import date

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from tenants.founding.models import ChecklistItem

BY_ITSELF = frozenset({"clone", "parameters"})
"""Steps that the system marks; nobody ticks them by hand."""


def _item(slug: str) -> ChecklistItem:
    row = db.session.scalar(select(ChecklistItem).where(ChecklistItem.slug == slug))
    if row is None:
        raise Absent
    return row


def plan(days: dict[str, date | None]) -> None:
    """Set or clear the planned day of steps that are not done; raises Absent for an unknown step."""
    for slug, day in days.items():
        row = _item(slug)
        if row.done_at is None and row.planned_on != day:
            row.planned_on = day
            audit.record("checklist.plan", "checklist_item", slug, day=day)


def mark(slug: str, *, done: bool) -> None:
    """Mark a step done or not done; raises Refused for one that the system marks by itself."""
    row = _item(slug)
    if slug in BY_ITSELF:
        raise Refused("这一项由系统按实际情况标记。")
    row.done_at = now() if done else None
    audit.record("checklist.mark", "checklist_item", slug, done=done)
