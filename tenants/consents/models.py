"""Consents: purpose, receiver, fields, signer, how given, until when; withdrawal ends what stands on it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, PERSONAL, WORK, Base, TenantRow, field, within

SCOPES = ("survey_and_casework", "share_with_provider", "publish_story")
HOW = ("paper", "voice", "screen")


class Consent(TenantRow, Base):
    """One separate consent (PIPL art. 23, 29): sensitive data, sharing and publishing are three."""

    __tablename__ = "consent"
    __table_args__ = (
        within("case_file", "case_id"),
        within("person", "person_id"),
        within("person", "given_by_id"),
        Index("ix_consent_case", "tenant_id", "case_id"),
        UniqueConstraint("tenant_id", "id", "case_id", "person_id", "provider_id", name="uq_consent_covers"),
        UniqueConstraint("tenant_id", "id", "stands", name="uq_consent_stands"),
        CheckConstraint(f"scope IN {SCOPES}", name="scope"),
        CheckConstraint(f"how IN {HOW}", name="how"),
        CheckConstraint("scope <> 'share_with_provider' OR provider_id IS NOT NULL", name="receiver"),
    )
    case_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID] = field(PERSONAL)
    given_by_id: Mapped[UUID] = field(PERSONAL)
    """The same person, or the guardian of a minor, or a proxy."""
    guardian: Mapped[bool] = field(WORK, default=False)
    scope: Mapped[str] = field(WORK)
    provider_id: Mapped[UUID | None] = field(KEY)
    fields: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Of name, age, address, phone, phone_of_guardian, care_need."""
    how: Mapped[str] = field(WORK)
    witness: Mapped[str] = field(WORK, default="")
    notice_version: Mapped[str] = field(WORK)
    file_id: Mapped[UUID | None] = field(KEY)
    given_at: Mapped[datetime] = field(WORK)
    ends_at: Mapped[datetime | None] = field(WORK)
    withdrawn_at: Mapped[datetime | None] = field(WORK)
    cleared_at: Mapped[datetime | None] = field(WORK)
    """When its signed paper and its witness were removed because it had ended for so long (keep-consent-log)."""
    stands: Mapped[bool | None] = field(WORK, Computed("withdrawn_at IS NULL", persisted=True))
    """What a live offer points at: the database lets none stand on a consent that was withdrawn."""
