"""Taking up a post by invitation: only whom it was sent to, with what was declared about relatives."""

from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Scope, Tenant, db, scoped
from rongjiu.errors import Absent, Refused
from rongjiu.identity.models import Account
from rongjiu.tenancy import service
from rongjiu.tenancy.models import Community, Invitation, Membership

NEAR_PEOPLE = frozenset({
    "secretary", "assistance_clerk", "community_worker", "grid_worker", "live_desk", "volunteer_lead", "volunteer",
    "street_acceptance",
})  # fmt: skip
"""Posts that may meet a relative's case: they declare kinship when joining (亲属回避)."""


def meant_for(row: Invitation, index: bytes | None) -> None:
    """Refuse an invitation that was sent to another phone; one without a phone is for whoever holds the link."""
    if row.phone and index != blind(row.phone, PLATFORM, "phone"):
        raise Refused("这份邀请发给了另一个手机号。请用那个号码的账号接受，或请对方重新邀请。", field="address")


def accept(token: str, account: Account, *, kin: str) -> Membership:
    """Turn an invitation into a post, once, and keep in the record what was declared: `kin` = yes | no | ''.

    Raises Absent for a dead invitation, Refused when it was sent to somebody else or the declaration is missing.
    """
    row = service.find_invitation(token)
    try:
        meant_for(row, account.phone_index)
    except Refused as refused:
        raise Refused(refused.message) from refused
    if row.role in NEAR_PEOPLE and kin not in ("yes", "no"):
        raise Refused("请选一项", field="kin")
    membership = service.accept_invitation(token, account.id)
    if row.role in NEAR_PEOPLE:
        with scoped(Scope(tenant=_tenant(membership.scope_kind, membership.scope_id))):
            audit.record("kinship.declare", "membership", membership.id, relatives=kin == "yes")
    return membership


def _tenant(kind: str, scope_id: UUID | None) -> Tenant | None:
    if kind != "community":
        return None
    number = db.session.scalar(select(Community.tenant_id).where(Community.id == scope_id))
    return Tenant(number, scope_id) if number is not None and scope_id is not None else None


def withdraw(invitation_id: UUID, scope_kind: str, scope_id: UUID | None) -> None:
    """Withdraw an open invitation to this place; withdrawing twice changes nothing. Raises Absent for another place's."""
    row = db.session.get(Invitation, invitation_id)
    if row is None or row.scope_kind != scope_kind or row.scope_id != scope_id:
        raise Absent("没有这份邀请。")
    if row.used_at is None and row.revoked_at is None:
        row.revoked_at = now()
        audit.record("invitation.withdraw", "invitation", row.id)
