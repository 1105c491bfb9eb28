"""Codes on doors: a scan opens the public form with the right courtyard (and building)."""

import secrets
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.residents.models import Building, Courtyard
from tenants.signals.models import DoorCode

_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
_LONG = 10
"""Signs of a token: short enough for a coarse print, too many to try out."""


def standing() -> list[Any]:
    """The codes that hang on doors: id, token, building, courtyard, in the order of the courtyards."""
    rows = db.session.execute(
        select(DoorCode.id, DoorCode.token, DoorCode.building, DoorCode.made_at, DoorCode.courtyard_id,
               Courtyard.name.label("courtyard"))
        .join(Courtyard, Courtyard.id == DoorCode.courtyard_id)
        .where(DoorCode.ended_at.is_(None))
        .order_by(Courtyard.seq, Courtyard.slug, DoorCode.building)
    )  # fmt: skip
    return list(rows)


def buildings() -> list[Any]:
    """The buildings of all courtyards: courtyard_id, name."""
    rows = db.session.execute(
        select(Building.courtyard_id, Building.name).order_by(Building.courtyard_id, Building.seq, Building.name)
    )
    return list(rows)


def leads_to(token: str) -> Any:
    """courtyard_id, building and the courtyard's name behind a standing token, or None; public columns alone."""
    row: Any = db.session.execute(
        select(DoorCode.courtyard_id, DoorCode.building, DoorCode.token, Courtyard.name.label("courtyard"))
        .join(Courtyard, Courtyard.id == DoorCode.courtyard_id)
        .where(DoorCode.token == token[:40], DoorCode.ended_at.is_(None))
    ).one_or_none()
    return row


def make(courtyard_id: UUID, building: str = "") -> str:
    """A code for a courtyard or one of its buildings; answers its token.

    Raises Refused naming courtyard or building, Clash when one hangs there already.
    """
    if db.session.scalar(select(Courtyard.id).where(Courtyard.id == courtyard_id)) is None:
        raise Refused("没有这个院落，请重新选择。", field="courtyard")
    building = building.strip()
    if len(building) > 20:
        raise Refused("楼号请写短一点，20 字以内。", field="building")
    there = select(DoorCode.id).where(
        DoorCode.courtyard_id == courtyard_id, DoorCode.building == building, DoorCode.ended_at.is_(None)
    )
    if db.session.scalar(there) is not None:
        raise Clash("这里已经有一个码了。要换新的，请按“换一个码”。", field="building")
    row = DoorCode(
        id=uuid7(), courtyard_id=courtyard_id, building=building,
        token="".join(secrets.choice(_SIGNS) for _sign in range(_LONG)), made_by=current_actor().account_id,
        made_at=now(), ended_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("door_code.make", "door_code", row.id)
    return row.token


def make_all() -> int:
    """A code for every courtyard that has none; answers how many."""
    have = {row.courtyard_id for row in standing() if not row.building}
    missing = [yard for yard in db.session.scalars(select(Courtyard.id)) if yard not in have]
    for yard in missing:
        make(yard)
    return len(missing)


def end(code_id: UUID) -> DoorCode:
    """The code leads nowhere from now on: whoever scans it finds the plain form. Raises Absent."""
    row = db.session.scalar(
        select(DoorCode).where(DoorCode.id == code_id, DoorCode.ended_at.is_(None)).with_for_update()
    )
    if row is None:
        raise Absent("没有这个码。")
    row.ended_at = now()
    db.session.flush()
    audit.record("door_code.end", "door_code", row.id)
    return row


def renew(code_id: UUID) -> str:
    """End a code and make another for the same door; answers the new token."""
    row = end(code_id)
    return make(row.courtyard_id, row.building)
