"""Messages to people: short, without personal content beyond the link they need."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, WORK, Base, PlatformRow, field


class Message(PlatformRow, Base):
    """One message handed to a channel; `unique_key` makes a retry send it once."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("unique_key"),)
    unique_key: Mapped[str] = field(KEY)
    channel: Mapped[str] = field(WORK)
    address: Mapped[str] = field(PERSONAL, Sealed("message", "address", platform=True))
    text: Mapped[str] = field(PERSONAL, Sealed("message", "text", platform=True))
    purpose: Mapped[str] = field(OPEN)
    created_at: Mapped[datetime] = field(WORK, index=True)
