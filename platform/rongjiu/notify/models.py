"""Messages to people: short, without personal content beyond the link they need; what became of each; how a person
wants to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SECRET, WORK, Base, PlatformRow, field

STATES = ("waiting", "held", "digest", "sent", "failed")
"""waiting for its channel, held until the quiet hours end, kept for the daily digest, handed over, given up."""
CHANNELS = ("sms", "wechat", "wecom", "dingtalk", "email")
OUTCOMES = ("sent", "down", "bounced")


class Message(PlatformRow, Base):
    """One message to one address; `unique_key` makes a retry send it once."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("unique_key"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_message_unread", "account_id", postgresql_where=sql("account_id IS NOT NULL AND read_at IS NULL")),
        Index("ix_message_account", "account_id", "created_at", postgresql_where=sql("account_id IS NOT NULL")),
        Index("ix_message_scope", "scope_id", "created_at"),
    )
    unique_key: Mapped[str] = field(KEY)
    channel: Mapped[str] = field(WORK)
    address: Mapped[str] = field(PERSONAL, Sealed("message", "address", platform=True))
    text: Mapped[str] = field(PERSONAL, Sealed("message", "text", platform=True))
    purpose: Mapped[str] = field(WORK)
    created_at: Mapped[datetime] = field(WORK, index=True)
    state: Mapped[str] = field(WORK, default="sent", server_default=sql("'sent'"))
    scope_id: Mapped[UUID | None] = field(KEY)
    """The community that spoke; none for the platform."""
    account_id: Mapped[UUID | None] = field(KEY)
    """Whose inbox it stands in; none for people without an account, and for one-time codes."""
    due_at: Mapped[datetime | None] = field(WORK)
    """When a held message goes out, or when a channel that was away is tried again."""
    sent_at: Mapped[datetime | None] = field(WORK)
    read_at: Mapped[datetime | None] = field(WORK)
    tries: Mapped[int] = field(WORK, default=0, server_default=sql("0"))
    turn: Mapped[int] = field(WORK, default=0, server_default=sql("0"))
    """Part of the provider key: it moves on only when a vendor has said for certain that nothing was sent."""
    captured: Mapped[int] = field(WORK, default=0, server_default=sql("0"))
    """How often the local channel took it: 1 when all is well."""
    reason: Mapped[str] = field(WORK, default="", server_default=sql("''"))
    """Code of the last failure."""


class MessageTry(PlatformRow, Base):
    """One try to hand a message over; append-only."""

    __tablename__ = "message_try"
    __table_args__ = (
        Index("ix_message_try_message", "message_id"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome"),
    )
    message_id: Mapped[UUID] = field(KEY)
    channel: Mapped[str] = field(WORK)
    outcome: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK, default="")
    at: Mapped[datetime] = field(WORK, index=True)


class Preference(PlatformRow, Base):
    """How one account wants to be told."""

    __tablename__ = "notify_preference"
    __table_args__ = (
        UniqueConstraint("account_id"),
        CheckConstraint("language IN ('zh', 'en')", name="language"),
    )
    account_id: Mapped[UUID] = field(KEY)
    language: Mapped[str] = field(WORK, default="zh")
    quiet_from: Mapped[str] = field(WORK, default="21:00")
    quiet_to: Mapped[str] = field(WORK, default="08:00")
    """Equal to quiet_from = no quiet hours."""
    digest: Mapped[bool] = field(WORK, default=False)
    wished: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Channels in the order wished; those not named follow as the house has them."""
    wechat: Mapped[str | None] = field(PERSONAL, Sealed("notify_preference", "wechat", platform=True))
    wecom: Mapped[str | None] = field(PERSONAL, Sealed("notify_preference", "wecom", platform=True))
    dingtalk: Mapped[str | None] = field(PERSONAL, Sealed("notify_preference", "dingtalk", platform=True))


class AddressHealth(PlatformRow, Base):
    """How often an address has bounced in a row; found by its keyed hash, and says nothing else of anybody."""

    __tablename__ = "address_health"
    __table_args__ = (UniqueConstraint("address_index"),)
    address_index: Mapped[bytes] = field(SECRET, LargeBinary)
    bounces: Mapped[int] = field(WORK, default=0)
    dead_at: Mapped[datetime | None] = field(WORK)
    at: Mapped[datetime] = field(WORK)
