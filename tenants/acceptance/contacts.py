"""Where a department, or one of its policies, is really applied for: written down by the community, never shipped."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from tenants.acceptance import rules
from tenants.acceptance.models import OfficialDesk
from tenants.catalogue.models import Department, Policy

LONGEST = 300


def put(department: str, *, policy: str = "", url: str = "", phone: str = "", contact: str = "") -> UUID:
    """Write down where a department (or one of its policies) is reached; the same place again replaces what stood.

    Raises Absent for an unknown department or policy, Refused naming `url`, `phone` or `contact`.
    """
    if db.session.scalar(select(Department.id).where(Department.slug == department)) is None:
        raise Absent("没有这个部门。")
    if policy and db.session.scalar(select(Policy.department_slug).where(Policy.slug == policy)) != department:
        raise Absent("政策库里没有这一条。")
    if fault := rules.url_fault(url):
        raise Refused(fault, field="url")
    if len(url) > LONGEST:
        raise Refused("网址太长，请填 300 字以内。", field="url")
    if len(phone) > 30 or not set(phone) <= set("0123456789 -+转,、"):
        raise Refused("电话只写数字、空格和横线。", field="phone")
    if len(contact) > 60:
        raise Refused("请写短一点，60 字以内。", field="contact")
    words = {
        "url": url.strip(), "phone": phone.strip(), "contact": contact.strip(), "set_at": now(),
        "set_post": current_actor().name,
    }  # fmt: skip
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
