"""Reminders of visits, and what this room listens to below."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.db import db
from rongjiu.facts import subscribe
from rongjiu.nightly import chore
from tenants.accompaniment import alarms, rounds, work
from tenants.accompaniment.facts import VisitMissed
from tenants.accompaniment.models import Visit
from tenants.referrals.facts import TasksEnded


@outbox.effect("accompaniment.remind")
def remind(payload: dict[str, Any]) -> None:
    """A day before a visit that repeats: the provider gets a fresh link to its job (timer visit-reminder)."""
    query = select(Visit.task_id).where(Visit.id == UUID(payload["visit"]), Visit.state == "planned")
    task_id = db.session.scalar(query)
    if task_id is not None:
        key = f"visit-link-{payload['visit']}"
        outbox.put("referrals.job_link", {"tasks": [str(task_id)], "key": key}, key=key)


@outbox.effect("accompaniment.accompany")
def accompany(payload: dict[str, Any]) -> None:
    """There is help: the family is looked in on every month from now on."""
    rounds.accompany(UUID(payload["case"]))


@chore("accompaniment.horizon")
def horizon() -> None:
    """Plan the visits of every round as far ahead as the horizon goes."""
    rounds.fill_all()


@chore("accompaniment.overdue")
def overdue() -> None:
    """Tell of visits that nobody made."""
    alarms.overdue()


subscribe(TasksEnded, work.stop)
subscribe(VisitMissed, alarms.missed)
