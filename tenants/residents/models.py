"""Courtyards, households, persons, carers: the register of one community."""

from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
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
    old_estate: Mapped[bool] = field(OPEN, default=False, server_default=text("false"))
    """老旧小区."""
    demo: Mapped[bool] = field(OPEN, default=False)


class Building(TenantRow, Base):
    """A building of a courtyard; `name` is what doors call it (3, 甲)."""

    __tablename__ = "building"
    __table_args__ = (
        within("courtyard", "courtyard_id"),
        UniqueConstraint("tenant_id", "courtyard_id", "name"),
        CheckConstraint("lift IN ('', 'yes', 'no')", name="lift"),
    )
    courtyard_id: Mapped[UUID] = field(KEY)
    name: Mapped[str] = field(WORK)
    seq: Mapped[int] = field(WORK, default=0)
    units: Mapped[int | None] = field(WORK)
    floors: Mapped[int | None] = field(WORK)
    lift: Mapped[str] = field(WORK, default="")
    """'' not known | yes | no."""
    barriers: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Barrier-free risks by code (residents/rules.py)."""
    built_in: Mapped[int | None] = field(WORK)
    note: Mapped[str] = field(WORK, default="")
    import_id: Mapped[UUID | None] = field(KEY)
    """The import whose doors named it first."""


OCCUPANCIES = ("lived_in", "vacant", "rented_out", "other_use")
STATS = ("area", "courtyards", "households", "residents", "units", "shops")
STATUSES = ("here", "moved", "died", "merged")


class Household(TenantRow, Base):
    """One door and the people who live behind it; a vacant flat is a household without people."""

    __tablename__ = "household"
    __table_args__ = (
        within("courtyard", "courtyard_id"),
        Index("ix_household_courtyard", "tenant_id", "courtyard_id"),
        Index("ix_household_door", "tenant_id", "courtyard_id", "building", "unit", "room"),
        Index("ix_household_import", "tenant_id", "import_id"),
        CheckConstraint(f"occupancy IN {OCCUPANCIES}", name="occupancy"),
    )
    courtyard_id: Mapped[UUID] = field(KEY)
    building: Mapped[str] = field(PERSONAL, default="")
    unit: Mapped[str] = field(PERSONAL, default="")
    room: Mapped[str] = field(PERSONAL, default="")
    occupancy: Mapped[str] = field(WORK, default="lived_in", server_default=text("'lived_in'"))
    left_on: Mapped[date | None] = field(WORK)
    """The day on which the whole family was known to have moved away."""
    import_id: Mapped[UUID | None] = field(KEY)
    """The import that made this row; empty when it was entered by hand."""
    merged_into: Mapped[UUID | None] = field(KEY)
    """The household to which the same door had already been written another way."""
    created_at: Mapped[datetime] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)
    told_by: Mapped[str] = field(WORK, default="", server_default=text("''"))
    """How the family wants to be told of policies: call | visit | sms | counter; empty = nobody has asked yet."""


class Person(TenantRow, Base):
    """A resident. Phone and ID number are sealed and found by the community's own keyed hash."""

    __tablename__ = "person"
    __table_args__ = (
        within("household", "household_id"),
        Index("ix_person_household", "tenant_id", "household_id"),
        Index("ix_person_phone", "tenant_id", "phone_index"),
        Index("uq_person_id_number", "tenant_id", "id_index", unique=True),
        Index("ix_person_pinyin", "tenant_id", "pinyin"),
        Index("ix_person_name", "tenant_id", "name", postgresql_ops={"name": "text_pattern_ops"}),
        Index("ix_person_import", "tenant_id", "import_id"),
        Index("ix_person_birth_date", "tenant_id", "birth_date"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
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
    """Slugs of special groups, as somebody said."""
    labels: Mapped[list[str]] = field(SENSITIVE, JSONB, default=list, server_default=text("'[]'"))
    """Slugs of special groups that follow from age, household and care by rule; checked again by itself."""
    languages: Mapped[list[str]] = field(PERSONAL, JSONB, default=list, server_default=text("'[]'"))
    """What the person speaks best beside Mandarin, by code (marketplace.words.LANGUAGES): who comes should speak it."""
    status: Mapped[str] = field(PERSONAL, default="here", server_default=text("'here'"))
    """here | moved | died | merged into another person."""
    status_on: Mapped[date | None] = field(PERSONAL)
    merged_into: Mapped[UUID | None] = field(KEY)
    import_id: Mapped[UUID | None] = field(KEY)
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
    hours_a_week: Mapped[int | None] = field(PERSONAL)
    relief_wanted: Mapped[bool] = field(PERSONAL, default=False, server_default=text("false"))
    work_given_up: Mapped[bool] = field(PERSONAL, default=False, server_default=text("false"))
    respite_need: Mapped[UUID | None] = field(KEY)
    """The need for respite that this load raised last."""
    work_need: Mapped[UUID | None] = field(KEY)
    """The need for work that fits the hours."""
    wanted_hours: Mapped[int | None] = field(PERSONAL)
    """Hours a week in which the carer would work."""
    wanted_days: Mapped[list[str]] = field(PERSONAL, JSONB, default=list, server_default=text("'[]'::jsonb"))
    """MO … SU; empty: any."""
    wanted_since: Mapped[time | None] = field(PERSONAL)
    wanted_until: Mapped[time | None] = field(PERSONAL)
    """The times between which somebody else is at home."""


class EmergencyContact(TenantRow, Base):
    """Whom one button of a person's telephone rings; staff hand theirs over when they leave."""

    __tablename__ = "emergency_contact"
    __table_args__ = (
        within("person", "person_id"),
        Index("ix_emergency_contact_person", "tenant_id", "person_id"),
        CheckConstraint("kind IN ('staff', 'family', 'neighbour')", name="kind"),
    )
    person_id: Mapped[UUID] = field(KEY)
    kind: Mapped[str] = field(WORK)
    """staff | family | neighbour."""
    account_id: Mapped[UUID | None] = field(KEY)
    """The member of staff; name and phone of others stand sealed beside."""
    name: Mapped[str | None] = field(PERSONAL, Sealed("emergency_contact", "name"))
    phone: Mapped[str | None] = field(PERSONAL, Sealed("emergency_contact", "phone"))
    since: Mapped[date] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False, server_default=text("false"))


class OneTouch(TenantRow, Base):
    """One-touch dialling (一键拨号) taught or tested once; rows are added, never changed."""

    __tablename__ = "one_touch"
    __table_args__ = (
        within("person", "person_id"),
        within("emergency_contact", "contact_id"),
        Index("ix_one_touch_person", "tenant_id", "person_id"),
    )
    person_id: Mapped[UUID] = field(KEY)
    contact_id: Mapped[UUID | None] = field(KEY)
    taught_on: Mapped[date | None] = field(WORK)
    tested_on: Mapped[date | None] = field(WORK)
    works: Mapped[bool | None] = field(WORK)
    """Did the call come through; empty when it was only taught."""
    at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    actor: Mapped[str] = field(WORK)
    """The post that did it."""


class CommunityStat(TenantRow, Base):
    """One statement about the community with its day and source; several of a kind stand side by side."""

    __tablename__ = "community_stat"
    __table_args__ = (
        Index("ix_community_stat_kind", "tenant_id", "kind"),
        CheckConstraint(f"kind IN {STATS}", name="kind"),
    )
    kind: Mapped[str] = field(OPEN)
    value: Mapped[Decimal] = field(OPEN)
    unit: Mapped[str] = field(OPEN, default="")
    as_of: Mapped[date | None] = field(OPEN)
    source: Mapped[str] = field(OPEN)
    note: Mapped[str] = field(OPEN, default="")
    demo: Mapped[bool] = field(OPEN, default=False, server_default=text("false"))


class RegisterChange(TenantRow, Base):
    """One field of a person or household, before and after; append-only. The newest row of a field is its version."""

    __tablename__ = "register_change"
    __table_args__ = (
        within("household", "household_id"),
        within("person", "person_id"),
        Index("ix_register_change_person", "tenant_id", "person_id"),
        Index("ix_register_change_household", "tenant_id", "household_id"),
        Index("ix_register_change_source", "tenant_id", "source_id"),
    )
    household_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID | None] = field(KEY)
    name: Mapped[str] = field(WORK, "field")
    """Which field."""
    before: Mapped[str | None] = field(SENSITIVE, Sealed("register_change", "before"))
    after: Mapped[str | None] = field(SENSITIVE, Sealed("register_change", "after"))
    at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    actor: Mapped[str] = field(WORK)
    """The post that changed it."""
    source: Mapped[str] = field(WORK)
    """desk | visit | sweep | field | import | merge | request | undo | acceptance."""
    source_id: Mapped[UUID | None] = field(KEY)


