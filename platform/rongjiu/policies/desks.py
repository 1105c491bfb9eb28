"""Official desks: where a department or policy is really applied for, and how to object; the street's own list, and the
checks that a community's list shares."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db, telling
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.policies.models import StreetDesk
from rongjiu.policies.rules import url_fault
from rongjiu.tenancy.models import Community

FIELDS = ("phone", "contact", "url", "appeal_to", "appeal_days", "appeal_source")
LONGEST = 300
Words = dict[str, Any]


def checked(given: Words) -> Words:
    """The fields as they are kept. Raises Refused naming `url`, `phone`, `contact`, `appeal_days`, `appeal_to` or
    `appeal_source`: days without a source are nobody's to write."""
    found: Words = {name: str(given.get(name) or "").strip() for name in FIELDS}
    url, days = found["url"], found["appeal_days"]
    if fault := url_fault(url):
        raise Refused(fault, field="url")
    if len(url) > LONGEST:
        raise Refused("网址太长，请填 300 字以内。", field="url")
    if len(found["phone"]) > 30 or not set(found["phone"]) <= set("0123456789 -+转,、"):
        raise Refused("电话只写数字、空格和横线。", field="phone")
    if len(found["contact"]) > 60:
        raise Refused("请写短一点，60 字以内。", field="contact")
    if days and (not days.isdecimal() or not 1 <= int(days) <= 365):
        raise Refused("请填 1 到 365 天。", field="appeal_days")
    if days and not found["appeal_source"]:
        raise Refused("请写明期限的依据，例如文件名称和条款。", field="appeal_source")
    if days and not found["appeal_to"]:
        raise Refused("请写明可以向哪里提出申诉或复议。", field="appeal_to")
    return {**found, "appeal_days": int(days) if days else None}


def put(street_id: UUID, department: str, policy: str, given: Words, post: str) -> UUID:
    """Write down where a department (or one of its policies) is reached in a street; the same place again replaces
    what stood. Raises Refused as `checked`."""
    words = {**checked(given), "set_at": now(), "set_post": post}
    row = insert(StreetDesk).values(
        id=uuid7(), street_id=street_id, department_slug=department, policy_slug=policy, **words
    )
    with telling(street_id=street_id):
        found: UUID = db.session.execute(
            row.on_conflict_do_update(
                index_elements=["street_id", "department_slug", "policy_slug"], set_=words
            ).returning(StreetDesk.id)
        ).scalar_one()  # fmt: skip
    audit.record("street_desk.set", "street_desk", found, department=department, policy=policy)
    return found


def of_street(street_id: UUID) -> dict[tuple[str, str], Any]:
    """(department, policy) → what the street has written down; policy '' = the department as a whole."""
    s = StreetDesk
    columns = [getattr(s, name) for name in FIELDS]
    rows: Any = db.session.execute(
        select(s.department_slug, s.policy_slug, *columns, s.set_at, s.set_post).where(s.street_id == street_id)
    )
    return {(row.department_slug, row.policy_slug): row for row in rows}


def reached(tenants: Collection[int]) -> set[tuple[int, str]]:
    """(community, department) pairs for which the community's street has written down somebody to ask."""
    s, c = StreetDesk, Community
    rows = db.session.execute(
        select(c.tenant_id, s.department_slug)
        .join(s, s.street_id == c.street_id)
        .where(c.tenant_id.in_(tenants), s.policy_slug == "", (s.phone != "") | (s.url != "") | (s.contact != ""))
    )
    return {(row.tenant_id, row.department_slug) for row in rows}
