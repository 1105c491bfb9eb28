"""Indicators and next steps, written in the transaction that changes them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.facts import Fact, send
from rongjiu.oversight.facts import Set, StepsSet
from rongjiu.oversight.models import Indicator, Step


def count(fact: Fact) -> None:
    """Move the indicators of the community in force by what a fact says."""
    rows = [
        {"tenant_id": fact.tenant_id, "name": name, "value": delta}
        for name, delta in sorted(fact.counts.items())
        if delta
    ]
    if rows:
        row = insert(Indicator)
        same = {"value": Indicator.value + row.excluded.value}
        db.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "name"], set_=same), rows)


def next_step(
    object_kind: str, object_id: UUID, *, number: str, case_id: UUID | None, actor_role: str, actor: str, verb: str,
    due_at: datetime, urgency: str = "ordinary",
) -> None:  # fmt: skip
    """Say who acts next on a live object, what, and by when; it replaces the step before. `actor` is a post or an
    organisation, never a resident's name."""
    words = {
        "object_kind": object_kind, "number": number, "case_id": case_id, "actor_role": actor_role, "actor": actor,
        "verb": verb, "due_at": due_at, "urgency": urgency, "since": now(), "level": 0,
    }  # fmt: skip
    row = insert(Step).values(tenant_id=current_tenant().id, id=object_id, **words)
    db.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=words))
    if case_id is not None:
        send(StepsSet(tenant_id=current_tenant().id, steps=(Set(object_id, case_id, mark_of(actor, verb)),)))


def next_steps(rows: Sequence[Mapping[str, Any]]) -> None:
    """`next_step` for several objects by the set: each row with all its words, `id` for the object."""
    if not rows:
        return
    tenant, moment = current_tenant().id, now()
    made = [{"tenant_id": tenant, "since": moment, "level": 0, **row} for row in rows]
    words = insert(Step)
    same = {name: words.excluded[name] for name in made[0] if name not in ("tenant_id", "id")}
    db.session.execute(words.on_conflict_do_update(index_elements=["tenant_id", "id"], set_=same), made)
    steps = (Set(row["id"], row["case_id"], mark_of(row["actor"], row["verb"])) for row in rows if row["case_id"])
    send(StepsSet(tenant_id=tenant, steps=tuple(steps)))


def mark_of(actor: str, verb: str) -> str:
    """Short hash of a holder and a step, by which the same again is known."""
    return sha256(f"{actor}|{verb}".encode()).hexdigest()[:16]


def no_step(object_id: UUID) -> None:
    """The object is no longer live: nobody needs to act."""
    no_steps([object_id])


def no_steps(object_ids: Collection[UUID]) -> None:
    """The same of several objects."""
    db.session.execute(delete(Step).where(Step.tenant_id == current_tenant().id, Step.id.in_(object_ids)))
