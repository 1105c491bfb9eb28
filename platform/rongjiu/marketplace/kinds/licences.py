"""Who of a medical provider may be sent: staff with licences to practise and their ends. Everything here runs under the
provider's own scope."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db, telling
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import requirements
from rongjiu.marketplace.kinds.held import held
from rongjiu.marketplace.kinds.models import CareStaff
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.queries import Line

POSTS = {
    "doctor": N_("医师"), "nurse": N_("护士"), "therapist": N_("康复治疗师"), "pharmacist": N_("药师"), "carer": N_("护理员"),
}  # fmt: skip
MISSING = N_("没有这位执业人员。")
ENDED = N_("%(name)s的执业证已到期,不能派去。请换一位,或先登记换过的新证。")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, as typed."""

    name: str
    post: str
    licence: str
    ends_on: date | None


@contextmanager
def own(provider_id: UUID) -> Iterator[None]:
    """Let the database show what belongs to a provider, for the length of the block."""
    with telling(provider_id=provider_id):
        yield


def medical(provider_id: UUID) -> bool:
    """Does a provider need a medical licence, and so licensed staff and a log of care?"""
    row = db.session.execute(select(Provider.group, Provider.kind).where(Provider.id == provider_id)).one_or_none()
    return row is not None and "medical_licence" in requirements.need(row.group, row.kind).fields


def save(provider_id: UUID, typed: Member, staff_id: UUID | None = None) -> UUID:
    """Keep one member of the staff, new or changed. Raises Refused at the field, Absent for another provider's."""
    if not 2 <= len(typed.name) <= 30:
        raise Refused("请写姓名。", field="name")
    if typed.post not in POSTS:
        raise Refused("请选一项", field="post")
    if not 4 <= len(typed.licence) <= 40:
        raise Refused("请照执业证或培训证写编号。", field="licence")
    if typed.ends_on is not None and typed.ends_on < today():
        raise Refused("这份执业证已经到期,请写换证后的日期。", field="ends_on")
    with own(provider_id):
        row = (
            held(CareStaff, provider_id, staff_id, MISSING)
            if staff_id
            else CareStaff(id=uuid7(), provider_id=provider_id)
        )
        row.name, row.post, row.licence, row.ends_on = typed.name, typed.post, typed.licence, typed.ends_on
        row.state, row.modified_at = "active", now()
        db.session.add(row)
        db.session.flush()
        found = row.id
    audit.record("provider.licence", "care_staff", found, ends_on=str(typed.ends_on or ""))
    return found


def leave(provider_id: UUID, staff_id: UUID) -> None:
    """Somebody works there no longer; twice changes nothing. Raises Absent for another provider's."""
    with own(provider_id):
        row = held(CareStaff, provider_id, staff_id, MISSING)
        row.state, row.modified_at = "left", now()
    audit.record("provider.licence.leave", "care_staff", staff_id)


_COLUMNS: tuple[Any, ...] = (
    CareStaff.id,
    CareStaff.name,
    CareStaff.post,
    CareStaff.licence,
    CareStaff.ends_on,
    CareStaff.state,
)


def listed(provider_id: UUID, *, page: int = 1, size: int = 50) -> tuple[list[Line], int]:
    """The staff of a provider, whose licence ends first on top: id, name, post, licence, ends_on, state; how many."""
    query = select(*_COLUMNS).where(CareStaff.provider_id == provider_id)
    ordered = query.order_by(CareStaff.state, CareStaff.ends_on.asc().nulls_last(), CareStaff.id)
    with own(provider_id):
        total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total


def one(provider_id: UUID, staff_id: UUID) -> Line:
    """One member; raises Absent for another provider's."""
    with own(provider_id):
        row = db.session.execute(
            select(*_COLUMNS).where(CareStaff.id == staff_id, CareStaff.provider_id == provider_id)
        ).one_or_none()
    if row is None:
        raise Absent("没有这位执业人员。")
    return row


def at_work(provider_id: UUID) -> list[Line]:
    """Those who work there, with or without a licence that holds."""
    return [row for row in listed(provider_id, size=999)[0] if row.state == "active"]


def check(provider_id: UUID, staff_id: UUID | None, day: date) -> None:
    """Raises Refused naming `staff` when a medical provider that keeps licensed staff names nobody for a day, or somebody
    whose licence does not hold on it."""
    people = at_work(provider_id) if medical(provider_id) else []
    if not people:
        return
    row = next((one for one in people if one.id == staff_id), None)
    if row is None:
        raise Refused("请选谁去。", field="staff")
    if row.ends_on is not None and row.ends_on < day:
        raise Refused(ENDED, field="staff", name=row.name)