REVIEW_KINDS = ("duplicate", "id_clash", "door")
REVIEW_STATES = ("open", "merged", "different", "later", "gone")


class RegisterReview(TenantRow, Base):
    """Two rows of the register that may be one and the same; somebody at the desk decides, nothing waits for it.

    duplicate: two persons · id_clash: a person entered in the field without a number that somebody else already has
    (`one_id` the new person, `other_id` who has it) · door: two households. No foreign keys: the kind says which table.
    """

    __tablename__ = "register_review"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "one_id", "other_id"),
        Index("ix_register_review_state", "tenant_id", "state", "kind"),
        CheckConstraint(f"kind IN {REVIEW_KINDS}", name="kind"),
        CheckConstraint(f"state IN {REVIEW_STATES}", name="state"),
    )
    kind: Mapped[str] = field(WORK)
    one_id: Mapped[UUID] = field(KEY)
    other_id: Mapped[UUID] = field(KEY)
    reasons: Mapped[list[str]] = field(WORK, JSONB, default=list)
    """Codes of likeness.WORDS."""
    strength: Mapped[int] = field(WORK, default=1)
    """3 certain, 2 strong, 1 to be looked at."""
    number: Mapped[str | None] = field(SENSITIVE, Sealed("register_review", "number"))
    """The identity number that could not be entered; emptied when decided."""
    state: Mapped[str] = field(WORK, default="open")
    made_at: Mapped[datetime] = field(WORK)
    decided_at: Mapped[datetime | None] = field(WORK)
    decided_by: Mapped[UUID | None] = field(KEY)
    decided_post: Mapped[str] = field(WORK, default="")
