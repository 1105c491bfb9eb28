"""The community's own copy of its model: departments, policies, parameters, needs, groups, service types,
forms and timers, each row with where it came from."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.db import KEY, OPEN, WORK, Base, TenantRow, field


class _Item:
    slug: Mapped[str] = field(OPEN)
    seq: Mapped[int] = field(OPEN)
    name_zh: Mapped[str] = field(OPEN)
    name_en: Mapped[str] = field(OPEN)
    content: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    """The whole item as the pack gives it, with provenance flags (seed, demo, source, verification)."""
    pack: Mapped[str] = field(OPEN)
    """slug@version it was cloned from; empty for the community's own."""


class _Edited:
    """What a community changes itself: its look, and whether it is still offered. The slug never changes."""

    colour: Mapped[str] = field(OPEN, default="", server_default=text("''"))
    """A token of the palette (editing_rules.COLOURS); empty = as the house draws it."""
    icon: Mapped[str] = field(OPEN, default="", server_default=text("''"))
    retired_at: Mapped[datetime | None] = field(OPEN)
    """No longer offered for new choices since then; old rows still find its name."""
    merged_into: Mapped[str | None] = field(OPEN)
    """The slug that took its place."""


class Department(TenantRow, _Item, Base):
    """One of the 13 departments whose policies are brought together (融)."""

    __tablename__ = "department"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class Policy(TenantRow, _Item, Base):
    """One of the 50 assistance items; `content.criteria` are its conditions."""

    __tablename__ = "policy"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    department_slug: Mapped[str] = field(OPEN)
    help_class: Mapped[str] = field(OPEN)
    scope: Mapped[str] = field(OPEN)


class Parameter(TenantRow, _Item, Base):
    """A line or amount with unit and date. `to_be_set` has no value and is never guessed; one marked
    `must_review` is confirmed by the community, as a value or as 本地未定, before screening is switched on."""

    __tablename__ = "parameter"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    value: Mapped[Decimal | None] = field(OPEN, Numeric(14, 4))
    unit: Mapped[str] = field(OPEN)
    effective_from: Mapped[date | None] = field(OPEN)
    must_review: Mapped[bool] = field(OPEN)
    confirmed_at: Mapped[datetime | None] = field(WORK)
    confirmed_by: Mapped[UUID | None] = field(WORK)
    confirmed_as: Mapped[str] = field(OPEN, default="")
    """'' | value | not_set."""


class NeedCategory(TenantRow, _Item, _Edited, Base):
    """One of the 5 categories of need."""

    __tablename__ = "need_category"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class NeedItem(TenantRow, _Item, _Edited, Base):
    """One of the 12 items of need."""

    __tablename__ = "need_item"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)
    category_slug: Mapped[str] = field(OPEN)


class SpecialGroup(TenantRow, _Item, _Edited, Base):
    """A special group (特殊群体) with its visit frequency."""

    __tablename__ = "special_group"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class ServiceType(TenantRow, _Item, Base):
    """One of the 33 service items, as a type: what is offered, never by whom."""

    __tablename__ = "service_type"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class Form(TenantRow, _Item, Base):
    """A survey or sweep form."""

    __tablename__ = "form"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class Timer(TenantRow, _Item, Base):
    """One of the 133 waits and counts, by urgency where it has them."""

    __tablename__ = "timer"
    __table_args__ = (UniqueConstraint("tenant_id", "slug"),)


class CalendarDay(TenantRow, Base):
    """A day on which this community works otherwise than the official calendar says."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("tenant_id", "day"),)
    day: Mapped[date] = field(WORK)
    works: Mapped[bool] = field(WORK)
    reason: Mapped[str] = field(WORK)
    set_at: Mapped[datetime] = field(WORK)
    set_post: Mapped[str] = field(WORK, default="")


CHANGED = ("category", "item", "group")


class CatalogueChange(TenantRow, Base):
    """One edit of a category, item or special group, before and after; append-only."""

    __tablename__ = "catalogue_change"
    __table_args__ = (
        Index("ix_catalogue_change_slug", "tenant_id", "kind", "slug"),
        CheckConstraint(f"kind IN {CHANGED}", name="kind"),
    )
    kind: Mapped[str] = field(WORK)
    slug: Mapped[str] = field(WORK)
    verb: Mapped[str] = field(WORK)
    """add | rename | look | move | retire | restore | merge | order."""
    before: Mapped[dict[str, Any]] = field(WORK, JSONB)
    after: Mapped[dict[str, Any]] = field(WORK, JSONB)
    at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(KEY)
    actor: Mapped[str] = field(WORK)
    """The post that made the edit."""


class PolicyVersion(TenantRow, Base):
    """One published version of a policy, whole; never changed, so that a screening of any day can be explained by the
    version of that day. The first keeps the item as the pack gave it. Only withdrawing before its day is noted later."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("tenant_id", "slug", "number"),)
    slug: Mapped[str] = field(OPEN)
    number: Mapped[int] = field(OPEN)
    content: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    effective_from: Mapped[date | None] = field(OPEN)
    """First day of this version, until the next one begins; None = since ever."""
    source_title: Mapped[str] = field(OPEN, default="")
    source_number: Mapped[str] = field(OPEN, default="")
    source_date: Mapped[date | None] = field(OPEN)
    restored_of: Mapped[int | None] = field(OPEN)
    """The older version whose content this one brings back."""
    drafted_by: Mapped[UUID | None] = field(KEY)
    drafted_post: Mapped[str] = field(WORK, default="")
    published_by: Mapped[UUID | None] = field(KEY)
    published_post: Mapped[str] = field(WORK, default="")
    """Who checked it last."""
    published_at: Mapped[datetime] = field(WORK)
    withdrawn_at: Mapped[datetime | None] = field(WORK)
    withdrawn_post: Mapped[str] = field(WORK, default="")
