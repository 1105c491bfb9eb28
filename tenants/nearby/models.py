"""A shop that offers by itself to meet a need: kept until the desk confirms it on a consent, or thanks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, WORK, Base, TenantRow, field, within


class Willing(TenantRow, Base):
    """One provider is willing to come for one need at a time. It knows no person; asked → sent | thanked."""

    __tablename__ = "willing"
    __table_args__ = (
        within("case_file", "case_id"),
        within("need", "need_id"),
        UniqueConstraint("tenant_id", "need_id", "provider_id"),
        CheckConstraint("state IN ('asked', 'sent', 'thanked')", name="state"),
    )
    case_id: Mapped[UUID] = field(KEY)
    need_id: Mapped[UUID] = field(KEY)
    provider_id: Mapped[UUID] = field(KEY)
    service_id: Mapped[UUID] = field(KEY)
    slot_at: Mapped[datetime] = field(WORK)
    state: Mapped[str] = field(WORK)
    at: Mapped[datetime] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
