"""The engine of rules.py: every act on a file passes here, is checked, dated, written, told, and has a next actor."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from rongjiu import audit, links, outbox, workdays
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash
from rongjiu.ids import uuid7
from rongjiu.oversight import desk
from rongjiu.oversight.models import Step
from rongjiu.oversight.service import next_step, no_step
from tenants.acceptance import rules
from tenants.acceptance.models import DeskEvent, DeskFile
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import service as waits
from tenants.referrals import queries as referrals
from tenants.referrals.models import ReferralRequest, ReferralTask

DESK = N_("街道一门受理")
LATE = "这份材料已经办结、撤回或正在补正，不能再这样办。请刷新后再看。"
_VERBS = {
    "requested": N_("受理或一次告知补正"), "accepted": N_("转主管部门"), "in-progress": N_("跟进部门答复"),
}  # fmt: skip
_EVENTS = {
    "accept": "department_accepted", "ask_papers": "department_asks_papers", "forward": "department_forwarded",
    "grant": "department_granted", "refuse": "department_refused", "supply": "department_supplied",
    "withdraw": "department_withdrawn", "settle": "department_settled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A file with its task and slip, locked as they stand now."""

    file: DeskFile
    task: ReferralTask
    request: ReferralRequest


def held(task_id: UUID, case_id: UUID | None = None) -> Held:
    """Lock a file (its case first); raises Absent when it is not here or not of that case."""
    found = db.session.scalar(select(DeskFile.case_id).where(DeskFile.id == task_id))
    if found is None or (case_id is not None and found != case_id):
        raise Absent("这里没有这份材料。")
    cases.hold(found)
    fresh = {"populate_existing": True}
    file = db.session.scalars(
        select(DeskFile).where(DeskFile.id == task_id).with_for_update(key_share=True).execution_options(**fresh)
    ).one()
    task = db.session.scalars(
        select(ReferralTask)
        .where(ReferralTask.id == task_id)
        .with_for_update(key_share=True)
        .execution_options(**fresh)
    ).one()
    request = db.session.scalars(
        select(ReferralRequest).where(ReferralRequest.id == file.request_id).execution_options(**fresh)
    ).one()
    return Held(file, task, request)


def move(
    row: Held, verb: str, *, day: date | None = None, due_at: datetime | None = None, words: str = "", **detail: Any
) -> None:
    """Move a locked file; raises Clash when the table forbids it. Writes event, inbox, audit, timeline, next step."""
    target = rules.target(verb, row.task.state, row.file.held_from)
    if target is None:
        raise Clash(LATE)
    row.task.state, row.task.due_at = target, due_at
    row.file.last_on = day or today()
    row.file.chases, row.file.level = 0, 0
    if target not in rules.OPEN or verb == "forward":
        links.revoke(row.task.id, "department_file")  # a department answers no more what has ended or lies elsewhere
    db.session.flush()
    write(row, verb, day=day, words=words, **detail)
    sign(row)
    track(row)
    post = DESK if rules.MOVES[verb].actor == "desk" else ""
    cases.event(row.file.case_id, _EVENTS[verb], post=post, task_id=str(row.task.id), policy=row.file.policy_slug)
    audit.record(f"department.{verb}", "desk_file", row.task.id, state=target, day=str(row.file.last_on))
    if target in rules.RUNNING and due_at is not None:
        point(row, due_at)
        ring(row, due_at)
    elif target == "cancelled":
        no_step(row.task.id)


def after_days(count: int) -> datetime:
    """The close of the n-th working day from now."""
    return workdays.due(now(), "working_days", count, waits.desk())


def left_days(row: Held) -> int:
    """Working days left on the clock of a file that is about to stand still, at least one."""
    return max(waits.days_left(row.task.due_at), 1) if row.task.due_at else 1


def write(row: Held, verb: str, *, day: date | None = None, words: str = "", post: str = "", **detail: Any) -> None:
    """Add one line to the history of a file."""
    actor = current_actor()
    db.session.add(
        DeskEvent(
            id=uuid7(), task_id=row.file.id, at=now(), day=day or today(), verb=verb, state_to=row.task.state,
            post=post or actor.name, actor_id=actor.account_id, detail=detail, words=words or None,
        )
    )  # fmt: skip
    db.session.flush()


def sign(row: Held) -> None:
    """Say in the street's inbox where the file stands."""
    desk.note(
        row.task.id, state=row.task.state, due_at=row.task.due_at, department_slug=row.file.department_slug,
        answer=row.file.answer, answered_at=row.file.answered_at, chases=row.file.chases, level=row.file.level,
    )  # fmt: skip


def point(row: Held, due_at: datetime) -> None:
    """The desk acts next, by when."""
    case = referrals.case_of(row.file.case_id)
    next_step(
        "referral_task", row.task.id, number=case.number, case_id=case.id, actor_role="street_acceptance", actor=DESK,
        verb=_VERBS[row.task.state], due_at=due_at, urgency=row.file.urgency,
    )  # fmt: skip


def ask(row: Held, verb: str, due_at: datetime, role: str = "assistance_clerk") -> None:
    """The community acts next on a file: what, by when."""
    case = referrals.case_of(row.file.case_id)
    actor = N_("网格员") if role == "grid_worker" else case.worker_post or N_("救助专干")
    next_step(
        "referral_task", row.task.id, number=case.number, case_id=case.id, actor_role=role, actor=actor, verb=verb,
        due_at=due_at, urgency=row.file.urgency,
    )  # fmt: skip


def track(row: Held) -> None:
    """Say on which track the case is after an act on one of its files."""
    standing = select(DeskFile.id).join(ReferralTask, ReferralTask.id == DeskFile.id).where(
        DeskFile.case_id == row.file.case_id, ReferralTask.state.in_(rules.OPEN) | (DeskFile.answer == "granted")
    )  # fmt: skip
    found = db.session.scalar(standing.limit(1)) is not None
    current = db.session.scalar(select(CaseFile.track).where(CaseFile.id == row.file.case_id)) or ""
    now_on = rules.track(current, standing=found, refused=row.file.answer == "refused")
    db.session.execute(update(CaseFile).where(CaseFile.id == row.file.case_id).values(track=now_on))


def waits_for_us(row: Held) -> bool:
    """Is there a step of the community on this file?"""
    return db.session.scalar(select(Step.id).where(Step.id == row.task.id)) is not None


def ring(row: Held, due_at: datetime) -> None:
    """The bell of the next chase: it rings when the desk's time is over; what has moved by then stays silent."""
    number = row.file.chases + 1
    payload = {"task": str(row.task.id), "wait": mark(row), "chase": number}
    outbox.put("acceptance.chase", payload, key=f"chase-{row.task.id}-{mark(row)}-{number}", after=due_at)


def mark(row: Held) -> str:
    """Tells one wait of a file from another: its state and due time."""
    return f"{row.task.state}-{int(row.task.due_at.timestamp()) if row.task.due_at else 0}"
