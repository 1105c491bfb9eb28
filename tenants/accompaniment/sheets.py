"""The sheet of one visit at the door: check-in, what may be read of the home then, what is written afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, cash, files, photos
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from tenants.accompaniment import children, rules, service
from tenants.accompaniment.models import ServicePlan, Visit

EVIDENCE = ("photo", "signature", "receipt")
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Flags:
    """What is said of a home at visit time, and only then."""

    two_person: bool
    dignity: str
    safety: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that was handed in: kind is photo, signature or receipt."""

    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What a visitor writes when leaving."""

    ticked: Collection[str] = ()
    mood: str = ""
    note: str = ""
    evidence: Sequence[Evidence] = ()


def tasks(visit_id: UUID) -> tuple[str, ...]:
    """What is to be ticked at a visit."""
    found = db.session.scalar(
        select(ServicePlan.tasks).join(Visit, Visit.plan_id == ServicePlan.id).where(Visit.id == visit_id)
    )
    return tuple(found or ())


def flags(visit_id: UUID, moment: datetime | None = None) -> Flags | None:
    """The flags of a home while it is the time of that visit, else None; the sealed words are not even opened before."""
    row: Any = db.session.execute(
        select(Visit.planned_at, Visit.state, Visit.arrived_at, Visit.plan_id).where(Visit.id == visit_id)
    ).one_or_none()
    if row is None or row.plan_id is None:
        return None
    if not rules.visit_time(row.planned_at, row.state, row.arrived_at, moment or now()):
        return None
    plan = ServicePlan
    found = db.session.execute(
        select(plan.two_person, plan.dignity, plan.safety).where(plan.id == row.plan_id)
    ).one()  # fmt: skip
    return Flags(found.two_person, found.dignity or "", found.safety or "")


def arrive(visit_id: UUID) -> None:
    """Somebody stands at the door; arriving twice changes nothing. Raises Absent, Refused (409) before visit time."""
    row = db.session.scalar(select(Visit).where(Visit.id == visit_id).with_for_update())
    if row is None or row.state != "planned":
        raise Absent("没有这次上门。")
    if row.arrived_at is not None:
        return
    if now() < row.planned_at - rules.OPENS:
        raise Refused("还没到上门的时候，提前 2 小时起可以报到。", status=409)
    row.arrived_at = now()
    db.session.flush()
    audit.record("visit.arrive", "visit", row.id)


def finish(visit_id: UUID, said: Written, *, client_key: UUID | None = None) -> Visit:
    """Write the sheet of a visit that was made.

    Raises Refused naming ticked, mood, note or the kind of the file; Absent; Refused (409) when it was written before.
    """
    if client_key and (earlier := db.session.scalar(select(Visit).where(Visit.client_key == client_key))):
        return earlier
    if said.mood not in rules.MOODS:
        raise Refused("请选一项", field="mood")
    if set(said.ticked) - set(tasks(visit_id)):
        raise Refused("请从列出的事里选。", field="ticked")
    if len(said.note) > LONGEST:
        raise Refused("请写短一点，1000 字以内。", field="note")
    ids = [keep(visit_id, each) for each in said.evidence]
    return service.finish_visit(
        visit_id, "done", ticked=sorted(said.ticked), mood=said.mood, note=said.note.strip(), file_ids=ids,
        client_key=client_key,
    )  # fmt: skip


def keep(visit_id: UUID, given: Evidence) -> UUID:
    """Keep one file of a visit; a picture loses place, time and maker. Raises Refused naming the kind, for a child's
    visit any photograph."""
    if given.kind not in EVIDENCE:
        raise ValueError(given.kind)
    if given.kind == "photo":
        children.refuse_photo(visit_id, given.kind)
    try:
        content = photos.plain(given.content)
    except ValueError:
        raise Refused("照片打不开，请重新拍一张。", field=given.kind) from None
    cash.refuse_picture(content, given.kind)
    return files.save(content, given.name, owner_kind=f"visit_{given.kind}", owner_id=visit_id, field=given.kind)
