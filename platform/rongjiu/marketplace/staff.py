"""Who works for a provider: its owners decide everything, its staff see and answer what was sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.identity.models import Account
from rongjiu.marketplace.queries import Line
from rongjiu.tenancy import invitations
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Membership

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


def invited(provider_id: UUID) -> list[Row[Any]]:
    """Open invitations: id, role, post, expires_at."""
    return invitations.waiting("provider", provider_id)


def invite(provider_id: UUID, role: str, phone: str, *, by: UUID, link_of: Callable[[str], str]) -> str:
    """Invite one person by phone; answers the link, shown once and alive 72 hours. Raises Refused at `role` or `phone`."""
    if role not in ROLES:
        raise Refused("请选一项", field="role")
    text = N_("您收到一份服务方岗位邀请，72 小时内有效，只能用一次：%(link)s")
    return invitations.send("provider", provider_id, role, phone, text, link_of=link_of, by=by)


def end(provider_id: UUID, membership_id: UUID) -> None:
    """End somebody's work here; raises Absent for another provider's, Refused for the last owner."""
    row = db.session.get(Membership, membership_id)
    if row is None or row.scope_kind != "provider" or row.scope_id != provider_id:
        raise Absent("没有这个岗位。")
    tenancy.end_membership(membership_id)
