"""Visits and what repeats: planned, done, missed, and the next one."""

from collections.abc import Collection
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm.util import identity_key

from rongjiu import audit, facts
from rongjiu.clock import ZONE, now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import restricted
from rongjiu.oversight.service import no_step
from rongjiu.prepared import Prepared
from tenants.accompaniment import rules
from tenants.accompaniment.facts import VisitDone, VisitMissed
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases.service import event, hold

KINDS = ("first", "service", "worker", "companion")
ENDS = ("done", "missed", "refused", "cancelled")


def plan_visit(
    case_id: UUID, kind: str, planned_at: datetime, *, worker_id: UUID | None = None, plan_id: UUID | None = None,
    task_id: UUID | None = None, slot_on: date | None = None,
) -> Visit:  # fmt: skip
    """Plan one visit (first | service | worker | companion). The caller says who acts next, with the visit's id as the object."""
    row = unplanned(case_id, kind, planned_at, task_id=task_id)
    row.worker_id, row.plan_id, row.slot_on = worker_id, plan_id, slot_on
    db.session.flush()
    audit.record("visit.plan", "visit", row.id, of=kind)
    return row


def unplanned(case_id: UUID, kind: str, at: datetime, *, task_id: UUID | None = None) -> Visit:
    """A visit that nobody planned, for `end_visit` in the same breath: it is kept then, with what became of it."""
    if kind not in KINDS:
        raise ValueError(kind)
    row = Visit(
        id=uuid7(), case_id=case_id, kind=kind, planned_at=at, worker_id=None, plan_id=None, task_id=task_id,
        state="planned", ticked=[], file_ids=[], slot_on=None,
    )  # fmt: skip
    db.session.add(row)
    return row


def finish_visit(
    visit_id: UUID, state: str = "done", *, at: datetime | None = None, ticked: Collection[str] = (),
    price: Decimal | None = None, note: str | None = None, file_ids: Collection[UUID] = (),
    client_key: UUID | None = None, mood: str = "",
) -> Visit:  # fmt: skip
    """End a planned visit: done | missed | refused | cancelled.

    The same `client_key` again answers the visit it ended before (a phone that sent twice). Raises Absent for an
    unknown id, Refused when the visit was ended by somebody else. Ends the visit's own next step, counts it, and
    writes the timeline: `visited` for first and worker visits, `service_done` for services.
    """
    if state not in ENDS:
        raise ValueError(state)
    if client_key and (earlier := db.session.scalar(select(Visit).where(Visit.client_key == client_key))):
        return earlier
    case_id = db.session.scalar(select(Visit.case_id).where(Visit.id == visit_id))
    if case_id is None:
        raise Absent("没有这次上门。")
    hold(case_id)
    row = db.session.scalars(select(Visit).where(Visit.id == visit_id).execution_options(populate_existing=True)).one()
    if row.state != "planned":
        raise Refused("这次上门已经登记过了。", status=409)
    row.client_key = client_key
    return end_visit(row, state, at=at, ticked=ticked, price=price, note=note, file_ids=file_ids, mood=mood)


def end_visit(
    row: Visit, state: str, *, at: datetime | None = None, ticked: Collection[str] = (), price: Decimal | None = None,
    note: str | None = None, file_ids: Collection[UUID] = (), mood: str = "",
) -> Visit:  # fmt: skip
    """`finish_visit` for a planned visit of a case that the caller holds."""
    row.state, row.done_at = state, at or now()
    row.ticked, row.price, row.note = list(ticked), price, note or None
    row.file_ids, row.mood = [str(each) for each in file_ids], mood
    db.session.flush()
    no_step(row.id)
    audit.record(f"visit.{state}", "visit", row.id, of=row.kind)
    if state == "done":
        event(row.case_id, "service_done" if row.kind == "service" else "visited", visit_id=str(row.id))
        facts.send(
            VisitDone(
                tenant_id=current_tenant().id, object_id=row.id, case_id=row.case_id, kind=row.kind,
                counts={"visits_done": 1},
            )
        )  # fmt: skip
    elif state in ("missed", "refused"):
        event(row.case_id, f"visit_{state}", visit_id=str(row.id))
        facts.send(
            VisitMissed(tenant_id=current_tenant().id, object_id=row.id, case_id=row.case_id, kind=row.kind)
        )  # fmt: skip
    return row


def start_plan(
    case_id: UUID, kind: str, rrule: str, from_on: date, *, task_id: UUID | None = None, service_type: str = ""
) -> ServicePlan:
    """Begin something that repeats from a day on; kind service | visit."""
    row = ServicePlan(
        id=uuid7(), case_id=case_id, task_id=task_id, kind=kind, service_type=service_type, rrule=rrule,
        from_on=from_on, ended_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("plan.start", "service_plan", row.id, rrule=rrule, service_type=restricted.coded(service_type))
    return row


def plan_next(
    plan: ServicePlan, after: date, hour: time | None = None, *, worker_id: UUID | None = None
) -> Visit | None:
    """Plan the visit that follows a day; None when the recurrence has ended or one is planned already."""
    if plan.ended_at is not None:
        return None
    waiting = select(Visit.id).where(Visit.plan_id == plan.id, Visit.state == "planned", Visit.planned_at > now())
    day = rules.next_day(plan.rrule, plan.from_on, after)
    if day is None or db.session.scalar(waiting.limit(1)) is not None:
        return None
    kind = "service" if plan.kind == "service" else "worker"
    moment = rules.at_hour(day, hour)
    slot = None if kind == "service" else day
    return plan_visit(
        plan.case_id, kind, moment, plan_id=plan.id, task_id=plan.task_id, worker_id=worker_id, slot_on=slot
    )


def move_visit(visit_id: UUID, planned_at: datetime) -> Visit:
    """Move a planned visit to another moment in the future; raises Absent or Refused naming `planned_at`."""
    row = db.session.scalar(select(Visit).where(Visit.id == visit_id).with_for_update())
    if row is None or row.state != "planned":
        raise Absent("没有这次上门。")
    if planned_at <= now():
        raise Refused("请选今天以后的日子。", field="planned_at")
    row.planned_at = planned_at
    audit.record("visit.move", "visit", row.id, to=planned_at.astimezone(ZONE).isoformat())
    return row


def end_plans(task_ids: Collection[UUID]) -> list[UUID]:
    """End what repeats for tasks and cancel their planned visits; answers the ids of those visits."""
    rows = _STOPPED.write(tasks=list(task_ids), at=now())
    for row in rows:
        known = db.session.identity_map.get(identity_key(Visit if row.visit else ServicePlan, (row.tenant_id, row.id)))
        if known is not None:
            db.session.expire(known)
    return [row.id for row in rows if row.visit]


_STOPPED = Prepared(
    text(
        "WITH plans AS (UPDATE service_plan SET ended_at = :at WHERE tenant_id = :tenant AND task_id = ANY(:tasks) "
        "AND ended_at IS NULL RETURNING tenant_id, id), "
        "visits AS (UPDATE visit SET state = 'cancelled', done_at = :at WHERE tenant_id = :tenant "
        "AND task_id = ANY(:tasks) AND state = 'planned' RETURNING tenant_id, id) "
        "SELECT tenant_id, id, false AS visit FROM plans UNION ALL SELECT tenant_id, id, true FROM visits"
    )
)
