"""A write that a client may retry carries a key: same key and body, same answer; another body, 409."""

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import LargeBinary, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped

from rongjiu.clock import now
from rongjiu.db import KEY, WORK, Base, PlatformRow, db, field
from rongjiu.errors import Clash


class Retry(PlatformRow, Base):
    """One write that came with a key; `location` is where its answer led."""

    __tablename__ = "retry"
    caller: Mapped[str] = field(KEY)
    body: Mapped[bytes] = field(WORK, LargeBinary)
    location: Mapped[str | None] = field(WORK)
    at: Mapped[datetime] = field(WORK)


def begin(key: UUID, caller: str, body: bytes) -> str | None:
    """Claim a key inside the transaction; answers the earlier location on a repeat, None when this is the first.

    A repeat at the same moment waits for the first to end. Raises Clash when the body or caller differs.
    """
    digest = sha256(body).digest()
    mine = (
        insert(Retry).values(id=key, caller=caller, body=digest, at=now()).on_conflict_do_nothing().returning(Retry.id)
    )
    if db.session.scalar(mine) is not None:
        return None
    row = db.session.execute(select(Retry.caller, Retry.body, Retry.location).where(Retry.id == key)).one()
    if row.caller != caller or bytes(row.body) != digest:
        raise Clash("这一页已经提交过,内容又改了。请刷新页面后再提交。")
    return str(row.location or "/")


def finish(key: UUID, location: str) -> None:
    """Keep where the answer led."""
    db.session.execute(update(Retry).where(Retry.id == key).values(location=location))


def forget(key: UUID) -> None:
    """Give a key back: the write was not done, the form came back to be mended."""
    db.session.execute(delete(Retry).where(Retry.id == key))
