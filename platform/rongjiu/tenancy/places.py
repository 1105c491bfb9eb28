"""Districts and streets: made by the operator, counted for the operator's page."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.models import Community, District, Membership, Street

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")


@dataclass(frozen=True, slots=True)
class StreetLine:
    """One street on the operator's page, with its communities by state and how many may oversee it."""

    id: UUID
    name: str
    slug: str
    code: str
    district: str
    demo: bool
    communities: dict[str, int]
    overseers: int


@dataclass(frozen=True, slots=True)
class DistrictLine:
    """One district on the operator's page."""

    id: UUID
    name: str
    slug: str
    code: str
    demo: bool
    overseers: int


def make_district(name: str, slug: str, code: str) -> UUID:
    """Make a district; raises Refused naming `name`, `slug` or `code`."""
    _check(name, slug, code, digits=6)
    row = District(id=uuid7(), name=name.strip(), slug=slug, code=code or None)
    db.session.add(row)
    db.session.flush()
    audit.record("district.make", "district", row.id)
    return row.id


def make_street(district_id: UUID, name: str, slug: str, code: str) -> UUID:
    """Make a street of a district; raises Refused naming the field, Absent for an unknown district."""
    if db.session.get(District, district_id) is None:
        raise Absent("没有这个区。")
    _check(name, slug, code, digits=9)
    if code and db.session.scalar(select(Street.id).where(Street.code == code)):
        raise Refused("这个代码的街道已经有了。", field="code")
    row = Street(id=uuid7(), district_id=district_id, name=name.strip(), slug=slug, code=code or None)
    db.session.add(row)
    db.session.flush()
    audit.record("street.make", "street", row.id)
    return row.id


def _check(name: str, slug: str, code: str, *, digits: int) -> None:
    if not name.strip():
        raise Refused("请填名称。", field="name")
    if not _SLUG.fullmatch(slug):
        raise Refused("网址名用小写字母、数字和短横，字母开头。", field="slug")
    if code and not re.fullmatch(rf"\d{{{digits}}}", code):
        raise Refused("代码应为 %(digits)s 位数字。", field="code", digits=digits)
    for table in (District, Street):  # both stand under /street/<slug>/
        if db.session.scalar(select(table.id).where(table.slug == slug)):
            raise Refused("这个网址名已被使用，请换一个。", field="slug")


def streets() -> list[StreetLine]:
    """All streets with their districts, by district and code."""
    states: dict[UUID | None, dict[str, int]] = {}
    counted = select(Community.street_id, Community.state, func.count()).group_by(Community.street_id, Community.state)
    for street_id, state, count in db.session.execute(counted):
        states.setdefault(street_id, {})[state] = count
    overseers = _overseers("street", "street_overseer")
    rows = db.session.execute(
        select(Street.id, Street.name, Street.slug, Street.code, Street.demo, District.name.label("district"))
        .join(District, District.id == Street.district_id)
        .order_by(District.name, Street.code.nulls_last(), Street.name)
    )
    return [
        StreetLine(
            row.id, row.name, row.slug, row.code or "", row.district, row.demo, states.get(row.id, {}),
            overseers.get(row.id, 0),
        )
        for row in rows
    ]  # fmt: skip


def districts() -> list[DistrictLine]:
    """All districts by name."""
    overseers = _overseers("district", "district_overseer")
    rows = db.session.execute(
        select(District.id, District.name, District.slug, District.code, District.demo).order_by(District.name)
    )
    return [DistrictLine(r.id, r.name, r.slug, r.code or "", r.demo, overseers.get(r.id, 0)) for r in rows]


def community_states() -> dict[str, int]:
    """How many communities stand in each state."""
    rows = db.session.execute(select(Community.state, func.count()).group_by(Community.state)).all()
    return {str(state): int(count) for state, count in rows}


def operators() -> int:
    """How many operators stand; at least two must, so that one never decides alone."""
    return sum(_overseers("platform", "operator").values())


def _overseers(kind: str, role: str) -> dict[UUID | None, int]:
    standing = or_(Membership.ends_at.is_(None), Membership.ends_at > now())
    rows = db.session.execute(
        select(Membership.scope_id, func.count(Membership.account_id.distinct()))
        .where(Membership.scope_kind == kind, Membership.role == role, standing)
        .group_by(Membership.scope_id)
    ).all()
    return {place: int(count) for place, count in rows}
