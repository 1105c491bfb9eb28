"""Telling people: one door for SMS and e-mail. Without a gateway the message stands in the database, where a
demo shows it on its sample phone."""

from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message


def tell(address: str, text: str, *, purpose: str, key: str) -> None:
    """Send a text to a phone or e-mail address; the same `key` sends once. No name, no place, no illness in it."""
    channel = "email" if "@" in address else "sms"
    db.session.execute(
        insert(Message)
        .values(
            id=uuid7(), unique_key=key, channel=channel, address=address, text=text, purpose=purpose, created_at=now()
        )
        .on_conflict_do_nothing()
    )
