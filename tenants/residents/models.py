"""Courtyards, households, persons, carers: the register of one community."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, SENSITIVE, WORK, Base, TenantRow, field, within


class Courtyard(TenantRow, Base):
    """A residential compound (院落); counts are the community's own statement, with its source."""

    __tablename__ = "courtyard"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    slug: Mapped[str] = field(OPEN)
    seq: Mapped[int] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    grid: Mapped[str] = field(OPEN, default="")
    households: Mapped[int] = field(OPEN, default=0)
    residents: Mapped[int] = field(OPEN, default=0)
    source: Mapped[str] = field(OPEN, default="")
    demo: Mapped[bool] = field(OPEN, default=False)


class Household(TenantRow, Base):
    """People who live behind one door."""

    __tablename__ = "household"
    __table_args__ = (within("courtyard", "courtyard_id"), Index("ix_household_courtyard", "tenant_id", "courtyard_id"))
    courtyard_id: Mapped[UUID] = field(KEY)
    building: Mapped[str] = field(PERSONAL, default="")
    unit: Mapped[str] = field(PERSONAL, default="")
    room: Mapped[str] = field(PERSONAL, default="")
    created_at: Mapped[datetime] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


class Person(TenantRow, Base):
    """A resident. Phone and ID number are sealed and found by the community's own keyed hash."""

    __tablename__ = "person"
    __table_args__ = (
        within("household", "household_id"),
        Index("ix_person_household", "tenant_id", "household_id"),
        Index("ix_person_phone", "tenant_id", "phone_index"),
        Index("uq_person_id_number", "tenant_id", "id_index", unique=True),
        Index("ix_person_pinyin", "tenant_id", "pinyin"),
    )
    household_id: Mapped[UUID] = field(KEY)
    seq: Mapped[int] = field(WORK, default=1)
    """Order in the household: 1 is the head."""
    name: Mapped[str] = field(PERSONAL)
    pinyin: Mapped[str] = field(PERSONAL, default="")
    gender: Mapped[str] = field(PERSONAL, default="")
    """male | female | '' unknown (GB/T 2261.1)."""
    relation: Mapped[str] = field(PERSONAL, default="")
    """Relation to the head of the household (GB/T 4761)."""
    birth_date: Mapped[date | None] = field(PERSONAL)
    age_said: Mapped[int | None] = field(PERSONAL)
    """Age as told, when the birth date is not known; `age_on` is the day it was told."""
    age_on: Mapped[date | None] = field(PERSONAL)
    phone: Mapped[str | None] = field(PERSONAL, Sealed("person", "phone"))
    phone_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    id_number: Mapped[str | None] = field(SENSITIVE, Sealed("person", "id_number"))
    id_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    condition: Mapped[str | None] = field(SENSITIVE, Sealed("person", "condition"))
    """Illness or disability in words."""
    groups: Mapped[list[str]] = field(SENSITIVE, JSONB, default=list)
    """Slugs of special groups."""
    demo: Mapped[bool] = field(OPEN, default=False)


class Carer(TenantRow, Base):
    """Who cares for whom; the carer is a person in need too."""

    __tablename__ = "carer"
    __table_args__ = (
        within("person", "carer_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "carer_id", "person_id"),
    )
    carer_id: Mapped[UUID] = field(PERSONAL)
    person_id: Mapped[UUID] = field(PERSONAL)
    since: Mapped[date | None] = field(PERSONAL)
