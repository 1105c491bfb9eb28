"""Reads of messages: the sample phone, an inbox, a community's delivery log, what a person wishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import db
from rongjiu.notify.models import STATES, Message, MessageTry, Preference
from rongjiu.notify.people import plain


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it stands on a phone; `due_at` when it is still held back."""

    channel: str
    address: str
    text: str
    created_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A message in somebody's inbox."""

    id: UUID
    text: str
    purpose: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of a community's delivery log: never the text, the address for the page to mask."""

    id: UUID
    purpose: str
    channel: str
    address: str
    state: str
    tries: int
    reason: str
    created_at: datetime
    sent_at: datetime | None
    due_at: datetime | None


def newest(count: int) -> list[Received]:
    """The last messages, newest first; for the sample phone of a demo."""
    rows = db.session.execute(
        select(Message.channel, Message.address, Message.text, Message.created_at, Message.due_at)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(count)
    )
    return [Received(*row) for row in rows]


def inbox(account_id: UUID, *, unread: bool = False, page: int = 1, size: int = 20) -> tuple[list[Told], int]:
    """One page of an inbox, newest first, and how many messages there are."""
    where = [Message.account_id == account_id, *([Message.read_at.is_(None)] if unread else [])]
    rows = db.session.execute(
        select(Message.id, Message.text, Message.purpose, Message.created_at, Message.read_at)
        .where(*where)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )
    total = db.session.scalar(select(func.count()).select_from(Message).where(*where)) or 0
    return [Told(*row) for row in rows], total


def preference(account_id: UUID) -> Preference:
    """How an account wants to be told, as said or as the house has it."""
    return db.session.scalar(select(Preference).where(Preference.account_id == account_id)) or plain()


def log(
    scope_id: UUID, *, state: str = "", channel: str = "", page: int = 1, size: int = 50
) -> tuple[list[Delivery], int]:
    """One page of what a community has sent, newest first, and how many there are."""
    where: list[Any] = [Message.scope_id == scope_id]
    where += [Message.state == state] if state else []
    where += [Message.channel == channel] if channel else []
    rows: Any = db.session.execute(
        select(
            Message.id, Message.purpose, Message.channel, Message.address, Message.state, Message.tries, Message.reason,
            Message.created_at, Message.sent_at, Message.due_at,
        )
        .where(*where)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(size)
        .offset((page - 1) * size)
    )  # fmt: skip
    total = db.session.scalar(select(func.count()).select_from(Message).where(*where)) or 0
    return [Delivery(*row) for row in rows], total


def counts(scope_id: UUID) -> dict[str, int]:
    """How many messages of a community stand in each state."""
    query = select(Message.state, func.count()).where(Message.scope_id == scope_id).group_by(Message.state)
    found = dict(db.session.execute(query).all())
    return {state: found.get(state, 0) for state in STATES}


def tries(ids: Sequence[UUID]) -> dict[UUID, list[MessageTry]]:
    """The tries of each message, oldest first."""
    rows = db.session.scalars(select(MessageTry).where(MessageTry.message_id.in_(ids)).order_by(MessageTry.at))
    found: dict[UUID, list[MessageTry]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(row)
    return found
