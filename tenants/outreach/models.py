"""Outreach (走访): shops, large units and caring people whom the community asks to help; targets; what was mobilised."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within
from rongjiu.file_lists import FileList

KINDS = ("shop", "unit", "person")
STATES = ("prospect", "visited", "interested", "explained", "agreed", "active", "declined")


class Prospect(TenantRow, Base):
    """One that may help: prospect → visited → interested → explained → agreed → active, or declined until a day."""

    __tablename__ = "prospect"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        Index("ix_prospect_state", "tenant_id", "state", "retry_on"),
        Index("ix_prospect_folded", "tenant_id", "folded"),
        Index("ix_prospect_list", "tenant_id", "list_id"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    number: Mapped[str] = field(WORK)
    kind: Mapped[str] = field(WORK)
    """shop | unit (large, such as a school or hospital) | person (caring individual)."""
    name: Mapped[str] = field(PERSONAL)
    folded: Mapped[str] = field(PERSONAL)
    trade: Mapped[str] = field(WORK)
    """Kind of body (codes of the marketplace: barber, hospital …)."""
    uscc: Mapped[str] = field(WORK)
    address: Mapped[str] = field(PERSONAL)
    contact: Mapped[str | None] = field(PERSONAL, Sealed("prospect", "contact"))
    phone: Mapped[str | None] = field(PERSONAL, Sealed("prospect", "phone"))
    service_type: Mapped[str] = field(WORK)
    """What it could give, or what a gap asks of it; '' = not known yet."""
    state: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK)
    """Why it declined: a code of `rules.REASONS`."""
    retry_on: Mapped[date | None] = field(WORK)
    source: Mapped[str] = field(WORK)
    """desk | walk | list | gap."""
    list_id: Mapped[UUID | None] = field(KEY)
    target_id: Mapped[UUID | None] = field(KEY)
    owner_id: Mapped[UUID | None] = field(KEY)
    """Who looks after it."""
    owner_post: Mapped[str] = field(WORK)
    provider_id: Mapped[UUID | None] = field(KEY)
    made_at: Mapped[datetime] = field(WORK)
    spoken_at: Mapped[datetime | None] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


class ProspectEvent(TenantRow, Base):
    """One visit, call or material left: from where to where, by whom. Append-only."""

    __tablename__ = "prospect_event"
    __table_args__ = (
        within("prospect", "prospect_id"),
        Index("ix_prospect_event_prospect", "tenant_id", "prospect_id", "at"),
    )
    prospect_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    kind: Mapped[str] = field(WORK)
    """made | visit | call | leaflet | agreement | registered."""
    state_from: Mapped[str] = field(WORK)
    state_to: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK)
    note: Mapped[str | None] = field(SENSITIVE, Sealed("prospect_event", "note"))
    actor_id: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK)


class ProspectTie(TenantRow, Base):
    """Who knows whom: somebody who can open the door of a shop."""

    __tablename__ = "prospect_tie"
    __table_args__ = (within("prospect", "prospect_id"), Index("ix_prospect_tie_prospect", "tenant_id", "prospect_id"))
    prospect_id: Mapped[UUID] = field(KEY)
    other_id: Mapped[UUID | None] = field(KEY)
    """Another prospect of this community, when that is who knows it."""
    who: Mapped[str | None] = field(PERSONAL, Sealed("prospect_tie", "who"))
    how: Mapped[str] = field(WORK)
    """owner | family | friend | customer | neighbour | colleague."""
    made_at: Mapped[datetime] = field(WORK)


class ProspectList(FileList, Base):
    """A table of shops that was read: looked at, then entered, then perhaps undone."""

    __tablename__ = "prospect_list"
    __table_args__ = (
        UniqueConstraint("tenant_id", "digest"),
        CheckConstraint("state IN ('draft', 'done', 'undone')", name="state"),
    )
    found: Mapped[str | None] = field(PERSONAL, Sealed("prospect_list", "found"))
    """The lines until the list is entered (JSON)."""


class GapTarget(TenantRow, Base):
    """A service that nobody gives where it is asked for: whom to look for, until when, who closed it on which day."""

    __tablename__ = "gap_target"
    __table_args__ = (
        Index("ix_gap_target_open", "tenant_id", "closed_on", "due_on"),
        CheckConstraint("closed_on IS NULL OR outcome <> ''", name="outcome"),
    )
    item_slug: Mapped[str] = field(WORK)
    service_type: Mapped[str] = field(WORK)
    courtyard_id: Mapped[UUID | None] = field(KEY)
    wanted: Mapped[int] = field(WORK)
    """Places a month that are missing."""
    opened_on: Mapped[date] = field(WORK)
    due_on: Mapped[date] = field(WORK)
    owner_post: Mapped[str] = field(WORK)
    provider_id: Mapped[UUID | None] = field(KEY)
    outcome: Mapped[str] = field(WORK)
    """'' | closed (a provider gives it) | dropped (no longer asked for)."""
    closed_on: Mapped[date | None] = field(WORK)


class Project(TenantRow, Base):
    """A cluster of needs answered together: budget, who does it, what came out, how it was judged."""

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("state IN ('planned', 'running', 'done', 'dropped')", name="state"),
        CheckConstraint("ends_on >= starts_on", name="days"),
    )
    number: Mapped[str] = field(WORK)
    title: Mapped[str] = field(WORK)
    item_slug: Mapped[str] = field(WORK)
    needs: Mapped[int] = field(WORK)
    """Open needs of this item when it was planned."""
    budget: Mapped[Decimal] = field(WORK)
    """Yuan, from whoever `funding` names; the house itself takes no money."""
    funding: Mapped[str] = field(WORK)
    provider_id: Mapped[UUID | None] = field(KEY)
    starts_on: Mapped[date] = field(WORK)
    ends_on: Mapped[date] = field(WORK)
    outputs: Mapped[str] = field(WORK)
    """What shall come out, such as 12 场、60 人次."""
    state: Mapped[str] = field(WORK)
    result: Mapped[str] = field(WORK)
    stars: Mapped[int | None] = field(WORK)
    """The evaluation, 1 to 5."""
    made_at: Mapped[datetime] = field(WORK)
    demo: Mapped[bool] = field(OPEN, default=False)


class Mobilised(TenantRow, Base):
    """One thing that was given: a discount, goods, a service, hours. Never money."""

    __tablename__ = "mobilised"
    __table_args__ = (
        Index("ix_mobilised_day", "tenant_id", "on_day"),
        CheckConstraint("kind IN ('discount', 'goods', 'service', 'hours')", name="kind"),
        CheckConstraint("quantity > 0", name="quantity"),
    )
    kind: Mapped[str] = field(WORK)
    what: Mapped[str] = field(WORK)
    quantity: Mapped[Decimal] = field(WORK)
    unit: Mapped[str] = field(WORK)
    giver: Mapped[str | None] = field(PERSONAL, Sealed("mobilised", "giver"))
    provider_id: Mapped[UUID | None] = field(KEY)
    on_day: Mapped[date] = field(WORK)
    by: Mapped[UUID | None] = field(KEY)
    post: Mapped[str] = field(WORK)
    made_at: Mapped[datetime] = field(WORK)
    struck_at: Mapped[datetime | None] = field(WORK)
    """When it was struck out as entered in error; the row stays."""


class Charity(TenantRow, Base):
    """The one charity to which offers of money are sent: the community's setting."""

    __tablename__ = "charity"
    __table_args__ = (UniqueConstraint("tenant_id"),)
    name: Mapped[str] = field(OPEN)
    uscc: Mapped[str] = field(OPEN)
    phone: Mapped[str] = field(OPEN)
    set_at: Mapped[datetime] = field(WORK)
    set_post: Mapped[str] = field(WORK)
