"""Sensitive facts that a whole file tells otherwise: one request a person, and taking them back with the file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.db import db
from rongjiu.oversight.service import no_step
from tenants.residents.queries import versions
from tenants.reviews.models import ChangeRequest
from tenants.reviews.requests import as_text, open_request

_PART = 1000


def ask_many(asked: Mapping[UUID, Mapping[str, Any]], *, reason: str, source_id: UUID) -> int:
    """Ask for changes of sensitive facts of many people, checked by the caller; answers how many requests are new.
    What was asked for already and waits is not asked twice, so that the same file does nothing again."""
    people, new = list(asked), 0
    for start in range(0, len(people), _PART):
        part = people[start : start + _PART]
        known = versions(persons=part)
        waiting = {(row.person_id, row.proposed) for row in _open(ChangeRequest.person_id.in_(part))}
        for person_id in part:
            values = asked[person_id]
            if (person_id, as_text(values)) in waiting:
                continue
            base = {name: known.get((person_id, name), "") for name in values}
            open_request(person_id, values, base, reason=reason, source_id=source_id)
            new += 1
    return new


def withdraw_all(source_id: UUID) -> int:
    """Take back what a file asked for and nobody has decided; answers how many."""
    rows = list(
        db.session.scalars(
            select(ChangeRequest)
            .where(ChangeRequest.source_id == source_id, ChangeRequest.state == "open")
            .with_for_update()
        )
    )
    for row in rows:
        row.state, row.proposed = "withdrawn", None
        no_step(row.id)
        audit.record("request.withdraw", "person", row.person_id, request_id=row.id)
    db.session.flush()
    return len(rows)


def _open(of: Any) -> Any:
    return db.session.execute(
        select(ChangeRequest.person_id, ChangeRequest.proposed).where(of, ChangeRequest.state == "open")
    )
