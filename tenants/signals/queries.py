"""Reads of signals. Lists open no sealed field."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.oversight.models import Step
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.residents.models import Courtyard, Household, Person
from tenants.signals.models import Signal

LOOK_BACK = timedelta(days=90)
"""How far back the duplicate check looks."""
_LIST = (
    Signal.id, Signal.number, Signal.channel, Signal.kind, Signal.state, Signal.became, Signal.urgency,
    Signal.received_at, Signal.demo, Courtyard.name.label("courtyard"), CaseFile.number.label("case_number"),
    Step.actor, Step.verb, Step.due_at,
)  # fmt: skip


def page(
    *, state: str = "", channel: str = "", courtyard_id: UUID | None = None, page: int = 1, size: int = 50
) -> tuple[list[Any], int]:
    """A page of signals: not answered ones first, by urgency and age; and how many there are."""
    where = []
    if state:
        where.append(Signal.state == state)
    if channel:
        where.append(Signal.channel == channel)
    if courtyard_id is not None:
        where.append(Signal.courtyard_id == courtyard_id)
    total = db.session.scalar(select(func.count()).select_from(Signal).where(*where)) or 0
    rank = func.array_position(["new", "triaged", "answered"], Signal.state)
    hurry = func.array_position(["critical", "urgent", "ordinary"], Signal.urgency)
    rows = db.session.execute(
        select(*_LIST)
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .outerjoin(Step, Step.id == Signal.id)
        .where(*where)
        .order_by(rank, hurry, Signal.received_at.desc(), Signal.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def counts() -> dict[str, int]:
    """Signals by state."""
    rows = db.session.execute(select(Signal.state, func.count().label("n")).group_by(Signal.state))
    return {row.state: row.n for row in rows}


def one(signal_id: UUID) -> Any:
    """One signal with its words and who said them; the caller shows only what the role may see."""
    row: Any = db.session.execute(
        select(*_LIST, Signal.words, Signal.caller, Signal.phone, Signal.courtyard_id, Signal.session_id,
               Signal.phone_index, Signal.case_id, Signal.triaged_at)
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .outerjoin(Step, Step.id == Signal.id)
        .where(Signal.id == signal_id)
    ).one_or_none()  # fmt: skip
    return row


def alike(signal: Any) -> tuple[list[Any], list[Any]]:
    """What may be the same: other signals of the last 90 days from the same telephone or courtyard, and open cases
    of the courtyard or of a household with that telephone."""
    same = [Signal.courtyard_id == signal.courtyard_id] if signal.courtyard_id else []
    homes = [CaseFile.courtyard_id == signal.courtyard_id] if signal.courtyard_id else []
    if signal.phone_index:
        same.append(Signal.phone_index == signal.phone_index)
        theirs = select(Person.household_id).where(Person.phone_index == signal.phone_index)
        homes.append(CaseFile.household_id.in_(theirs))
    if not same:
        return [], []
    signals = db.session.execute(
        select(Signal.id, Signal.number, Signal.received_at, Signal.state, Signal.channel,
               (Signal.phone_index == signal.phone_index).label("same_phone"))
        .where(or_(*same), Signal.id != signal.id, Signal.received_at > now() - LOOK_BACK)
        .order_by(Signal.received_at.desc()).limit(10)
    )  # fmt: skip
    cases = db.session.execute(
        select(CaseFile.number, CaseFile.state, CaseFile.opened_at, Person.name.label("head"))
        .outerjoin(Person, (Person.household_id == CaseFile.household_id) & (Person.seq == 1))
        .where(or_(*homes), CaseFile.closed_at.is_(None))
        .order_by(CaseFile.opened_at.desc()).limit(10)
    )  # fmt: skip
    return list(signals), list(cases)


def of_session(session_id: UUID) -> list[Any]:
    """The words that came in one livestream session, newest first, without who said them."""
    rows = db.session.execute(
        select(Signal.id, Signal.number, Signal.kind, Signal.words, Signal.state, Signal.became, Signal.received_at,
               Courtyard.name.label("courtyard"))
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .where(Signal.session_id == session_id)
        .order_by(Signal.received_at.desc(), Signal.id.desc())
    )  # fmt: skip
    return list(rows)


_VISIT: tuple[Any, ...] = (
    Visit.id, Visit.kind, Visit.planned_at, Visit.state, Visit.done_at, CaseFile.id.label("case_id"),
    CaseFile.number, CaseFile.urgency, CaseFile.household_id, CaseFile.courtyard_id, CaseFile.signal_id,
    Courtyard.name.label("courtyard"), Household.building, Household.unit, Household.room, Person.name.label("head"),
)  # fmt: skip


def _visits() -> Any:
    return (
        select(*_VISIT)
        .join(CaseFile, CaseFile.id == Visit.case_id)
        .join(Courtyard, Courtyard.id == CaseFile.courtyard_id)
        .outerjoin(Household, Household.id == CaseFile.household_id)
        .outerjoin(Person, (Person.household_id == CaseFile.household_id) & (Person.seq == 1))
        .where(Visit.kind.in_(("first", "worker")))
    )


def visits(courtyards: Collection[UUID]) -> list[Any]:
    """First and worker visits still to be made in these courtyards, the nearest due first."""
    query = _visits().where(CaseFile.courtyard_id.in_(courtyards), Visit.state == "planned")
    return list(db.session.execute(query.order_by(Visit.planned_at, Visit.id)))


def visits_done(courtyards: Collection[UUID], since: datetime) -> list[Any]:
    """First and worker visits made in these courtyards since a moment, the latest first."""
    query = _visits().where(CaseFile.courtyard_id.in_(courtyards), Visit.state == "done", Visit.done_at >= since)
    return list(db.session.execute(query.order_by(Visit.done_at.desc())))


def visit(visit_id: UUID, courtyards: Collection[UUID]) -> Any:
    """One first or worker visit in these courtyards, or None."""
    query = _visits().where(Visit.id == visit_id, CaseFile.courtyard_id.in_(courtyards))
    return db.session.execute(query).one_or_none()
