"""Inviting somebody to a post by a message, and taking the post up: only whom it was sent to, with what was declared about
relatives."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from rongjiu import audit, codes
from rongjiu.clock import now
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Scope, Tenant, db, scoped
from rongjiu.errors import Absent, Refused
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.tenancy import service
from rongjiu.tenancy.models import Community, Invitation, Membership

NEAR_PEOPLE = frozenset({
    "secretary", "assistance_clerk", "community_worker", "grid_worker", "live_desk", "volunteer_lead", "volunteer",
    "street_acceptance",
})  # fmt: skip
"""Posts that may meet a relative's case: they declare kinship when joining (亲属回避)."""


def send(
    scope_kind: str, scope_id: UUID, role: str, phone: str, words: str, *, link_of: Callable[[str], str], by: UUID | None,
    post: str = "", courtyards: Sequence[str] = (),
) -> str:  # fmt: skip
    """Invite one person by phone; `words` is the message (a msgid with %(link)s). Answers the link, which is shown once and
    lives 72 hours. Raises Refused naming `phone`."""
    try:
        number = codes.mobile(phone)
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    token = service.invite(
        scope_kind, scope_id, role, post=post, phone=number, courtyards=list(courtyards), invited_by=by
    )  # fmt: skip
    link = link_of(token)
    tell(number, words, words={"link": link}, purpose="invitation", key=f"invite-{token[:16]}")
    return link


def waiting(scope_kind: str, scope_id: UUID) -> list[Row[Any]]:
    """Invitations to a place that nobody has taken up yet, the oldest first: id, role, post, expires_at."""
    i = Invitation
    query = select(i.id, i.role, i.post, i.expires_at).where(
        i.scope_kind == scope_kind, i.scope_id == scope_id, i.used_at.is_(None), i.revoked_at.is_(None),
        i.expires_at > now(),
    )  # fmt: skip
    return list(db.session.execute(query.order_by(i.created_at)))


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
