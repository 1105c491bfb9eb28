"""Places and people: memberships, invitations, streets, last-admin rules."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select, update

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.crypto import token_hash
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.links import DEAD
from rongjiu.tenancy.models import Invitation, Membership

INVITATION_LIFE = timedelta(hours=72)
LAST = {"community": "secretary", "street": "street_overseer", "platform": "operator", "provider": "provider_owner"}
"""The role that no place may lose its last holder of."""


def join(
    account_id: UUID,
    scope_kind: str,
    scope_id: UUID | None,
    role: str,
    *,
    post: str = "",
    courtyards: list[str] | None = None,
) -> Membership:
    """Give an account a role at a place; holding it already changes nothing."""
    held = db.session.scalar(
        select(Membership).where(
            Membership.account_id == account_id,
            Membership.scope_kind == scope_kind,
            Membership.scope_id.is_not_distinct_from(scope_id),
            Membership.role == role,
            Membership.ends_at.is_(None),
        )
    )
    if held:
        return held
    row = Membership(
        id=uuid7(), account_id=account_id, scope_kind=scope_kind, scope_id=scope_id, role=role, post=post,
        courtyards=courtyards or [], starts_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("membership.start", "membership", row.id, role=role, scope=scope_kind, scope_id=scope_id)
    return row


def end_membership(membership_id: UUID) -> None:
    """End a membership now; raises Refused for the last holder of a role its place cannot be without."""
    row = db.session.get(Membership, membership_id)
    if row is None or row.ends_at:
        raise Absent("没有这个岗位。")
    if row.role == LAST.get(row.scope_kind):
        standing = (
            select(Membership.id)
            .where(
                Membership.scope_kind == row.scope_kind,
                Membership.scope_id.is_not_distinct_from(row.scope_id),
                Membership.role == row.role,
                or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
            )
            .order_by(Membership.id)
            .with_for_update()  # all of them: two who end each other at the same moment take turns
        )
        if set(db.session.scalars(standing)) <= {row.id}:
            raise Refused("这是最后一位负责人，请先让接任者接受邀请。")
    row.ends_at = now()
    audit.record("membership.end", "membership", row.id)


def invite(
    scope_kind: str, scope_id: UUID | None, role: str, *, post: str = "", phone: str | None = None,
    courtyards: list[str] | None = None, invited_by: UUID | None = None,
) -> str:  # fmt: skip
    """Make a single-use link, alive 72 hours, and answer its token."""
    token = secrets.token_urlsafe(24)
    row = Invitation(
        id=uuid7(), token_hash=token_hash(token), scope_kind=scope_kind, scope_id=scope_id, role=role, post=post,
        courtyards=courtyards or [], phone=phone, invited_by=invited_by, created_at=now(), expires_at=now() + INVITATION_LIFE,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("invitation.make", "invitation", row.id, role=role, scope=scope_kind, scope_id=scope_id)
    return token


def find_invitation(token: str) -> Invitation:
    """The open invitation of a token; raises Absent for unknown, used, withdrawn and expired alike."""
    row = db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    if row is None or row.used_at or row.revoked_at or row.expires_at <= now():
        raise Absent(DEAD)
    return row


def accept_invitation(token: str, account_id: UUID) -> Membership:
    """Turn an invitation into a membership, once; raises Absent when it is dead or another was faster."""
    row = find_invitation(token)
    spent = update(Invitation).where(Invitation.id == row.id, Invitation.used_at.is_(None)).values(used_at=now())
    if db.session.scalar(spent.returning(Invitation.id)) is None:
        raise Absent(DEAD)
    return join(account_id, row.scope_kind, row.scope_id, row.role, post=row.post, courtyards=list(row.courtyards))
