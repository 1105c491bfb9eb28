"""The survey campaign (需求统计): its form in versions, how many to ask where, the doors drawn, the answers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, SENSITIVE, WORK, Base, TenantRow, field, within

STATES = ("draft", "running", "closed")
DOOR_STATES = ("waiting", "reserve", "answered", "refused", "unreached", "not_lived_in")


class SurveyForm(TenantRow, Base):
    """One version of the form; never changed once it stands, so that an old answer reads as it was asked."""

    __tablename__ = "survey_form"
    __table_args__ = (UniqueConstraint("tenant_id", "version"),)
    version: Mapped[int] = field(WORK)
    questions: Mapped[list[dict[str, Any]]] = field(WORK, JSONB)
    made_at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    actor: Mapped[str] = field(WORK)
    """The post that made it; empty for the pack's own."""
    note: Mapped[str] = field(WORK, default="")
    """What was changed, in codes: add | change | remove | move, and the question's label."""


class Survey(TenantRow, Base):
    """One campaign: draft → running → closed. `needs_draft` is the list made of its answers, until it is published."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("tenant_id", "number"), CheckConstraint(f"state IN {STATES}", name="state"))
    number: Mapped[str] = field(WORK)
    title: Mapped[str] = field(WORK)
    starts_on: Mapped[date] = field(WORK)
    ends_on: Mapped[date] = field(WORK)
    form_version: Mapped[int] = field(WORK)
    state: Mapped[str] = field(WORK, default="draft")
    sample: Mapped[int] = field(WORK)
    """How many households are to answer."""
    quota: Mapped[int] = field(WORK)
    """How many answers a day are enough."""
    seed: Mapped[int] = field(WORK)
    """What the draw of doors starts from; the same seed and register draw the same doors."""
    drawn_at: Mapped[datetime | None] = field(WORK)
    needs_draft: Mapped[str | None] = field(SENSITIVE, Sealed("survey", "needs_draft"))
    """The lines of the draft as JSON; sealed, because they quote what families said."""
    published_at: Mapped[datetime | None] = field(WORK)
    created_at: Mapped[datetime] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


class SurveyTarget(TenantRow, Base):
    """How many households of a courtyard are to answer, out of how many; none, with a reason, when it is left out."""

    __tablename__ = "survey_target"
    __table_args__ = (
        within("survey", "survey_id"),
        within("courtyard", "courtyard_id"),
        UniqueConstraint("tenant_id", "survey_id", "courtyard_id"),
    )
    survey_id: Mapped[UUID] = field(KEY)
    courtyard_id: Mapped[UUID] = field(KEY)
    households: Mapped[int] = field(WORK)
    target: Mapped[int] = field(WORK)
    left_out: Mapped[str] = field(WORK, default="")
    """Why nobody is asked here."""


class SurveyDoor(TenantRow, Base):
    """A door drawn by lot, in its order; the reserve takes the place of doors where nobody could be met."""

    __tablename__ = "survey_door"
    __table_args__ = (
        within("survey", "survey_id"),
        within("courtyard", "courtyard_id"),
        within("household", "household_id"),
        UniqueConstraint("tenant_id", "survey_id", "household_id"),
        Index("ix_survey_door_yard", "tenant_id", "survey_id", "courtyard_id", "seq"),
        CheckConstraint(f"state IN {DOOR_STATES}", name="state"),
    )
    survey_id: Mapped[UUID] = field(KEY)
    courtyard_id: Mapped[UUID] = field(KEY)
    household_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK)
    state: Mapped[str] = field(WORK)
    tries: Mapped[int] = field(WORK, default=0)
    tried_at: Mapped[datetime | None] = field(WORK)


class SurveyAnswer(TenantRow, Base):
    """One household's answers, with its consent; coded needs stand open for counting, everything else is sealed."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        within("survey", "survey_id"),
        within("courtyard", "courtyard_id"),
        within("household", "household_id"),
        UniqueConstraint("tenant_id", "client_key"),
        Index("ix_survey_answer_survey", "tenant_id", "survey_id", "courtyard_id"),
        CheckConstraint("consent", name="consent"),
        CheckConstraint("how IN ('door', 'paper')", name="how"),
    )
    survey_id: Mapped[UUID] = field(KEY)
    courtyard_id: Mapped[UUID] = field(KEY)
    household_id: Mapped[UUID | None] = field(KEY)
    form_version: Mapped[int] = field(WORK)
    answers: Mapped[str] = field(SENSITIVE, Sealed("survey_answer", "answers"))
    """All answers by question as JSON."""
    other: Mapped[str | None] = field(SENSITIVE, Sealed("survey_answer", "other"))
    """The other need in the family's words, read again when the list is made."""
    categories: Mapped[list[str]] = field(WORK, JSONB)
    items: Mapped[list[str]] = field(WORK, JSONB)
    """Slugs, the most wanted first."""
    consent: Mapped[bool] = field(WORK)
    how: Mapped[str] = field(WORK)
    worker_id: Mapped[UUID | None] = field(KEY)
    worker: Mapped[str] = field(WORK)
    """Who asked, by post."""
    at: Mapped[datetime] = field(WORK)
    client_key: Mapped[UUID] = field(KEY)
