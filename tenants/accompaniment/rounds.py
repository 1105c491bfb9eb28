"""Rounds: what repeats without a referral (the grid worker's look, the volunteers' visit) and the visits it makes."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, facts
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.oversight.service import next_step, no_step
from tenants.accompaniment import children, rules, service
from tenants.accompaniment.facts import VisitCancelled, VisitPlanned
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.cases.service import hold
from tenants.catalogue import service as catalogue
from tenants.referrals import moves, queries
from tenants.residents.queries import grid_worker

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Round:
    """What a desk says of something that repeats."""

    rhythm: str
    """weekly | fortnightly | monthly | quarterly."""
    from_on: date
    hour: time
    holidays: str = "move"
    tasks: tuple[str, ...] = ()
    two_person: bool = False
    dignity: str = ""
    safety: str = ""
    team_id: UUID | None = None
    agreed: bool = False
    """The family said that somebody may come."""


def begin(case_id: UUID, said: Round) -> ServicePlan:
    """Begin a round of a household, by the grid worker, or by volunteers when a team is named, and plan its visits.

    Raises Refused naming rhythm, from_on, holidays, tasks, dignity, safety, agreed or, for a case without a household
    or closed, no field.
    """
    cases.hold(case_id)
    case = db.session.execute(
        select(CaseFile.household_id, CaseFile.closed_at).where(CaseFile.id == case_id)
    ).one()  # fmt: skip
    if case.closed_at is not None or case.household_id is None:
        raise Refused("先登记这一家、个案还开着，才能安排定期探访。", status=409)
    _check(said)
    plan = service.start_plan(
        case_id, "companion" if said.team_id else "visit", rules.RHYTHMS[said.rhythm], said.from_on
    )
    plan.hour, plan.holidays, plan.tasks = said.hour, said.holidays, list(said.tasks)
    plan.two_person, plan.team_id = said.two_person, said.team_id
    plan.children = young = children.needs_vetted(case.household_id)
    plan.dignity, plan.safety = said.dignity.strip() or None, said.safety.strip() or None
    db.session.flush()
    audit.record("round.begin", "service_plan", plan.id, two=said.two_person, children=young, agreed=said.agreed)
    cases.event(case_id, "round_begun", plan_id=str(plan.id), rhythm=said.rhythm)
    fill(plan)
    return plan


def _check(said: Round) -> None:
    if said.rhythm not in rules.RHYTHMS:
        raise Refused("请选一项", field="rhythm")
    if not today() <= said.from_on <= today() + timedelta(days=366):
        raise Refused("请选今天或以后一年内的日子。", field="from_on")
    if said.holidays not in ("keep", "move", "skip"):
        raise Refused("请选一项", field="holidays")
    if not said.tasks or set(said.tasks) - set(rules.TASKS):
        raise Refused("请至少选一件上门要做的事。", field="tasks")
    for name, words in (("dignity", said.dignity), ("safety", said.safety)):
        if len(words) > LONGEST:
            raise Refused("请写短一点，300 字以内。", field=name)
    if not said.agreed:
        raise Refused("先问过家里人愿不愿意有人定期上门，再勾选。", field="agreed")


def fill(plan: ServicePlan) -> int:
    """Plan the visits of a round up to the horizon (timer plan-slot-ahead, in days); answers how many are new.

    Running it again plans nothing twice: each slot of the recurrence is planned once, wherever it was moved.
    """
    if plan.ended_at is not None or plan.kind == "service":
        return 0
    until = today() + timedelta(days=int(catalogue.setting("plan-slot-ahead")))
    held = set(db.session.scalars(select(Visit.slot_on).where(Visit.plan_id == plan.id, Visit.slot_on.is_not(None))))
    desk, made = catalogue.desk(), 0
    for slot in rules.slots(plan.rrule, plan.from_on, today() - timedelta(days=1), until):
        day = rules.stands(slot, cast("rules.Holidays", plan.holidays), desk)
        if slot in held or day is None:
            continue
        moment = rules.at_hour(day, plan.hour)
        if moment > now():
            _plan(plan, slot, moment)
            made += 1
    return made


def _plan(plan: ServicePlan, slot: date, moment: datetime) -> None:
    case = db.session.execute(
        select(CaseFile.number, CaseFile.courtyard_id).where(CaseFile.id == plan.case_id)
    ).one()  # fmt: skip
    if plan.kind == "companion":
        visit = service.plan_visit(plan.case_id, "companion", moment, plan_id=plan.id, slot_on=slot)
        facts.send(VisitPlanned(tenant_id=current_tenant().id, object_id=visit.id))
        return
    worker = grid_worker(case.courtyard_id) if case.courtyard_id else None
    visit = service.plan_visit(
        plan.case_id, "worker", moment, plan_id=plan.id, slot_on=slot,
        worker_id=worker.account_id if worker else None,
    )  # fmt: skip
    point(visit, case.number, "grid_worker", worker.post if worker else N_("网格员"), N_("例行探访"))


def point(visit: Visit, number: str, role: str, actor: str, verb: str, urgency: str = "ordinary") -> None:
    """Say who makes a planned visit, until the end of its day."""
    due = rules.at_hour(visit.planned_at.astimezone(ZONE).date(), time(23, 59))
    next_step(
        "visit", visit.id, number=number, case_id=visit.case_id, actor_role=role, actor=actor, verb=verb, due_at=due,
        urgency=urgency,
    )  # fmt: skip


def fill_all() -> int:
    """Keep the horizon of every round of an open case, and whether a child lives there by now; answers how many visits
    are new."""
    plans = db.session.execute(
        select(ServicePlan, CaseFile.household_id)
        .join(CaseFile, CaseFile.id == ServicePlan.case_id)
        .where(ServicePlan.ended_at.is_(None), ServicePlan.kind != "service", CaseFile.closed_at.is_(None))
        .order_by(ServicePlan.id)
        .with_for_update(of=ServicePlan)
    ).all()
    for plan, household_id in plans:
        plan.children = household_id is not None and children.needs_vetted(household_id)
    db.session.flush()
    return sum(fill(plan) for plan, _household_id in plans)


def end(plan_id: UUID, *, withdrawn: bool = False) -> int:
    """End a round; its planned visits are cancelled. Answers how many. `withdrawn`: the family took its yes back.

    Raises Absent; ending twice changes nothing.
    """
    case_id = db.session.scalar(select(ServicePlan.case_id).where(ServicePlan.id == plan_id))
    if case_id is None:
        raise Absent("没有这项定期探访。")
    cases.hold(case_id)
    plan = db.session.scalars(
        select(ServicePlan).where(ServicePlan.id == plan_id).execution_options(populate_existing=True)
    ).one()
    if plan.ended_at is not None:
        return 0
    plan.ended_at = now()
    audit.record("round.end", "service_plan", plan.id, withdrawn=withdrawn)
    if withdrawn:
        cases.event(case_id, "round_withdrawn", plan_id=str(plan.id))
    waiting = db.session.scalars(select(Visit).where(Visit.plan_id == plan.id, Visit.state == "planned")).all()
    for visit in waiting:
        cancel(visit)
    return len(waiting)


def cancel(visit: Visit) -> None:
    """A planned visit is not made."""
    visit.state, visit.done_at = "cancelled", now()
    db.session.flush()
    no_step(visit.id)
    audit.record("visit.cancelled", "visit", visit.id, of=visit.kind)
    facts.send(
        VisitCancelled(tenant_id=current_tenant().id, object_id=visit.id, case_id=visit.case_id, kind=visit.kind)
    )


def of_case(case_id: UUID) -> list[Any]:
    """The rounds of a case, those that go on first: id, kind, rrule, from_on, hour, holidays, tasks, two_person,
    team_id, ended_at. No flag."""
    plan = ServicePlan
    query = select(
        plan.id, plan.kind, plan.rrule, plan.from_on, plan.hour, plan.holidays, plan.tasks, plan.two_person,
        plan.children, plan.team_id, plan.ended_at,
    ).where(plan.case_id == case_id, plan.kind != "service")  # fmt: skip
    return list(db.session.execute(query.order_by(plan.ended_at.is_not(None), plan.from_on, plan.id)))


def is_accompanied(case_id: UUID) -> bool:
    """Is the family of a case looked in on?"""
    known = select(ServicePlan.id).where(
        ServicePlan.case_id == case_id, ServicePlan.kind == "visit", ServicePlan.ended_at.is_(None)
    )
    return db.session.scalar(known.limit(1)) is not None


def accompany(case_id: UUID) -> None:
    """A family that is helped is looked in on every month by the grid worker of its courtyard, once there is help.
    Called by the outbox; twice changes nothing."""
    hold(case_id)
    case = queries.case_of(case_id)
    if case.closed_at is not None or is_accompanied(case_id):
        return
    worker = grid_worker(case.courtyard_id) if case.courtyard_id else None
    plan = service.start_plan(case_id, "visit", rules.RHYTHMS["monthly"], today())
    visit = service.plan_next(plan, today(), worker_id=worker.account_id if worker else None)
    if visit is not None:
        next_step(
            "visit", visit.id, number=case.number, case_id=case_id, actor_role="grid_worker",
            actor=worker.post if worker else N_("网格员"), verb=N_("每月看望"), due_at=moves.end_of(visit.planned_at),
        )  # fmt: skip
