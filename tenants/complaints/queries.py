"""Reads of complaints: the receiver's list and page; what the one complained about reads, without the complainant."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.marketplace.models import Provider
from tenants.complaints.models import Complaint, ComplaintEvent

SIZE = 50


def page(
    me: UUID | None, *, state: str = "", late: bool = False, words: str = "", page: int = 1, size: int = SIZE
) -> tuple[list[Any], int]:
    """Complaints of the desk, except those about oneself, what is due first; no words, no complainant."""
    c = Complaint
    query = (
        select(c.id, c.number, c.about, c.category, c.channel, c.state, c.received_at, c.due_at, c.receiver_id,
               c.receiver_post, c.upheld, c.reopened, c.demo, Provider.name.label("provider"))
        .outerjoin(Provider, Provider.id == c.provider_id)
        .where(or_(c.staff_id.is_(None), c.staff_id != me))
    )  # fmt: skip
    if state:
        query = query.where(c.state == state)
    if words:
        query = query.where(c.number.contains(words.upper(), autoescape=True))
    if late:
        query = query.where(c.state != "answered", c.due_at < now())
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(
        query.order_by(c.state == "answered", c.due_at, c.number).limit(size).offset((page - 1) * size)
    )
    return list(rows), total


def one(number: str, me: UUID | None) -> Complaint | None:
    """A complaint in full for its receiver, or for the desk while it has none; never for the one it is about."""
    row = db.session.scalar(select(Complaint).where(Complaint.number == number))
    if row is None or me is None or row.staff_id == me or row.receiver_id not in (None, me):
        return None
    return row


def history(complaint_id: UUID) -> list[Any]:
    """Its steps, oldest first: at, verb, state_to, post."""
    e = ComplaintEvent
    query = select(e.at, e.verb, e.state_to, e.post).where(e.complaint_id == complaint_id).order_by(e.at, e.id)
    return list(db.session.execute(query))


_THEIRS = (
    Complaint.id, Complaint.category, Complaint.happened_on, Complaint.question, Complaint.hearing_due_at,
    Complaint.reply, Complaint.replied_at, Complaint.state, Complaint.upheld,
)  # fmt: skip
"""What the other side reads. Neither number nor words nor complainant."""


def about_me(me: UUID) -> list[Any]:
    """Matters about which a worker or volunteer was asked."""
    query = select(*_THEIRS).where(Complaint.staff_id == me, Complaint.question.is_not(None))
    return list(db.session.execute(query.order_by(Complaint.hearing_due_at.desc())))


def about_provider(complaint_id: UUID, provider_id: UUID) -> Any:
    """One matter about which a provider was asked, or None."""
    query = select(*_THEIRS).where(
        Complaint.id == complaint_id, Complaint.provider_id == provider_id, Complaint.question.is_not(None)
    )
    return db.session.execute(query).one_or_none()
