"""Login sessions: one a device and post, its token kept as a hash only."""

import secrets
from uuid import UUID

from sqlalchemy import update

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.crypto import token_hash
from rongjiu.db import db
from rongjiu.identity import rules
from rongjiu.identity.models import LoginSession
from rongjiu.ids import uuid7


def start_session(
    account_id: UUID,
    membership_id: UUID | None,
    role: str | None,
    *,
    address: str,
    agent: str,
    second_factor: bool = False,
) -> str:
    """Log in at one place and answer the token for the cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    moment = now()
    db.session.add(
        LoginSession(
            id=uuid7(),
            token_hash=token_hash(token),
            account_id=account_id,
            membership_id=membership_id,
            created_at=moment,
            last_seen_at=moment,
            expires_at=moment + rules.limits(role).absolute,
            second_factor_at=moment if second_factor else None,
            address=address,
            agent=agent[:200],
        )
    )
    db.session.flush()
    audit.record("login.start", "account", account_id)
    return token


def renew_session(
    session_id: UUID, membership_id: UUID | None, role: str | None, *, address: str, agent: str, second_factor: bool,
) -> str | None:  # fmt: skip
    """End a login and go on in a new one (other post, or second factor passed) under a new token.

    The first log-in's time is kept, so the absolute limit of the role counts from there; answers None when that
    limit is over already and the person must log in anew.
    """
    old = db.session.get(LoginSession, session_id)
    moment = now()
    if old is None or old.ended_at or old.created_at + rules.limits(role).absolute <= moment:
        return None
    old.ended_at = moment
    token = secrets.token_urlsafe(32)
    db.session.add(
        LoginSession(
            id=uuid7(), token_hash=token_hash(token), account_id=old.account_id, membership_id=membership_id,
            created_at=old.created_at, last_seen_at=moment, expires_at=old.created_at + rules.limits(role).absolute,
            second_factor_at=(old.second_factor_at or moment) if second_factor else None, address=address,
            agent=agent[:200],
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("login.renew", "account", old.account_id, role=role, second_factor=second_factor)
    return token


def end_session(session_id: UUID, account_id: UUID) -> None:
    """End one login of this account; ending it twice changes nothing."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.account_id == account_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now())
    )
    audit.record("login.end", "account", account_id)


def end_sessions(account_id: UUID, *, but: UUID | None = None) -> None:
    """End all logins of an account, but one if wished."""
    where = [LoginSession.account_id == account_id, LoginSession.ended_at.is_(None)]
    if but:
        where.append(LoginSession.id != but)
    db.session.execute(update(LoginSession).where(*where).values(ended_at=now()))
