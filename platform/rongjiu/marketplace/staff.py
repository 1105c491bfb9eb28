"""Who works for a provider: its owners decide everything, its staff see and answer what was sent."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from rongjiu import codes
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity.models import Account
from rongjiu.marketplace.queries import Line
from rongjiu.notify.service import tell
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Invitation, Membership

ROLES = ("provider_staff", "provider_owner")


def members(provider_id: UUID) -> list[Line]:
    """Who works for it now, longest first: id, name, role, starts_at."""
    m = Membership
    query = (
        select(m.id, Account.name, m.role, m.starts_at)
        .join(Account, Account.id == m.account_id)
        .where(m.scope_kind == "provider", m.scope_id == provider_id, m.ends_at.is_(None) | (m.ends_at > now()))
        .order_by(m.starts_at)
    )
    return list(db.session.execute(query))


def invited(provider_id: UUID) -> list[Line]:
    """Open invitations: role, expires_at."""
    i = Invitation
    query = (
        select(i.id, i.role, i.expires_at)
        .where(i.scope_kind == "provider", i.scope_id == provider_id, i.used_at.is_(None), i.revoked_at.is_(None))
        .where(i.expires_at > now())
        .order_by(i.created_at)
    )
    return list(db.session.execute(query))


def invite(provider_id: UUID, role: str, phone: str, *, by: UUID, link_of: Callable[[str], str]) -> str:
    """Invite one person by phone; answers the link, shown once and alive 72 hours. Raises Refused at `role` or `phone`."""
    if role not in ROLES:
        raise Refused("请选一项", field="role")
    try:
        number = codes.mobile(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    token = tenancy.invite("provider", provider_id, role, phone=number, invited_by=by)
    link = link_of(token)
    text = N_("您收到一份服务方岗位邀请，72 小时内有效，只能用一次：%(link)s")
    tell(number, text, words={"link": link}, purpose="invitation", key=f"invite-{token[:16]}")
    return link


def end(provider_id: UUID, membership_id: UUID) -> None:
    """End somebody's work here; raises Absent for another provider's, Refused for the last owner."""
    row = db.session.get(Membership, membership_id)
    if row is None or row.scope_kind != "provider" or row.scope_id != provider_id:
        raise Absent("没有这个岗位。")
    tenancy.end_membership(membership_id)
