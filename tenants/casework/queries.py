"""Reads of plans, closings and the load of each colleague."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, select

from rongjiu.db import db
from rongjiu.oversight.models import Step
from tenants.cases.models import CaseFile
from tenants.casework.models import Plan, PlanStep


def plan(case_id: UUID) -> Plan | None:
    """The plan of a case."""
    return db.session.scalar(select(Plan).where(Plan.case_id == case_id))


def steps(case_id: UUID) -> list[Row[Any]]:
    """The steps of a case's plan, by need and number: id, need_id, seq, words, means, payer, done_at."""
    return list(
        db.session.execute(
            select(
                PlanStep.id, PlanStep.need_id, PlanStep.seq, PlanStep.words, PlanStep.means, PlanStep.payer,
                PlanStep.done_at,
            )
            .where(PlanStep.case_id == case_id)
            .order_by(PlanStep.need_id, PlanStep.seq)
        )
    )  # fmt: skip


def load(moment: datetime) -> list[Row[Any]]:
    """One line for each holder of open cases: worker_id, worker_post, cases, critical, starting, serving, late, next_due,
    the most loaded first; worker_id is empty for cases nobody holds."""
    due = (
        select(
            Step.case_id, func.min(Step.due_at).label("next"),
            func.count().filter(Step.due_at < moment).label("late"),
        )
        .where(Step.case_id.is_not(None))
        .group_by(Step.case_id)
        .subquery()
    )  # fmt: skip
    return list(
        db.session.execute(
            select(
                CaseFile.worker_id, func.max(CaseFile.worker_post).label("post"), func.count().label("cases"),
                func.sum(case((CaseFile.urgency != "ordinary", 1), else_=0)).label("urgent"),
                func.sum(case((CaseFile.state.in_(("identified", "assessing", "reopened")), 1), else_=0)).label("starting"),
                func.sum(case((CaseFile.state.in_(("planned", "in_service", "accompanying")), 1), else_=0)).label("serving"),
                func.sum(case((due.c.late > 0, 1), else_=0)).label("late"),
                func.sum(CaseFile.weight).label("weight"), func.min(due.c.next).label("next_due"),
            )
            .outerjoin(due, due.c.case_id == CaseFile.id)
            .where(CaseFile.closed_at.is_(None))
            .group_by(CaseFile.worker_id)
            .order_by(func.count().desc(), func.max(CaseFile.worker_post))
        )
    )  # fmt: skip
