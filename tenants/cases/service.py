"""Opening a case, writing its timeline, and the state that follows from it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent
from rongjiu.ids import uuid7
from tenants.cases import rules
from tenants.cases.models import CaseEvent, CaseFile, Counter


def next_number(mark: str, name: str, year: int | None = None) -> str:
    """The next human number of a kind in a year, such as HY-2026-000001; gapless while transactions succeed."""
    year = year or today().year
    row = insert(Counter).values(tenant_id=current_tenant().id, name=f"{name}-{year}", value=1)
    given = db.session.scalar(
        row.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": Counter.value + 1}).returning(
            Counter.value
        )
    )
    return f"{mark}-{year}-{given:06d}"


def event(case_id: UUID, kind: str, *, post: str = "", **detail: Any) -> None:
    """Add one line to the timeline and derive the case's state anew. Detail: ids and codes, no personal content."""
    db.session.add(
        CaseEvent(
            id=uuid7(), case_id=case_id, at=now(), kind=kind, detail=detail, actor_post=post or current_actor().name
        )
    )
    db.session.flush()
    kinds = db.session.scalars(
        select(CaseEvent.kind).where(CaseEvent.case_id == case_id).order_by(CaseEvent.at, CaseEvent.id)
    )
    db.session.execute(update(CaseFile).where(CaseFile.id == case_id).values(state=rules.workflow(kinds)))


def find(number: str) -> CaseFile:
    """The case of a human number in the community in force; raises Absent."""
    row = db.session.scalar(select(CaseFile).where(CaseFile.number == number))
    if row is None:
        raise Absent("没有这个个案。")
    return row
