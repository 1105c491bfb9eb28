"""Reads of accounts for screens and commands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.identity.models import Account, LoginSession
from rongjiu.identity.rules import limits
from rongjiu.tenancy.models import Membership


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One browser logged in, as its owner sees it."""

    id: UUID
    role: str | None
    created_at: datetime
    last_seen_at: datetime
    address: str
    agent: str


def live_sessions(account_id: UUID) -> list[LiveSession]:
    """Logins of an account that the next request would still accept, the latest used first."""
    rows = db.session.execute(
        select(
            LoginSession.id, Membership.role, LoginSession.created_at, LoginSession.last_seen_at, LoginSession.address,
            LoginSession.agent,
        )
        .outerjoin(Membership, Membership.id == LoginSession.membership_id)
        .where(
            LoginSession.account_id == account_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > now()
        )
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )  # fmt: skip
    live = (LiveSession(*row) for row in rows)
    return [one for one in live if now() - one.last_seen_at <= limits(one.role).idle]


def operator_stands() -> bool:
    """Is there an operator who can log in?"""
    standing = select(Membership.id).join(Account, Account.id == Membership.account_id).where(
        Membership.scope_kind == "platform", Membership.role == "operator", Membership.ends_at.is_(None),
        Account.disabled_at.is_(None),
    )  # fmt: skip
    return bool(db.session.scalar(select(exists(standing))))


def personas() -> list[Account]:
    """The sample persons of a demo, in the order they were made; empty anywhere else."""
    return list(db.session.scalars(select(Account).where(Account.persona.is_not(None)).order_by(Account.id)))
