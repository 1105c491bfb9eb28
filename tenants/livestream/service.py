"""Opening livestream sessions and noting what was said in them."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update

from rongjiu import audit
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.cases.service import mark
from tenants.livestream.models import LiveSession
from tenants.signals import service as signals
from tenants.signals.service import Received


def open_session(held_on: date, topic: str, *, outdoor: bool = False) -> int:
    """Announce a session and answer its number; raises Refused naming `topic`."""
    if not topic.strip():
        raise Refused("请写这一场的主题。", field="topic")
    seq = (db.session.scalar(select(func.max(LiveSession.seq))) or 0) + 1
    row = LiveSession(
        id=uuid7(), seq=seq, held_on=held_on, topic=topic.strip()[:100], outdoor=outdoor, watching=None, questions=0,
        demo=mark()[1],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("live.open", "live_session", row.id, seq=seq)
    return seq


def note(seq: int, kind: str, words: str, *, courtyard_id: UUID | None = None, urgency: str = "ordinary") -> Received:
    """Note the words of a viewer or passer-by as a signal of this session; raises Absent, Refused naming a field."""
    row = db.session.execute(select(LiveSession.id, LiveSession.outdoor).where(LiveSession.seq == seq)).one_or_none()
    if row is None:
        raise Absent("没有这一场直播。")
    channel = "livestream_outdoor" if row.outdoor else "livestream"
    received = signals.receive(channel, kind, words, courtyard_id=courtyard_id, session_id=row.id, urgency=urgency)
    if kind == "question":
        db.session.execute(
            update(LiveSession).where(LiveSession.id == row.id).values(questions=LiveSession.questions + 1)
        )
    return received
