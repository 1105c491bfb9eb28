"""The bells of a job that was taken, and of a time that its receiver proposed: half time, and what happens when its time
is over. Neither is returned by silence alone: who acts next is reminded, then the secretary told, then the street. Each
bell looks again when it rings."""

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
from tenants.catalogue.service import due, reminder
from tenants.referrals import rules
from tenants.referrals.models import ReferralTask

LEVELS = (
    ("escalate-secretary", "secretary"),
    ("escalate-street", "street_overseer"),
    ("escalate-district", "district_overseer"),
)
LATE = N_("有一张已接的派单到时限还没有完成这一步,请打开工作台处理。")
HALF = N_("服务方提了另一个上门时间,还没有人答复,请打开工作台答复。")
UNANSWERED = N_("服务方提了另一个上门时间,到时限还没有人答复,请打开工作台处理。")
FAILED = N_("有一张派单接单后未能完成,请打开工作台马上改约。")


def start(task: ReferralTask, until: datetime, urgency: str) -> None:
    """Set the bells of a wait that runs until then; a wait that moved on leaves them without effect. The end of a pause
    has a grace before the first bell (timer hold-resume-grace), and none of the others rings before it."""
    words, mark = {"task": str(task.id), "due": until.timestamp()}, f"{task.id}-{until:%s}"
    at = [due(timer, urgency, until) for timer, _role in LEVELS]
    if task.state == "on-hold":
        grace = due("hold-resume-grace", urgency, until)
        at = [grace, *(max(grace, each) for each in at[1:])]
    bells = [
        outbox.Asked("referrals.late", {**words, "level": level}, f"late-{mark}-{level}", moment)
        for level, moment in enumerate(at, 1)
    ]
    if task.state != "on-hold":
        unit: Unit = "hours" if urgency == "critical" else "working_days"
        bells.insert(0, outbox.Asked("referrals.remind_job", words, f"half-{mark}", reminder(now(), until, unit)))
    outbox.put_each(bells)


def runs(task_id: UUID, until: float) -> bool:
    """Is the wait of that bell still the running one?"""
    row = db.session.execute(
        select(ReferralTask.state, ReferralTask.proposed_at, Step.due_at)
        .join(Step, Step.id == ReferralTask.id)
        .where(ReferralTask.id == task_id)
    ).one_or_none()
    if row is None or row.due_at.timestamp() != until:
        return False
    return row.state in rules.OPEN_TO_RECEIVER or row.proposed_at is not None


def half(task_id: UUID, until: float) -> None:
    """Half of the time to answer a proposed time is over: the desk is reminded."""
    telling.staff(("assistance_clerk",), HALF, purpose="referral_time", key=f"half-{task_id}-{until:.0f}")


def late(task_id: UUID, until: float, level: int) -> bool:
    """The time of a job is over: the level is written on its step and its post is rung. False when it moved on."""
    if not runs(task_id, until):
        return False
    case_id, state = db.session.execute(
        select(ReferralTask.case_id, ReferralTask.state).where(ReferralTask.id == task_id)
    ).one()
    text = UNANSWERED if state == "requested" else LATE
    db.session.execute(update(Step).where(Step.id == task_id).values(level=level))
    audit.record("task.late", "referral_task", task_id, level=level)
    kind = "time_waits" if state == "requested" else "service_late"
    event(case_id, kind, post="系统", task_id=str(task_id), level=level)
    role, key = LEVELS[level - 1][1], f"late-{task_id}-{until:.0f}-{level}"
    if role == "secretary":
        telling.staff(("assistance_clerk", role), text, purpose="referral_late", key=key)
    else:
        telling.above((role,), text, purpose="referral_late", key=key)
    return True


def failed(task_id: UUID) -> None:
    """A job that was taken and not done: worse than a decline, so clerk and secretary are rung at once."""
    telling.staff(("assistance_clerk", "secretary"), FAILED, purpose="referral_failed", key=f"failed-{task_id}")
