"""Reads of signals. Lists open no sealed field."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.oversight.models import Step
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.residents.models import Courtyard, Household, Person
from tenants.signals.models import Signal

_OTHER = aliased(Signal)
_LIST = (
    Signal.id, Signal.number, Signal.channel, Signal.kind, Signal.state, Signal.became, Signal.urgency,
    Signal.received_at, Signal.demo, Courtyard.name.label("courtyard"), CaseFile.number.label("case_number"),
    Step.actor, Step.verb, Step.due_at,
)  # fmt: skip


def page(
    *, state: str = "", channel: str = "", courtyard_id: UUID | None = None, late: bool = False, page: int = 1,
    size: int = 50,
) -> tuple[list[Any], int]:  # fmt: skip
    """A page of signals: those that wait first, by urgency and due time; and how many there are."""
    where = []
    if state:
        where.append(Signal.state == state)
    if channel:
        where.append(Signal.channel == channel)
    if courtyard_id is not None:
        where.append(Signal.courtyard_id == courtyard_id)
    if late:
        where.append(_late())
    total = db.session.scalar(select(func.count()).select_from(Signal).where(*where)) or 0
    rank = func.array_position(["new", "triaged", "answered"], Signal.state)
    hurry = func.array_position(["critical", "urgent", "ordinary"], Signal.urgency)
    rows = db.session.execute(
        select(*_LIST)
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .outerjoin(Step, Step.id == Signal.id)
        .where(*where)
        .order_by(rank, hurry, Step.due_at.asc().nulls_last(), Signal.received_at.desc(), Signal.id)
        .limit(size)
        .offset((page - 1) * size)
    )
    return list(rows), total


def _late() -> Any:
    """Whatever had to be done next is overdue."""
    return Signal.id.in_(select(Step.id).where(Step.object_kind == "signal", Step.due_at < now()))


def late() -> int:
    """How many signals wait beyond their time."""
    return db.session.scalar(select(func.count()).select_from(Signal).where(_late())) or 0


@dataclass(frozen=True, slots=True)
class Told:
    """Of the answers that fell due: how many the asker had in time, and how many in all."""

    in_time: int
    all: int

    @property
    def share(self) -> int | None:
        """In per cent; None while nothing fell due."""
        return round(100 * self.in_time / self.all) if self.all else None


def told(since: datetime) -> Told:
    """The answers to signals received since a moment: due by now or given already."""
    in_time = (Signal.answered_at.is_not(None)) & (Signal.answered_at <= Signal.answer_due_at)
    row = db.session.execute(
        select(func.count().filter(in_time).label("good"), func.count().label("n")).where(
            Signal.received_at >= since,
            Signal.cleared_at.is_(None),
            (Signal.answer_due_at < now()) | Signal.answered_at.is_not(None),
        )
    ).one()
    return Told(row.good, row.n)


def counts() -> dict[str, int]:
    """Signals by state."""
    rows = db.session.execute(select(Signal.state, func.count().label("n")).group_by(Signal.state))
    return {row.state: row.n for row in rows}


def one(signal_id: UUID) -> Any:
    """One signal with its words and who said them; the caller shows only what the role may see."""
    row: Any = db.session.execute(
        select(*_LIST, Signal.words, Signal.caller, Signal.phone, Signal.courtyard_id, Signal.session_id,
               Signal.phone_index, Signal.case_id, Signal.triaged_at, Signal.household_id, Signal.building,
               Signal.visitor_words, Signal.call_back, Signal.reason, Signal.answer, Signal.answer_due_at,
               Signal.answered_at, Signal.answered_how, Signal.list_id, Signal.cleared_at, _OTHER.number.label("other"),
               Signal.duplicate_of)
        .outerjoin(_OTHER, _OTHER.id == Signal.duplicate_of)
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .outerjoin(CaseFile, CaseFile.id == Signal.case_id)
        .outerjoin(Step, Step.id == Signal.id)
        .where(Signal.id == signal_id)
    ).one_or_none()  # fmt: skip
    return row


@dataclass(frozen=True, slots=True)
class ForVisitor:
    """What the visitor may know of the signal that led to the visit."""

    words: str
    caller: str = ""
    phone: str = ""


def for_visitor(signal_id: UUID) -> ForVisitor | None:
    """The words for whoever goes to the door, the only ones that any page or download of a visitor may carry.

    What the clerk wrote for the visitor stands in place of what came. Of a tip neither its words nor its author are
    among them; `words` is empty when the clerk wrote none.
    """
    row = db.session.execute(
        select(Signal.channel, Signal.words, Signal.visitor_words, Signal.caller, Signal.phone).where(
            Signal.id == signal_id
        )
    ).one_or_none()
    if row is None:
        return None
    if row.channel == "neighbour":
        return ForVisitor(row.visitor_words or "")
    return ForVisitor(row.visitor_words or row.words, row.caller or "", row.phone or "")


def of_household(household_id: UUID) -> list[Any]:
    """Signals that speak of one family: id, number, kind, when, what became of it; neither words nor who spoke nor the
    way it came, for a tip's author is protected."""
    query = select(Signal.id, Signal.number, Signal.kind, Signal.received_at, Signal.became)
    return list(db.session.execute(query.where(Signal.household_id == household_id)))


def gathered(numbers: Collection[str], session_id: UUID | None) -> list[Any]:
    """Signals of a sweep's doors and of its livestream session together, newest first: number, channel, kind,
    courtyard, state, what became of it, and how many of them speak of the same family (`same`). No words."""
    here: list[ColumnElement[bool]] = [Signal.number.in_(numbers)]
    if session_id is not None:
        here.append(Signal.session_id == session_id)
    same = case((Signal.household_id.is_not(None), func.count().over(partition_by=Signal.household_id)), else_=1)
    rows = db.session.execute(
        select(Signal.id, Signal.number, Signal.channel, Signal.kind, Signal.state, Signal.became, Signal.received_at,
               Courtyard.name.label("courtyard"), same.label("same"))
        .outerjoin(Courtyard, Courtyard.id == Signal.courtyard_id)
        .where(or_(*here))
        .order_by(Signal.received_at.desc(), Signal.id.desc())
        .limit(200)
    )  # fmt: skip
    return list(rows)


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


WEEK = timedelta(days=7)
_VISIT: tuple[Any, ...] = (
    Visit.id, Visit.kind, Visit.planned_at, Visit.state, Visit.done_at, Visit.arrived_at, CaseFile.id.label("case_id"),
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
    """First visits, and worker visits of the week ahead, still to be made in these courtyards, the nearest due first."""
    soon = or_(Visit.kind == "first", Visit.planned_at <= now() + WEEK)
    query = _visits().where(CaseFile.courtyard_id.in_(courtyards), Visit.state == "planned", soon)
    return list(db.session.execute(query.order_by(Visit.planned_at, Visit.id)))


def visits_done(courtyards: Collection[UUID], since: datetime) -> list[Any]:
    """First and worker visits made in these courtyards since a moment, the latest first."""
    query = _visits().where(CaseFile.courtyard_id.in_(courtyards), Visit.state == "done", Visit.done_at >= since)
    return list(db.session.execute(query.order_by(Visit.done_at.desc())))


def visit(visit_id: UUID, courtyards: Collection[UUID]) -> Any:
    """One first or worker visit in these courtyards, or None."""
    query = _visits().where(Visit.id == visit_id, CaseFile.courtyard_id.in_(courtyards))
    return db.session.execute(query).one_or_none()
