"""The message to a family that a policy newly reaches or will leave; sent after a named clerk confirmed it."""

from uuid import UUID

from sqlalchemy import select

from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.notify.service import tell
from rongjiu.tenancy.models import Community
from tenants.rescreening.models import VerdictChange
from tenants.residents.models import Person


def phone_of(household_id: UUID, subject_id: UUID) -> str | None:
    """A mobile number to tell the family: of the person it concerns, else of the first one who has any."""
    p = Person
    rows = db.session.execute(
        select(p.id, p.phone)
        .where(p.household_id == household_id, p.status == "here", p.phone.is_not(None))
        .order_by(p.id != subject_id, p.seq)
    )
    return next((row.phone for row in rows if mobile(row.phone)), None)


def mobile(phone: str | None) -> bool:
    """Can a text message reach this number? A landline cannot be texted."""
    digits = (phone or "").removeprefix("+86")
    return len(digits) == 11 and digits.startswith("1") and digits.isdecimal()


def send(change_id: UUID) -> bool:
    """Send the message of one change; the same change once. False when nobody can be reached any more.

    It names neither person nor policy: whoever holds the telephone learns nothing about the family.
    """
    v = VerdictChange
    row = db.session.execute(
        select(v.household_id, v.subject_id, v.state, v.channel).where(v.id == change_id)
    ).one_or_none()
    if row is None or (row.state, row.channel) != ("told", "sms"):
        return False
    phone = phone_of(row.household_id, row.subject_id)
    if phone is None:
        return False
    c = Community
    here = db.session.execute(select(c.name, c.phone).where(c.tenant_id == current_tenant().id)).one()
    text = N_(
        "【%(place)s】您好，有一项救助或福利政策可能和您家有关，请打社区电话 %(phone)s 问一问，是否符合由部门决定。"
    )
    if not here.phone:
        text = N_("【%(place)s】您好，有一项救助或福利政策可能和您家有关，请到社区问一问，是否符合由部门决定。")
    tell(
        phone,
        text,
        words={"place": here.name, "phone": here.phone},
        purpose="policy_change",
        key=f"rescreen-tell-{change_id}",
    )
    return True
