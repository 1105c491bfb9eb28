"""Who works in a community now: memberships with account, post and courtyards."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from rongjiu.clock import now
from rongjiu.identity.models import Account
from rongjiu.prepared import Prepared, given
from rongjiu.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Worker:
    """One standing membership; `name` is a member of staff, never a resident."""

    account_id: UUID
    role: str
    post: str
    name: str
    courtyards: tuple[str, ...]


_WORKING = Prepared(
    select(Membership.account_id, Membership.role, Membership.post, Account.name, Membership.courtyards)
    .join(Account, Account.id == Membership.account_id)
    .where(
        Membership.scope_kind == "community",
        Membership.scope_id == given("community"),
        Account.disabled_at.is_(None),
        or_(Membership.ends_at.is_(None), Membership.ends_at > given("now")),
    )
    .order_by(Membership.starts_at, Membership.id)
)


def working(community_id: UUID, roles: Collection[str] = ()) -> list[Worker]:
    """The staff of a community whose membership stands, oldest first; only these roles if any are named."""
    return [
        Worker(row.account_id, row.role, row.post or row.name, row.name, tuple(row.courtyards))
        for row in _WORKING.rows(community=community_id, now=now())
        if not roles or row.role in roles
    ]
