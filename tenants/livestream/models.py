"""Livestream sessions of the community's room; the video itself runs elsewhere."""

from datetime import date

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import OPEN, Base, TenantRow, field


class LiveSession(TenantRow, Base):
    """One broadcast, numbered within the community."""

    __tablename__ = "live_session"
    __table_args__ = (UniqueConstraint("tenant_id", "seq"),)
    seq: Mapped[int] = field(OPEN)
    held_on: Mapped[date] = field(OPEN)
    topic: Mapped[str] = field(OPEN)
    outdoor: Mapped[bool] = field(OPEN, default=False)
    watching: Mapped[int | None] = field(OPEN)
    questions: Mapped[int] = field(OPEN, default=0)
    demo: Mapped[bool] = field(OPEN, default=False)
