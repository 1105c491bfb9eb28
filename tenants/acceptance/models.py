"""Track 救: the file that goes to the street's 一门受理 desk with a referral, its papers, its history, and where the
departments really are."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within
from rongjiu.policies.models import DeskAddress

ANSWERS = ("", "granted", "refused")
PAPER_STATES = ("have", "attached", "missing")


class DeskFile(TenantRow, Base):
    """What was sent to the desk, frozen as it was sent, and how it was answered. `id` is the id of its referral task,
    whose state and due time say where it stands. The desk reads this copy and never the register."""

    __tablename__ = "desk_file"
    __table_args__ = (
        within("referral_request", "request_id"),
        within("case_file", "case_id"),
        Index("ix_desk_file_case", "tenant_id", "case_id"),
        Index("ix_desk_file_request", "tenant_id", "request_id"),
        CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
    )
    request_id: Mapped[UUID] = field(KEY)
    case_id: Mapped[UUID] = field(KEY)
    street_id: Mapped[UUID] = field(KEY)
    policy_slug: Mapped[str] = field(WORK)
    department_slug: Mapped[str] = field(WORK)
    """Whose policy it is; after forwarding, where it lies."""
    basis: Mapped[str] = field(WORK)
    """Legal ground of sending: statutory_duty."""
    head: Mapped[str] = field(PERSONAL)
    """The first person, masked (张*): all that a list shows."""
    content: Mapped[str | None] = field(SENSITIVE, Sealed("desk_file", "content"))
    """JSON: people, door, screening of this policy as frozen, the family's words. Emptied on withdrawal."""
    entitled: Mapped[bool] = field(WORK, default=False)
    """The confirmed screening found this policy open to the family, and this is the first file that asks for it."""
    urgency: Mapped[str] = field(WORK)
    sent_at: Mapped[datetime] = field(WORK)
    sent_post: Mapped[str] = field(WORK)
    last_on: Mapped[date] = field(WORK)
    """Day of the last dated answer: none may be dated before it."""
    held_from: Mapped[str] = field(WORK, default="")
    """State to which a file on hold returns when the papers have come."""
    left_days: Mapped[int | None] = field(WORK)
    """Working days that were left when the clock stopped."""
    chases: Mapped[int] = field(WORK, default=0)
    level: Mapped[int] = field(WORK, default=0)
    """0 the desk was reminded, 1 the street told, 2 the district told."""
    answer: Mapped[str] = field(WORK, default="")
    answered_on: Mapped[date | None] = field(WORK)
    answered_at: Mapped[datetime | None] = field(WORK)
    amount: Mapped[Decimal | None] = field(SENSITIVE, Numeric(12, 2))
    """CNY a period."""
    period: Mapped[str] = field(WORK, default="")
    """month | year | once."""
    from_on: Mapped[date | None] = field(WORK)
    until_on: Mapped[date | None] = field(WORK)
    """The last day for which it was granted; empty when the answer names none."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("desk_file", "reason"))
    """Why it was refused, in writing."""
    appeal_to: Mapped[str] = field(WORK, default="")
    appeal_until: Mapped[date | None] = field(WORK)
    settled_at: Mapped[datetime | None] = field(WORK)
    """When the community had told the family, or the money had come."""


class DeskPaper(TenantRow, Base):
    """One paper of a file; `slug` is that of the model's list, empty for one the desk named in words."""

    __tablename__ = "desk_paper"
    __table_args__ = (
        within("desk_file", "task_id"),
        UniqueConstraint("tenant_id", "task_id", "name"),
        CheckConstraint(f"state IN {PAPER_STATES}", name="state"),
    )
    task_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    slug: Mapped[str] = field(WORK, default="")
    name: Mapped[str] = field(WORK)
    state: Mapped[str] = field(WORK)
    asked: Mapped[bool] = field(WORK, default=False)
    """On the list of papers that the desk asked for (补正)."""
    file_id: Mapped[UUID | None] = field(KEY)


class DeskEvent(TenantRow, Base):
    """One act on a file, with the day that its author wrote; append-only. Openings stand here too, so that the
    community sees who has read what."""

    __tablename__ = "desk_event"
    __table_args__ = (within("desk_file", "task_id"), Index("ix_desk_event_task", "tenant_id", "task_id", "at"))
    task_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    day: Mapped[date] = field(WORK)
    """The day of the act in the words of who did it."""
    verb: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    post: Mapped[str] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    detail: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    """Codes and numbers, no personal content."""
    words: Mapped[str | None] = field(SENSITIVE, Sealed("desk_event", "words"))


class OfficialDesk(DeskAddress, TenantRow, Base):
    """What a community has written down."""

    __tablename__ = "official_desk"
    __table_args__ = (UniqueConstraint("tenant_id", "department_slug", "policy_slug"),)
