"""Effects outside the transaction: a row written inside it, carried out at least once, counted once.

PostgreSQL is the truth; Redis and RQ are only the bell. `put()` writes the row and rings; the relay
(`rongjiu/relay.py`) enqueues; `perform()` locks the row, does the effect and marks it in one transaction.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped
from structlog import get_logger

from rongjiu.actor import SYSTEM, acting
from rongjiu.clock import now
from rongjiu.db import (
    KEY,
    WORK,
    Base,
    PlatformRow,
    Scope,
    Tenant,
    TenantRow,
    current_scope,
    db,
    field,
    scoped,
)
from rongjiu.ids import uuid7
from rongjiu.prepared import Prepared, as_json

Effect = Callable[[dict[str, Any]], None]
Together = Callable[[Sequence[dict[str, Any]]], None]
_effects: dict[str, Effect] = {}
_together: dict[str, Together] = {}
MOST = 50
"""Rows of one kind that are carried out in one transaction: few enough that nobody waits long for a lock."""
ASIDE = timedelta(seconds=30)
"""So long a row that failed by itself stands back behind the others of its kind."""
log = get_logger()


class _Columns:
    kind: Mapped[str] = field(WORK)
    payload: Mapped[dict[str, Any]] = field(WORK, JSONB)
    unique_key: Mapped[str] = field(KEY)
    created_at: Mapped[datetime] = field(WORK)
    run_after: Mapped[datetime] = field(WORK)
    queued_at: Mapped[datetime | None] = field(WORK)
    attempts: Mapped[int] = field(WORK, default=0)
    done_at: Mapped[datetime | None] = field(WORK)
    error: Mapped[str | None] = field(WORK)


class Outbox(TenantRow, _Columns, Base):
    """An effect of one community.

    `together` says whether a set of its kind is carried out at once, as it was when the row was written: the relay
    knows no kinds, it reads this. A row of a release that did not know is rung by itself, which is always right.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("tenant_id", "unique_key"),
        Index("ix_outbox_open", "run_after", postgresql_where=text("done_at IS NULL")),
        Index("ix_outbox_due", "tenant_id", "kind", "run_after", postgresql_where=text("done_at IS NULL AND together")),
    )
    together: Mapped[bool] = field(WORK, default=False, server_default=text("false"))


class PlatformOutbox(PlatformRow, _Columns, Base):
    """An effect that has no community."""

    __tablename__ = "platform_outbox"
    __table_args__ = (
        UniqueConstraint("unique_key"),
        Index("ix_platform_outbox_open", "run_after", postgresql_where=text("done_at IS NULL")),
    )


def effect(kind: str) -> Callable[[Effect], Effect]:
    """Register what carries out rows of this kind; it runs in the row's community and may be called again."""

    def keep(function: Effect) -> Effect:
        _effects[kind] = function
        return function

    return keep


def together(kind: str) -> Callable[[Together], Together]:
    """Register what carries out many due rows of a kind of one community by the set, with the same result as its
    `effect`, which must be registered too: it is what is left when a set fails.

    The relay rings once for each community that has such rows, and again when some are left, so that communities take
    turns however much each has.
    """

    def keep(function: Together) -> Together:
        if kind not in _effects:
            raise KeyError(kind)
        _together[kind] = function
        return function

    return keep


def kinds() -> frozenset[str]:
    """All kinds that can be carried out."""
    return frozenset(_effects)


def put(kind: str, payload: dict[str, Any], *, key: str | None = None, after: datetime | None = None) -> None:
    """Write an effect for later; the same `key` twice is one effect. Payload: ids and codes, no personal content.

    `after` makes it a timer: nothing happens before that moment.
    """
    put_all(kind, [(payload, key or str(uuid7()), after)])


def put_all(kind: str, effects: Sequence[tuple[dict[str, Any], str, datetime | None]]) -> None:
    """`put` for several effects of a kind (payload, key, after), with one statement."""
    put_each([Asked(kind, *each) for each in effects])


class Asked(NamedTuple):
    """One effect of several that are asked for together; see `put`."""

    kind: str
    payload: dict[str, Any]
    key: str
    after: datetime | None = None


