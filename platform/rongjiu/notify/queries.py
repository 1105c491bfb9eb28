"""Reads of messages."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.notify.models import Message


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands on a phone."""

    channel: str
    address: str
    text: str
    created_at: datetime


def newest(count: int) -> list[Received]:
    """The last messages handed to a channel, newest first; for the sample phone of a demo."""
    rows = db.session.execute(
        select(Message.channel, Message.address, Message.text, Message.created_at)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(count)
    )
    return [Received(*row) for row in rows]
