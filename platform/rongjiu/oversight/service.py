"""Indicators and next steps, written in the transaction that changes them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import text

from rongjiu.clock import now
from rongjiu.db import current_tenant
from rongjiu.facts import Fact, send
from rongjiu.oversight.facts import Set, StepsSet
from rongjiu.prepared import Prepared, as_json


def count(fact: Fact) -> None:
    """Move the indicators of the community in force by what a fact says."""
    rows = [
        {"tenant_id": fact.tenant_id, "name": name, "value": delta}
        for name, delta in sorted(fact.counts.items())
        if delta
    ]
    if rows:
        _COUNT.write(rows=as_json(rows))


_COUNT = Prepared(
    text(
        "INSERT INTO indicator (tenant_id, name, value) SELECT r.tenant_id, r.name, r.value "
        "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(tenant_id int, name text, value int) "
        "ON CONFLICT (tenant_id, name) DO UPDATE SET value = indicator.value + excluded.value"
    )
)


def next_step(
    object_kind: str, object_id: UUID, *, number: str, case_id: UUID | None, actor_role: str, actor: str, verb: str,
    due_at: datetime, urgency: str = "ordinary",
) -> None:  # fmt: skip
    """Say who acts next on a live object, what, and by when; it replaces the step before. `actor` is a post or an
    organisation, never a resident's name."""
    row = {
        "id": object_id, "object_kind": object_kind, "number": number, "case_id": case_id, "actor_role": actor_role,
        "actor": actor, "verb": verb, "due_at": due_at, "urgency": urgency,
    }  # fmt: skip
    next_steps([row])


def next_steps(rows: Sequence[Mapping[str, Any]]) -> None:
    """`next_step` for several objects by the set: each row with all its words, `id` for the object."""
    if not rows:
        return
    _NEXT.write(rows=as_json(rows), since=now())
    steps = (Set(row["id"], row["case_id"], mark_of(row["actor"], row["verb"])) for row in rows if row["case_id"])
    if told := tuple(steps):
        send(StepsSet(tenant_id=current_tenant().id, steps=told))


_NEXT = Prepared(
    text(
        "INSERT INTO step (tenant_id, id, object_kind, number, case_id, actor_role, actor, verb, due_at, since, "
        "urgency, level) SELECT :tenant, r.id, r.object_kind, r.number, r.case_id, r.actor_role, r.actor, r.verb, "
        "r.due_at, :since, r.urgency, 0 FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, object_kind text, "
        "number text, case_id uuid, actor_role text, actor text, verb text, due_at timestamptz, urgency text) "
        "ON CONFLICT (tenant_id, id) DO UPDATE SET object_kind = excluded.object_kind, number = excluded.number, "
        "case_id = excluded.case_id, actor_role = excluded.actor_role, actor = excluded.actor, verb = excluded.verb, "
        "due_at = excluded.due_at, since = excluded.since, urgency = excluded.urgency, level = 0"
    )
)


def mark_of(actor: str, verb: str) -> str:
    """Short hash of a holder and a step, by which the same again is known."""
    return sha256(f"{actor}|{verb}".encode()).hexdigest()[:16]


def no_step(object_id: UUID) -> None:
    """The object is no longer live: nobody needs to act."""
    no_steps([object_id])


def no_steps(object_ids: Collection[UUID]) -> None:
    """The same of several objects."""
    _ENDED.write(ids=list(object_ids))


_ENDED = Prepared(text("DELETE FROM step WHERE tenant_id = :tenant AND id = ANY(:ids)"))
