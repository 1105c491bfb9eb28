"""Accounts, login sessions, one-time codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from rongjiu.crypto import Sealed
from rongjiu.db import KEY, OPEN, PERSONAL, SECRET, WORK, Base, PlatformRow, field


class Account(PlatformRow, Base):
    """A person who can log in; found by the platform-wide hash of phone or e-mail."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("phone_index"), UniqueConstraint("email_index"))
    name: Mapped[str] = field(PERSONAL)
    phone: Mapped[str | None] = field(PERSONAL, Sealed("account", "phone", platform=True))
    phone_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    email: Mapped[str | None] = field(PERSONAL, Sealed("account", "email", platform=True))
    email_index: Mapped[bytes | None] = field(SECRET, LargeBinary)
    password_hash: Mapped[str] = field(SECRET)
    totp_secret: Mapped[str | None] = field(SECRET, Sealed("account", "totp_secret", platform=True))
    totp_confirmed_at: Mapped[datetime | None] = field(WORK)
    totp_last_step: Mapped[int] = field(SECRET, default=0)
    failures: Mapped[int] = field(WORK, default=0)
    locked_until: Mapped[datetime | None] = field(WORK)
    disabled_at: Mapped[datetime | None] = field(WORK)
    persona: Mapped[str | None] = field(OPEN)
    """Slug of a demo persona; null for everybody real."""
    demo: Mapped[bool] = field(OPEN, default=False)
    created_at: Mapped[datetime] = field(WORK)


class LoginSession(PlatformRow, Base):
    """One browser logged in; the cookie holds a random token, this row holds its hash."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash"),)
    token_hash: Mapped[bytes] = field(SECRET, LargeBinary)
    account_id: Mapped[UUID] = field(KEY, ForeignKey("account.id"), index=True)
    membership_id: Mapped[UUID | None] = field(KEY, ForeignKey("membership.id"))
    created_at: Mapped[datetime] = field(WORK)
    last_seen_at: Mapped[datetime] = field(WORK)
    expires_at: Mapped[datetime] = field(WORK)
    second_factor_at: Mapped[datetime | None] = field(WORK)
    ended_at: Mapped[datetime | None] = field(WORK)
    address: Mapped[str] = field(PERSONAL)
    agent: Mapped[str] = field(PERSONAL)


class Passcode(PlatformRow, Base):
    """A six-digit code sent to a phone or e-mail, bound to one purpose; few tries, short life."""

    __tablename__ = "passcode"
    address_index: Mapped[bytes] = field(SECRET, LargeBinary, index=True)
    purpose: Mapped[str] = field(WORK)
    code_hash: Mapped[bytes] = field(SECRET, LargeBinary)
    tries: Mapped[int] = field(WORK, default=0)
    expires_at: Mapped[datetime] = field(WORK)
    used_at: Mapped[datetime | None] = field(WORK)
    detail: Mapped[dict[str, str]] = field(WORK, JSONB, default=dict)


class LoginWait(Base):
    """Wrong passwords in a row for one phone or e-mail, whether it has an account or not, so that both are answered
    alike; removed by the right password."""

    __tablename__ = "login_wait"
    address_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True, info={"label": SECRET})
    failures: Mapped[int] = field(WORK, default=0)
    locked_until: Mapped[datetime | None] = field(WORK)
    at: Mapped[datetime] = field(WORK)
