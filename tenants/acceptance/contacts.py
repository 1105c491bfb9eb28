"""Where a department, or one of its policies, is really applied for: written down by the community, never shipped."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent
from rongjiu.ids import uuid7
from rongjiu.policies import desks
from tenants.acceptance.models import OfficialDesk
from tenants.catalogue.models import Department, Policy


def put(department: str, *, policy: str = "", **given: Any) -> UUID:
    """Write down where a department (or one of its policies) is reached, and how to object; the same place again
    replaces what stood. `given`: url, phone, contact, appeal_to, appeal_days, appeal_source.

    Raises Absent for an unknown department or policy, Refused naming the field.
    """
    if db.session.scalar(select(Department.id).where(Department.slug == department)) is None:
        raise Absent("没有这个部门。")
    if policy and db.session.scalar(select(Policy.department_slug).where(Policy.slug == policy)) != department:
        raise Absent("政策库里没有这一条。")
    words = {**desks.checked(given), "set_at": now(), "set_post": current_actor().name}
    row = insert(OfficialDesk).values(
        tenant_id=current_tenant().id, id=uuid7(), department_slug=department, policy_slug=policy, **words
    )
    found = db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "department_slug", "policy_slug"], set_=words
        ).returning(OfficialDesk.id)
    ).scalar_one()  # fmt: skip
    audit.record("official_desk.set", "official_desk", found, department=department, policy=policy)
    return found
