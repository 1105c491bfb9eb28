"""The bells of a job that was taken: half time, and what happens when its time is over. A job is never returned by
silence alone: the receiver is reminded, then the secretary told, then the street. Each bell looks again when it rings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.oversight.models import Step
from rongjiu.workdays import Unit
from tenants.cases import telling
from tenants.cases.service import event
from tenants.catalogue.service import due, half
from tenants.referrals import rules
from tenants.referrals.models import ReferralTask

LEVELS = (
    ("escalate-secretary", "secretary"),
    ("escalate-street", "street_overseer"),
    ("escalate-district", "district_overseer"),
)
LATE = N_("有一张已接的派单到时限还没有完成这一步,请打开工作台处理。")
FAILED = N_("有一张派单接单后未能完成,请打开工作台马上改约。")


def start(task: ReferralTask, until: datetime, urgency: str) -> None:
    """Set the bells of a wait of a job that runs until then; a wait that moved on leaves them without effect."""
    words, mark = {"task": str(task.id), "due": until.timestamp()}, f"{task.id}-{until:%s}"
    bells = [
        outbox.Asked("referrals.late", {**words, "level": level}, f"late-{mark}-{level}", due(timer, urgency, until))
        for level, (timer, _role) in enumerate(LEVELS, 1)
    ]
    if task.state != "on-hold":
        unit: Unit = "hours" if urgency == "critical" else "working_days"
        bells.insert(0, outbox.Asked("referrals.remind_job", words, f"half-{mark}", half(now(), until, unit)))
    outbox.put_each(bells)


def runs(task_id: UUID, until: float) -> bool:
    """Is the wait of that bell still the running one?"""
    row = db.session.execute(
        select(ReferralTask.state, Step.due_at).join(Step, Step.id == ReferralTask.id).where(ReferralTask.id == task_id)
    ).one_or_none()
    return row is not None and row.state in rules.OPEN_TO_RECEIVER and row.due_at.timestamp() == until


def late(task_id: UUID, until: float, level: int) -> bool:
    """The time of a job is over: the level is written on its step and its post is rung. False when it moved on."""
    if not runs(task_id, until):
        return False
    case_id = db.session.scalars(select(ReferralTask.case_id).where(ReferralTask.id == task_id)).one()
    db.session.execute(update(Step).where(Step.id == task_id).values(level=level))
    audit.record("task.late", "referral_task", task_id, level=level)
    event(case_id, "service_late", post="系统", task_id=str(task_id), level=level)
    role, key = LEVELS[level - 1][1], f"late-{task_id}-{until:.0f}-{level}"
    if role == "secretary":
        telling.staff(("assistance_clerk", role), LATE, purpose="referral_late", key=key)
    else:
        telling.above((role,), LATE, purpose="referral_late", key=key)
    return True


def failed(task_id: UUID) -> None:
    """A job that was taken and not done: worse than a decline, so clerk and secretary are rung at once."""
    telling.staff(("assistance_clerk", "secretary"), FAILED, purpose="referral_failed", key=f"failed-{task_id}")
