"""Reads of the express lane: the board shows numbers, posts and times; one alarm opens the family's file."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.clock import now
from rongjiu.db import db
from tenants.cases.models import CaseFile
from tenants.express.models import Emergency, EmergencyLook
from tenants.residents.models import Courtyard, Household, Person

_ROW: tuple[Any, ...] = (
    Emergency.id, Emergency.case_id, Emergency.state, Emergency.raised_at, Emergency.raised_post, Emergency.owner_id,
    Emergency.owner_post, Emergency.taken_at, Emergency.rings, Emergency.owner_due, Emergency.helper_due,
    Emergency.aid_due, Emergency.helper_at, Emergency.aid_at, Emergency.papers_due, Emergency.ended_at,
    Emergency.task_id, CaseFile.number, CaseFile.household_id, CaseFile.courtyard_id, CaseFile.signal_id,
    Courtyard.name.label("courtyard"),
)  # fmt: skip


def _rows() -> Any:
    return (
        select(*_ROW)
        .join(CaseFile, CaseFile.id == Emergency.case_id)
        .outerjoin(Courtyard, Courtyard.id == CaseFile.courtyard_id)
    )


def board(*, courtyards: Collection[UUID] | None = None, over: bool = False, limit: int = 50) -> list[Any]:
    """The open alarms, those nobody has taken first, then the oldest; or those that are over, the latest first."""
    query = _rows().where(Emergency.state != "open" if over else Emergency.state == "open").limit(limit)
    if courtyards is not None:
        query = query.where(CaseFile.courtyard_id.in_(courtyards))
    if over:
        return list(db.session.execute(query.order_by(Emergency.ended_at.desc())))
    return list(db.session.execute(query.order_by(Emergency.taken_at.is_not(None), Emergency.raised_at)))


def one(emergency_id: UUID, courtyards: Collection[UUID] | None = None) -> Any:
    """One alarm with who helped and why it was taken off, or None; only of these courtyards when given."""
    query = _rows().add_columns(Emergency.helper, Emergency.reason).where(Emergency.id == emergency_id)
    if courtyards is not None:
        query = query.where(CaseFile.courtyard_id.in_(courtyards))
    return db.session.execute(query).one_or_none()


def people(household_id: UUID) -> list[Any]:
    """The family in full: name, relation, telephone, condition, door; the caller shows what the role may see."""
    return list(
        db.session.execute(
            select(
                Person.id, Person.name, Person.relation, Person.phone, Person.condition, Household.building,
                Household.unit, Household.room,
            )
            .join(Household, Household.id == Person.household_id)
            .where(Person.household_id == household_id, Person.status == "here")
            .order_by(Person.seq)
        )
    )  # fmt: skip


def unowned() -> int:
    """How many alarms nobody has taken."""
    waiting = (Emergency.state == "open") & Emergency.taken_at.is_(None)
    return db.session.scalar(select(func.count()).select_from(Emergency).where(waiting)) or 0


def reviews() -> list[Any]:
    """Alarms whose openings the secretary has still to look at: how many, the first due, by whom."""
    look = EmergencyLook
    rows = db.session.execute(
        select(look.emergency_id, CaseFile.number, look.at, look.post, look.role, look.due_at)
        .join(Emergency, Emergency.id == look.emergency_id)
        .join(CaseFile, CaseFile.id == Emergency.case_id)
        .where(look.reviewed_at.is_(None))
        .order_by(look.due_at, look.at)
        .limit(500)
    )
    return list(rows)


def reviews_late() -> int:
    """How many openings nobody looked at in time."""
    where = (EmergencyLook.reviewed_at.is_(None), EmergencyLook.due_at < now())
    return db.session.scalar(select(func.count()).select_from(EmergencyLook).where(*where)) or 0
