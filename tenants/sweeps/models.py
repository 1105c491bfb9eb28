"""A sweep from door to door: its courtyards, its stops, every try, each person's result, certificates, 应保尽保."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, PERSONAL, SENSITIVE, WORK, Base, TenantRow, field, within
from tenants.sweeps.entitled.rules import ENTITLED
from tenants.sweeps.rules import PEOPLE, RESULTS, STATES, SWEEP_STATES


class Sweep(TenantRow, Base):
    """A campaign (摸排): draft → running → closed, or cancelled."""

    __tablename__ = "sweep"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint(f"state IN {SWEEP_STATES}", name="state"),
    )
    number: Mapped[str] = field(WORK)
    purpose: Mapped[str] = field(WORK)
    title: Mapped[str] = field(WORK)
    starts_on: Mapped[date] = field(WORK)
    ends_on: Mapped[date] = field(WORK)
    state: Mapped[str] = field(WORK, default="draft")
    form: Mapped[str] = field(WORK)
    """Version of the form that was asked at the doors."""
    created_at: Mapped[datetime] = field(WORK)
    created_by: Mapped[str] = field(WORK)
    started_at: Mapped[datetime | None] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
    session_id: Mapped[UUID | None] = field(KEY)
    """The outdoor livestream session that collects signals for it."""


class SweepCourtyard(TenantRow, Base):
    """A courtyard in the scope of a sweep, or left out of it with the reason."""

    __tablename__ = "sweep_courtyard"
    __table_args__ = (
        within("sweep", "sweep_id"),
        within("courtyard", "courtyard_id"),
        UniqueConstraint("tenant_id", "sweep_id", "courtyard_id"),
        CheckConstraint("state IN ('open', 'closed')", name="state"),
    )
    sweep_id: Mapped[UUID] = field(KEY)
    courtyard_id: Mapped[UUID] = field(KEY)
    in_scope: Mapped[bool] = field(WORK, default=True)
    reason: Mapped[str] = field(WORK, default="")
    """Why it was left out."""
    worker_id: Mapped[UUID | None] = field(KEY)
    worker: Mapped[str] = field(WORK, default="")
    """The post that walks it."""
    state: Mapped[str] = field(WORK, default="open")
    closed_at: Mapped[datetime | None] = field(WORK)
    closed_by: Mapped[str] = field(WORK, default="")


class SweepStop(TenantRow, Base):
    """One household to be met in a sweep."""

    __tablename__ = "sweep_stop"
    __table_args__ = (
        within("sweep", "sweep_id"),
        within("household", "household_id"),
        within("courtyard", "courtyard_id"),
        UniqueConstraint("tenant_id", "sweep_id", "household_id"),
        Index("ix_sweep_stop_state", "tenant_id", "sweep_id", "courtyard_id", "state"),
        Index("ix_sweep_stop_household", "tenant_id", "household_id"),
        CheckConstraint(f"state IN {STATES}", name="state"),
    )
    sweep_id: Mapped[UUID] = field(KEY)
    household_id: Mapped[UUID] = field(KEY)
    home_then: Mapped[UUID] = field(KEY)
    """The household when the stop was made: stays when two entries of the register become one."""
    courtyard_id: Mapped[UUID] = field(KEY)
    building: Mapped[str] = field(WORK, default="")
    """Name of the building when the stop was made; certificates count by it."""
    seq: Mapped[int] = field(WORK, default=0)
    first: Mapped[bool] = field(WORK, default=False)
    """Unreached in the sweep before: first on the list."""
    at_door: Mapped[bool] = field(WORK, default=False)
    """A household that was not registered before: found at the door."""
    state: Mapped[str] = field(WORK, default="planned")
    tries: Mapped[int] = field(WORK, default=0)
    """Sheets written at this door."""
    deferred_until: Mapped[date | None] = field(WORK)
    final_at: Mapped[datetime | None] = field(WORK)
    worker: Mapped[str] = field(WORK, default="")
    """The post that wrote the last sheet."""


class StopTry(TenantRow, Base):
    """One sheet written at a door; append-only, so nothing that was seen there is lost."""

    __tablename__ = "stop_try"
    __table_args__ = (
        within("sweep_stop", "stop_id"),
        UniqueConstraint("tenant_id", "client_key"),
        Index("ix_stop_try_stop", "tenant_id", "stop_id"),
        CheckConstraint(f"result IN {(*RESULTS, 'unreached')}", name="result"),
    )
    stop_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    """When the worker stood at the door."""
    received_at: Mapped[datetime] = field(WORK)
    worker_id: Mapped[UUID | None] = field(KEY)
    worker: Mapped[str] = field(WORK)
    result: Mapped[str] = field(WORK)
    evening: Mapped[bool] = field(WORK)
    kept: Mapped[bool] = field(WORK, default=False)
    """Came when the door was done already: kept for the secretary, changed nothing."""
    client_key: Mapped[UUID] = field(KEY)
    body: Mapped[bytes] = field(KEY, LargeBinary)
    """Hash of the sheet, to tell a repeat from another sheet under the same key."""
    note: Mapped[str | None] = field(SENSITIVE, Sealed("stop_try", "note"))
    sheet: Mapped[str] = field(SENSITIVE, Sealed("stop_try", "sheet"))
    """All that was written, as it came."""
    answer: Mapped[dict[str, Any]] = field(WORK, JSONB)
    """What the writer was told: ids and codes."""
    file_ids: Mapped[list[str]] = field(KEY, JSONB, default=list)


class StopPlace(TenantRow, Base):
    """Where a try was made, proof of presence only; removed after `keep-sweep-location` days."""

    __tablename__ = "stop_place"
    __table_args__ = (within("stop_try", "try_id"), Index("ix_stop_place_at", "tenant_id", "at"))
    try_id: Mapped[UUID] = field(KEY)
    at: Mapped[datetime] = field(WORK)
    place: Mapped[str] = field(SENSITIVE, Sealed("stop_place", "place"))
    """Latitude, longitude and accuracy in metres."""


class StopPerson(TenantRow, Base):
    """What became of one person of a household in a sweep."""

    __tablename__ = "stop_person"
    __table_args__ = (
        within("sweep_stop", "stop_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "stop_id", "person_id"),
        CheckConstraint(f"result IN {PEOPLE}", name="result"),
    )
    stop_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID] = field(PERSONAL)
    person_then: Mapped[UUID] = field(PERSONAL)
    """The person when the result was written: stays when two entries of the register become one."""
    result: Mapped[str] = field(WORK)
    possible_leak: Mapped[bool] = field(SENSITIVE, default=False)
    leak_reason: Mapped[str] = field(SENSITIVE, default="")
    observation: Mapped[str | None] = field(SENSITIVE, Sealed("stop_person", "observation"))
    """Policies received and kinds of hardship, as codes."""
    at: Mapped[datetime] = field(WORK)


class SweepCertificate(TenantRow, Base):
    """A courtyard was done: counts, a digest of the rows behind them, and the community's signature; append-only."""

    __tablename__ = "sweep_certificate"
    __table_args__ = (
        within("sweep", "sweep_id"),
        within("courtyard", "courtyard_id"),
        UniqueConstraint("tenant_id", "sweep_id", "courtyard_id"),
    )
    sweep_id: Mapped[UUID] = field(KEY)
    courtyard_id: Mapped[UUID] = field(KEY)
    content: Mapped[dict[str, Any]] = field(WORK, JSONB)
    digest: Mapped[str] = field(WORK)
    signature: Mapped[bytes] = field(KEY, LargeBinary)
    signed_by: Mapped[str] = field(WORK)
    signed_at: Mapped[datetime] = field(WORK)


