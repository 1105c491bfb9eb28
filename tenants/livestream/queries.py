"""Reads of livestream sessions."""

from typing import Any

from sqlalchemy import func, select

from rongjiu.db import db
from tenants.livestream.models import LiveSession
from tenants.signals.models import Signal

_COLUMNS = (
    LiveSession.id, LiveSession.seq, LiveSession.held_on, LiveSession.topic, LiveSession.outdoor,
    LiveSession.watching, LiveSession.questions, LiveSession.demo,
)  # fmt: skip


def sessions(limit: int = 100) -> list[Any]:
    """The sessions, newest first, each with how many words were noted."""
    noted = select(func.count()).where(Signal.session_id == LiveSession.id).correlate(LiveSession).scalar_subquery()
    query = select(*_COLUMNS, noted.label("noted")).order_by(LiveSession.seq.desc()).limit(limit)
    return list(db.session.execute(query))


def one(seq: int) -> Any:
    """One session, or None."""
    row: Any = db.session.execute(select(*_COLUMNS).where(LiveSession.seq == seq)).one_or_none()
    return row
