"""What happened to an admission."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, WORK, Base, PlatformRow, field


class AdmissionEvent(PlatformRow, Base):
    """One step of an admission: from, to, who, why. Append-only; read by its community and its provider, written inside the
    community alone."""

    __tablename__ = "admission_event"
    __table_args__ = (Index("ix_admission_event_of", "admission_id", "id"),)
    admission_id: Mapped[UUID] = field(KEY, ForeignKey("admission.id"))
    provider_id: Mapped[UUID] = field(KEY, ForeignKey("provider.id"))
    community_id: Mapped[UUID] = field(KEY, ForeignKey("community.id"))
    at: Mapped[datetime] = field(WORK)
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    actor: Mapped[str] = field(WORK)
    """provider | clerk | secretary | system (rules.ACTORS)."""
    post: Mapped[str] = field(WORK, default="")
    """The post that acted, for somebody at the desk; nobody's name."""
    actor_id: Mapped[UUID | None] = field(WORK)
    reason_code: Mapped[str] = field(WORK, default="")
    """Why, where it follows by itself: asked, vetted, invited, start_day, end_day, terms, renewed, carried_over."""
    words: Mapped[str] = field(WORK, default="")
    """Why, as somebody wrote it: of a no or a stop the provider reads it, of a review the desk alone."""