class Entitled(TenantRow, Base):
    """应保尽保: one person who may have been missed, and what became of it, dated."""

    __tablename__ = "entitled"
    __table_args__ = (
        within("sweep", "sweep_id"),
        within("sweep_stop", "stop_id"),
        within("person", "person_id"),
        UniqueConstraint("tenant_id", "sweep_id", "person_id"),
        Index("ix_entitled_person", "tenant_id", "person_id"),
        CheckConstraint(f"state IN {tuple(ENTITLED)}", name="state"),
    )
    sweep_id: Mapped[UUID] = field(KEY)
    stop_id: Mapped[UUID] = field(KEY)
    person_id: Mapped[UUID] = field(PERSONAL)
    signal_id: Mapped[UUID | None] = field(KEY)
    leak_reason: Mapped[str] = field(SENSITIVE, default="")
    state: Mapped[str] = field(WORK, default="possible")
    policy: Mapped[str] = field(SENSITIVE, default="")
    """Slug of the policy that was found, applied for or granted."""
    reason: Mapped[str | None] = field(SENSITIVE, Sealed("entitled", "reason"))
    """Why it was refused, or is none."""
    possible_on: Mapped[date] = field(WORK)
    found_on: Mapped[date | None] = field(WORK)
    applied_on: Mapped[date | None] = field(WORK)
    granted_on: Mapped[date | None] = field(WORK)
    refused_on: Mapped[date | None] = field(WORK)
    changed_by: Mapped[str] = field(WORK, default="")
