"""Who did what, from where: append-only rows in the same transaction, one hash chain per community and one
for the platform. Ids and verbs only, no personal content."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, event, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import (
    KEY,
    WORK,
    Base,
    OfTenant,
    Tenant,
    current_scope,
    db,
    field,
    tenant_scope,
)
from rongjiu.prepared import Prepared, as_json

_ZERO = bytes(32)
_HEADS = "audit heads"
"""In a session's info: ends of the chains that this transaction has locked, gone with any rollback, a savepoint's too."""


class _Entry:
    at: Mapped[datetime] = field(WORK)
    actor_id: Mapped[UUID | None] = field(WORK)
    actor_role: Mapped[str] = field(WORK)
    address: Mapped[str] = field(WORK)
    request_id: Mapped[str] = field(WORK)
    verb: Mapped[str] = field(WORK)
    object_kind: Mapped[str] = field(WORK)
    object_id: Mapped[str] = field(WORK)
    reason: Mapped[str] = field(WORK)
    detail: Mapped[dict[str, Any]] = field(WORK, JSONB)
    digest: Mapped[bytes] = field(WORK, LargeBinary)


class Audit(OfTenant, _Entry, Base):
    """One act in one community."""

    __tablename__ = "audit"
    seq: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, sort_order=-9, info={"label": KEY}
    )


class AuditHead(OfTenant, Base):
    """The end of a community's chain; its row lock puts writers in order."""

    __tablename__ = "audit_head"
    seq: Mapped[int] = field(KEY, BigInteger)
    digest: Mapped[bytes] = field(WORK, LargeBinary)


class PlatformAudit(_Entry, Base):
    """One act outside any community."""

    __tablename__ = "platform_audit"
    seq: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, sort_order=-9, info={"label": KEY}
    )


class PlatformAuditHead(Base):
    """The end of the platform's chain."""

    __tablename__ = "platform_audit_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info={"label": KEY})
    seq: Mapped[int] = field(KEY, BigInteger)
    digest: Mapped[bytes] = field(WORK, LargeBinary)


def record(verb: str, kind: str, object_id: object, *, reason: str = "", **detail: Any) -> None:
    """Write one row in the chain of the community in force, or in the platform's when none is entered."""
    record_all(verb, kind, [(object_id, reason, detail)])


def record_all(verb: str, kind: str, rows: Sequence[tuple[object, str, Mapping[str, Any]]]) -> None:
    """Write a row for each object (id, reason, detail) of one act, in that order, with one statement for all."""
    if not rows:
        return
    actor, tenant = current_actor(), current_scope().tenant
    same = {
        "at": now(), "actor_id": actor.account_id, "actor_role": actor.role, "address": actor.address,
        "request_id": actor.request_id, "verb": verb, "object_kind": kind,
    }  # fmt: skip
    chain = _OF_TENANT if tenant else _OF_PLATFORM
    seq, digest = hold()
    made = []
    for object_id, reason, detail in rows:
        own = {"object_id": str(object_id), "reason": reason, "detail": json.loads(json.dumps(detail, default=str))}
        seq, digest = seq + 1, _digest(digest, seq + 1, {**same, **own})
        made.append({**own, "seq": seq, "digest": digest.hex()})
    chain.write.write(**same, rows=as_json(made), seq=seq, digest=digest)
    db.session.info[_HEADS][tenant] = seq, digest


def hold() -> tuple[int, bytes]:
    """Lock the end of the chain in force and answer it. An act that locks a row which others lock after their first entry
    (an admission: whoever sends an offer does) calls this first: all take both in one order, and nobody deadlocks."""
    tenant = current_scope().tenant
    held = db.session.info.setdefault(_HEADS, {})
    if tenant not in held:
        held[tenant] = (_OF_TENANT if tenant else _OF_PLATFORM).lock()
    return held[tenant]  # type: ignore[no-any-return]


class _Chain:
    """The statements of one chain: its rows and its end are written with one of them."""

    def __init__(self, table: str, head: str, key: str, value: str) -> None:
        names, marks = ("tenant_id, ", ":tenant, ") if value == ":tenant" else ("", "")
        self.end = Prepared(text(f"SELECT seq, digest FROM {head} WHERE {key} = {value} FOR UPDATE"))  # noqa: S608 names are ours
        self.begin = Prepared(
            text(f"INSERT INTO {head} ({key}, seq, digest) VALUES ({value}, 0, :zero) ON CONFLICT DO NOTHING")  # noqa: S608 names are ours
        )
        self.write = Prepared(
            text(
                f"WITH moved AS (UPDATE {head} SET seq = :seq, digest = :digest WHERE {key} = {value}) "  # noqa: S608 names are ours
                f"INSERT INTO {table} ({names}seq, at, actor_id, actor_role, address, request_id, verb, object_kind, "
                "object_id, reason, detail, digest) "
                f"SELECT {marks}r.seq, :at, CAST(:actor_id AS uuid), :actor_role, :address, :request_id, :verb, "
                ":object_kind, r.object_id, r.reason, r.detail, decode(r.digest, 'hex') FROM "
                "jsonb_to_recordset(CAST(:rows AS jsonb)) "
                "AS r(seq bigint, object_id text, reason text, detail jsonb, digest text)"
            )
        )

    def lock(self) -> tuple[int, bytes]:
        """The end of the chain, ours until the transaction ends; the first act of a community makes it."""
        found = self.end.rows()
        if not found:
            self.begin.write(zero=_ZERO)
            found = self.end.rows()
        (row,) = found
        return row.seq, bytes(row.digest)


_OF_TENANT = _Chain("audit", "audit_head", "tenant_id", ":tenant")
_OF_PLATFORM = _Chain("platform_audit", "platform_audit_head", "id", "1")


@event.listens_for(Session, "after_soft_rollback")
def _let_go(session: Session, *_of: object) -> None:
    session.info.pop(_HEADS, None)


@event.listens_for(Session, "after_commit")
def _ended(session: Session) -> None:
    if session.get_nested_transaction() is None:  # a savepoint that is kept still holds the locks
        _let_go(session)


def _digest(previous: bytes, seq: int, entry: dict[str, Any]) -> bytes:
    words = {**entry, "at": entry["at"].timestamp(), "actor_id": str(entry["actor_id"] or "")}
    return sha256(previous + json.dumps([seq, words], sort_keys=True, ensure_ascii=False).encode()).digest()


def verify(tenant: Tenant | None) -> int | None:
    """Recompute a chain; answers None when whole, else the number of the first row that does not fit."""
    if tenant is not None:
        with tenant_scope(tenant):
            return _verify(Audit, AuditHead)
    return _verify(PlatformAudit, PlatformAuditHead)


def _verify(table: type[Audit] | type[PlatformAudit], head: type[AuditHead] | type[PlatformAuditHead]) -> int | None:
    columns = [getattr(table, name) for name in _Entry.__annotations__]
    previous, expected = _ZERO, 1
    for row in db.session.execute(select(table.seq, *columns).order_by(table.seq)).yield_per(500):
        entry = {name: getattr(row, name) for name in _Entry.__annotations__ if name != "digest"}
        if row.seq != expected or _digest(previous, row.seq, entry) != bytes(row.digest):
            return expected
        previous, expected = bytes(row.digest), expected + 1
    end = db.session.execute(select(head.seq, head.digest)).one_or_none()
    if end is not None and (end.seq != expected - 1 or bytes(end.digest) != previous):
        return expected
    return None
