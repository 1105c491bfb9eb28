"""Links that let one person do one thing without an account: a random 128-bit token kept as a hash."""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.clock import now
from rongjiu.crypto import token_hash
from rongjiu.db import KEY, SECRET, WORK, Base, PlatformRow, db, field
from rongjiu.errors import Absent


class Link(PlatformRow, Base):
    """What one token opens: a purpose, an object, until when."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_link_object", "object_id"))
    token_hash: Mapped[bytes] = field(SECRET, LargeBinary)
    tenant_id: Mapped[int | None] = field(KEY)
    tenant_uid: Mapped[UUID | None] = field(KEY)
    provider_id: Mapped[UUID | None] = field(KEY)
    purpose: Mapped[str] = field(WORK)
    object_id: Mapped[UUID] = field(KEY)
    detail: Mapped[dict[str, Any]] = field(WORK, JSONB, default=dict)
    created_at: Mapped[datetime] = field(WORK)
    expires_at: Mapped[datetime] = field(WORK)
    used_at: Mapped[datetime | None] = field(WORK)


DEAD = "这个链接已用过或已过期。请打社区电话,或输入手机号再发一次。"
"""One answer for unknown, used and altered links, and for those whose object is over; none can be told from another."""


def issue(purpose: str, object_id: UUID, expires_at: datetime, **words: Any) -> str:
    """Make a link and answer its token, which is kept nowhere. Further words: tenant_id, tenant_uid, provider_id, detail."""
    token = secrets.token_urlsafe(24)
    db.session.add(
        Link(
            token_hash=token_hash(token),
            purpose=purpose,
            object_id=object_id,
            created_at=now(),
            expires_at=expires_at,
            **words,
        )
    )
    db.session.flush()
    return token


def find(token: str, *purposes: str) -> Link:
    """The live link of a token; raises Absent with the one dead-link answer for anything else."""
    row = db.session.scalar(select(Link).where(Link.token_hash == token_hash(token)))
    if row is None or row.purpose not in purposes or row.used_at or row.expires_at <= now():
        raise Absent(DEAD)
    return row


def use(link: Link) -> None:
    """Spend a link; raises Absent when another request was faster."""
    spent = update(Link).where(Link.id == link.id, Link.used_at.is_(None)).values(used_at=now()).returning(Link.id)
    if db.session.scalar(spent) is None:
        raise Absent(DEAD)


def revoke(object_id: UUID, *purposes: str) -> None:
    """Take back every unused link of these purposes to an object: what it opened is over, or a newer one was sent."""
    mine = (Link.object_id == object_id, Link.purpose.in_(purposes), Link.used_at.is_(None))
    db.session.execute(update(Link).where(*mine).values(used_at=now()))


def bind(link: Link) -> str:
    """Tie a link to the device that holds the secret answered here; raises Absent when another one was faster.

    GET never binds: previewers of a chat fetch links too. A forwarded link opens elsewhere, and shows less there.
    """
    secret = secrets.token_urlsafe(16)
    mine = update(Link).where(Link.id == link.id, Link.used_at.is_(None), ~Link.detail.has_key("device"))
    kept = link.detail | {"device": token_hash(secret).hex()}
    if db.session.scalar(mine.values(detail=kept).returning(Link.id)) is None:
        raise Absent(DEAD)
    return secret


def bound(link: Link) -> bool:
    """Has a device been tied to this link?"""
    return "device" in link.detail


def here(link: Link, secret: str) -> bool:
    """Does the secret of this device's cookie belong to the device tied to the link?"""
    return bound(link) and compare_digest(str(link.detail["device"]), token_hash(secret).hex())


def spent(token: str, purpose: str, tenant_uid: UUID, within: timedelta = timedelta(hours=1)) -> UUID | None:
    """The object of a link of this community that was used a short while ago, for the page of thanks after it."""
    return db.session.scalar(
        select(Link.object_id).where(
            Link.token_hash == token_hash(token), Link.purpose == purpose, Link.tenant_uid == tenant_uid,
            Link.used_at > now() - within,
        )
    )  # fmt: skip
