"""Who works in a community, and who is invited: for its founder, the street that answers, and the secretary."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity.models import Account
from rongjiu.tenancy import invitations
from rongjiu.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the staff, for the secretary."""

    id: UUID
    name: str
    role: str
    post: str
    since: datetime
    until: datetime | None
    yards: int


def members(community_id: UUID) -> list[Member]:
    """Standing members of a community, by role and day."""
    m = Membership
    rows = db.session.execute(
        select(m.id, Account.name, m.role, m.post, m.starts_at, m.ends_at, m.courtyards)
        .join(Account, Account.id == m.account_id)
        .where(m.scope_kind == "community", m.scope_id == community_id)
        .where((m.ends_at.is_(None)) | (m.ends_at > now()))
        .order_by(m.starts_at)
    )
    return [Member(*row[:6], yards=len(row.courtyards or ())) for row in rows]


def invited(community_id: UUID) -> list[tuple[UUID, str, str, datetime]]:
    """Open invitations: id, role, post, until when."""
    return [(row.id, row.role, row.post, row.expires_at) for row in invitations.waiting("community", community_id)]


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One post: standing, or invited and not taken up yet. No name, no phone."""

    role: str
    post: str
    joined: bool
    until: datetime | None


def staff(community_id: UUID) -> list[StaffRow]:
    """Posts held and posts invited for, without persons."""
    held = db.session.execute(
        select(Membership.role, Membership.post)
        .where(Membership.scope_kind == "community", Membership.scope_id == community_id, Membership.ends_at.is_(None))
        .order_by(Membership.starts_at)
    )
    return [StaffRow(row.role, row.post, True, None) for row in held] + [
        StaffRow(role, post, False, until) for _id, role, post, until in invited(community_id)
    ]