def put_each(effects: Sequence[Asked]) -> None:
    """`put` for several effects of several kinds, with one statement."""
    for kind, *_rest in effects:
        if kind not in _effects:
            raise KeyError(kind)
    moment = now()
    rows = [
        {
            "id": uuid7(),
            "kind": kind,
            "payload": payload,
            "key": key,
            "run_after": after or moment,
            "together": kind in _together,
        }  # fmt: skip
        for kind, payload, key, after in effects
    ]
    if rows:
        ring = any(after is None for _kind, _payload, _key, after in effects)
        (_PUT if current_scope().tenant else _PUT_PLATFORM).write(rows=as_json(rows), at=moment, ring=ring)


def _put(table: str, names: str, values: str) -> Prepared:
    return Prepared(
        text(
            f"WITH made AS (INSERT INTO {table} ({names}id, kind, payload, unique_key, created_at, run_after, attempts) "  # noqa: S608 names are ours
            f"SELECT {values}r.id, r.kind, r.payload, r.key, :at, r.run_after, 0 "
            "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
            "AS r(id uuid, kind text, payload jsonb, key text, run_after timestamptz, together boolean) "
            "ON CONFLICT DO NOTHING) "
            "SELECT pg_notify('outbox', '') WHERE :ring"
        )
    )


_PUT = _put("outbox", "tenant_id, together, ", ":tenant, r.together, ")
_PUT_PLATFORM = _put("platform_outbox", "", "")


def perform(tenant_id: int | None, tenant_uid: str | None, row_id: str) -> bool:
    """Carry out one row: effect and mark in one transaction. Answers False when it was already done."""
    tenant = Tenant(tenant_id, UUID(tenant_uid)) if tenant_id is not None and tenant_uid else None
    table: Any = Outbox if tenant else PlatformOutbox
    try:
        with scoped(Scope(tenant=tenant)), acting(SYSTEM):
            row: Outbox | PlatformOutbox | None = db.session.scalar(
                select(table).where(table.id == UUID(row_id), table.done_at.is_(None)).with_for_update(skip_locked=True)
            )
            if row is None:
                return False
            _effects[row.kind](row.payload)
            # A statement, not the object: an effect that enters another scope leaves the row detached.
            db.session.execute(update(table).where(table.id == UUID(row_id)).values(done_at=now(), error=None))
        db.session.commit()
        return True
    except Exception:
        db.session.rollback()
        raise
    finally:
        db.session.remove()


def perform_together(tenant_id: int, tenant_uid: str, kind: str) -> int:
    """Carry out the due rows of a kind of one community, the first due first and at most MOST of them: effects and
    marks in one transaction. Answers how many; when the set fails, or the kind is no longer carried out by the set,
    each is tried by itself."""
    tenant = Tenant(tenant_id, UUID(tenant_uid))
    ids: list[UUID] = []
    try:
        with scoped(Scope(tenant=tenant)), acting(SYSTEM):
            rows = _DUE.rows(kind=kind, moment=now(), most=MOST)
            if ids := [row.id for row in rows]:
                _together[kind]([row.payload for row in rows])  # a KeyError fails the set like any other error
                _DONE.write(ids=ids, at=now())
            if len(ids) == MOST:
                db.session.execute(text("NOTIFY outbox"))
        db.session.commit()
        return len(ids)
    except Exception as error:
        db.session.rollback()
        if not ids:
            raise
        log.warning("one by one", kind=kind, rows=len(ids), error=type(error).__name__)
    finally:
        db.session.remove()
    return sum(_alone(tenant, row) for row in ids)


_DUE = Prepared(
    text(
        "SELECT id, payload FROM outbox WHERE tenant_id = :tenant AND kind = :kind AND done_at IS NULL AND together "
        "AND run_after <= :moment ORDER BY run_after, id LIMIT :most FOR UPDATE SKIP LOCKED"
    )
)
_DONE = Prepared(text("UPDATE outbox SET done_at = :at, error = NULL WHERE tenant_id = :tenant AND id = ANY(:ids)"))


def _alone(tenant: Tenant, row_id: UUID) -> bool:
    """One row of a set that failed; if it is the one that fails, it stands aside, so that it does not stop the others
    for good."""
    try:
        return perform(tenant.id, str(tenant.uid), str(row_id))
    except Exception as error:  # noqa: BLE001  whatever it is, the other rows go on; this one is rung again
        log.warning("effect failed", row=str(row_id), error=type(error).__name__)
    with scoped(Scope(tenant=tenant)):
        words = {"run_after": now() + ASIDE, "error": "failed"}
        db.session.execute(update(Outbox).where(Outbox.id == row_id, Outbox.done_at.is_(None)).values(words))
    db.session.commit()
    db.session.remove()
    return False
