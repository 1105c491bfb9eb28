"""Rounds: how often a family of a special group is visited, when somebody was last there, and who is overdue."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, cast, func, or_, select
from sqlalchemy.dialects.postgresql import array

from rongjiu import workdays
from rongjiu.clock import ZONE, now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.finding import home_visits
from tenants.finding.models import HomeVisit
from tenants.residents import rules
from tenants.residents.models import Courtyard, Household, Person
from tenants.sweeps.models import SweepStop

BACK = 31
"""Days back that a visit may be written down."""


@dataclass(frozen=True, slots=True)
class Round:
    """One family to be visited again and again. `last` = the day somebody was there, None when nobody ever was; `alarm`
    = overdue by more than the share of its interval that the community bears (timer visit-overdue)."""

    household_id: UUID
    courtyard_id: UUID
    courtyard: str
    grid: str
    door: str
    every: str
    """weekly | monthly | quarterly: the strictest of the family's groups."""
    groups: tuple[str, ...]
    last: date | None
    due_on: date
    alarm: bool

    @property
    def late(self) -> bool:
        """Should somebody have been there by now?"""
        return self.due_on < today()


def due(courtyards: Collection[UUID] | None = None) -> list[Round]:
    """Families of groups with a frequency (of some courtyards only), the longest overdue first. Counted from the last
    visit, or the last sweep that met them, or their registration. Six statements, however many families."""
    tiers = {row["id"]: row["visit_default"] for row in catalogue.groups() if row.get("visit_default") in rules.VISITS}
    groups = _groups(tiers, courtyards)
    if not groups:
        return []
    last = _last(groups)
    timers, desk = catalogue.timers(), workdays.desk_day(catalogue.timers())
    waits = {tier: workdays.timer(timers, f"visit-{tier}") for tier in rules.VISITS}
    share = next((row["value"] for row in timers if row["id"] == "visit-overdue"), 25)
    rows = db.session.execute(
        select(
            Household.id, Household.courtyard_id, Courtyard.name, Courtyard.grid, Household.building, Household.unit,
            Household.room, Household.created_at,
        )
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Household.id.in_(groups), Household.left_on.is_(None), Household.merged_into.is_(None))
    )  # fmt: skip
    found = []
    for row in rows:
        every = rules.strictest([tiers[slug] for slug in groups[row.id]])
        wait, seen = waits[every], last.get(row.id)
        start = (seen or row.created_at).astimezone(ZONE)
        day = workdays.due_day(wait.due(start, desk)) if wait else start.date()
        found.append(
            Round(
                row.id, row.courtyard_id, row.name, row.grid, "-".join(filter(None, (row.building, row.unit, row.room))),
                every, tuple(sorted(groups[row.id])), seen.astimezone(ZONE).date() if seen else None, day,
                today() > day + timedelta(days=ceil((day - start.date()).days * share / 100)),
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.due_on, each.door, each.household_id))


def planned(households: Collection[UUID]) -> dict[UUID, datetime | None]:
    """Families for which a visit is planned, or which wait on the home-visit list (None)."""
    rows = db.session.execute(
        select(HomeVisit.household_id, Visit.planned_at)
        .outerjoin(Visit, Visit.id == HomeVisit.visit_id)
        .where(HomeVisit.household_id.in_(households), HomeVisit.state.in_(home_visits.LIVE))
    )
    return {row.household_id: row.planned_at for row in rows}


def plan(household_id: UUID) -> home_visits.Planned:
    """Have the grid worker go to a family of a special group: in its case, or in one opened for it. Raises Absent when
    it is on no round, Clash when a visit is planned already."""
    _on_a_round(household_id)
    listed = home_visits.put_on_visit_list(household_id, ["round"], "round", household_id)
    return home_visits.plan(listed)


def been(household_id: UUID, day: date) -> None:
    """Write down that somebody was there on a day of the last month. Raises Refused naming `day`, Absent, Clash."""
    _on_a_round(household_id)
    if not today() - timedelta(days=BACK) <= day <= today():
        raise Refused("上门日期请写今天或以前 31 天内的一天。", field="day")
    at = now() if day == today() else datetime.combine(day, time(12), ZONE)
    home_visits.been(household_id, at)


def _on_a_round(household_id: UUID) -> None:
    if household_id not in {each.household_id for each in due()}:
        raise Absent("这户不在定期走访里。")


def heads(households: Collection[UUID]) -> dict[UUID, str]:
    """Whose name a family goes by; the page masks it."""
    rows = db.session.execute(
        select(Person.household_id, Person.name)
        .where(Person.household_id.in_(households), Person.status == "here")
        .order_by(Person.seq.desc())
    )
    return {row.household_id: row.name for row in rows}


def _groups(tiers: Collection[str], courtyards: Collection[UUID] | None) -> dict[UUID, set[str]]:
    slugs = cast(array(sorted(tiers)), ARRAY(Text)) if tiers else None
    if slugs is None:
        return {}
    query = select(Person.household_id, Person.groups, Person.labels).where(
        Person.status == "here", or_(Person.groups.op("?|")(slugs), Person.labels.op("?|")(slugs))
    )
    if courtyards is not None:
        query = query.join(Household, Household.id == Person.household_id).where(Household.courtyard_id.in_(courtyards))
    found: dict[UUID, set[str]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.household_id, set()).update({*row.groups, *row.labels} & set(tiers))
    return found


def _last(households: Collection[UUID]) -> dict[UUID, datetime]:
    """When somebody was last at a family's: by a visit that was made or written down, or a sweep that met them."""
    visits: Any = (
        select(CaseFile.household_id, func.max(Visit.done_at).label("at"))
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .where(Visit.state == "done", CaseFile.household_id.in_(households))
        .group_by(CaseFile.household_id)
    )
    swept: Any = (
        select(SweepStop.household_id, func.max(SweepStop.final_at).label("at"))
        .where(SweepStop.state == "visited", SweepStop.household_id.in_(households))
        .group_by(SweepStop.household_id)
    )
    called: Any = (
        select(HomeVisit.household_id, func.max(HomeVisit.ended_at).label("at"))
        .where(HomeVisit.state == "done", HomeVisit.source == "round", HomeVisit.household_id.in_(households))
        .group_by(HomeVisit.household_id)
    )
    found: dict[UUID, datetime] = {}
    for row in (*db.session.execute(visits), *db.session.execute(swept), *db.session.execute(called)):
        if row.at is not None:
            found[row.household_id] = max(found.get(row.household_id, row.at), row.at)
    return found
