"""The receiver would come at another time than was agreed with it; the desk says yes or no."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from rongjiu import audit, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Absent, Clash
from rongjiu.ids import uuid7
from rongjiu.links import DEAD
from rongjiu.marketplace.inbox import inbox_state
from rongjiu.oversight.service import next_step
from tenants.cases.service import event
from tenants.catalogue.service import due
from tenants.referrals import answering, moves, queries
from tenants.referrals.models import ReferralTask
from tenants.referrals.offering import asked
from tenants.referrals.returning import clocks


def propose(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None) -> None:
    """The receiver would come at another time than the community agreed with it: the offer stays open and the desk says
    yes or no, before that time comes (timer response runs anew, with the bells of clocks; its silence is never counted
    as the receiver's and is never a yes). Raises Refused naming `slot`, or (409) after an answer."""
    rows = moves.locked(list(task_ids), provider_id)
    slot = answering.moment_of(slot_at)
    for task in rows:
        if task.state != "requested" or answering.too_late(task):
            raise Clash(moves.LATE)
        if not asked.consented(task):
            raise Absent(DEAD)
    for task in rows:
        urgency = asked.urgency_of(task)
        until = due("response", urgency)
        task.proposed_at, task.due_at = slot, min(until, slot) if slot > now() else until
        db.session.flush()
        audit.record("task.propose", "referral_task", task.id, slot=slot.isoformat())
        inbox_state(task.id, "requested", task.due_at)
        event(task.case_id, "time_proposed", task_id=str(task.id))
        _desk_answers(task, task.due_at, urgency)
        lapse = {"task": str(task.id), "slot": slot.timestamp()}
        outbox.put("referrals.time_lapsed", lapse, key=f"lapse-{task.id}-{uuid7()}", after=slot)


def _desk_answers(task: ReferralTask, until: datetime, urgency: str) -> None:
    """The offer itself waits for the desk, so that its step goes with it, whatever becomes of the offer."""
    case = queries.case_of(task.case_id)
    next_step(
        "referral_task", task.id, number=case.number, case_id=task.case_id, actor_role="assistance_clerk",
        actor=case.worker_post or N_("救助专干"), verb=N_("答复服务方提出的时间"), due_at=until, urgency=urgency,
    )  # fmt: skip
    clocks.start(task, until, urgency)


def settle(task_id: UUID, *, agree: bool) -> None:
    """The desk says yes to a proposed time (the job is taken, as the receiver asked) or no (the offer waits for another
    time). Raises Refused (409) when nothing is proposed any more."""
    (task,) = moves.locked([task_id])
    slot, provider_id = task.proposed_at, task.provider_id
    if task.state != "requested" or slot is None or provider_id is None:
        raise Clash(moves.LATE)
    ids = [
        row.id
        for row in moves.lock(
            ReferralTask.provider_id == provider_id, ReferralTask.consent_id == task.consent_id,
            ReferralTask.proposed_at == slot, ReferralTask.state == "requested",
        )
    ]  # fmt: skip
    if agree:
        answering.accept(ids, provider_id, slot, by_desk=True)
    else:
        _ask_anew(moves.locked(ids), lapsed=False)
    audit.record("task.proposal", "referral_task", task_id, agreed=agree)


def lapse(task_id: UUID, slot: float) -> bool:
    """Called by the timer: the time that was proposed has come and the desk has not answered. It is not agreed to by
    silence; the receiver is told and has the whole time to answer again, within which it may name another or decline.
    False when it was answered, changed or ended before."""
    task = next(iter(moves.lock(ReferralTask.id == task_id)), None)
    if task is None or task.state != "requested" or task.proposed_at is None or task.proposed_at.timestamp() != slot:
        return False
    if task.proposed_at > now():
        return False
    _ask_anew([task], lapsed=True)
    event(task.case_id, "time_lapsed", post=N_("系统"), task_id=str(task_id))
    audit.record("task.proposal", "referral_task", task_id, agreed=False, lapsed=True)
    return True


def _ask_anew(rows: Sequence[ReferralTask], *, lapsed: bool) -> None:
    """The offers wait for their receiver again, as on the day on which they were sent."""
    for one in rows:
        one.proposed_at, one.due_at = None, due("response", asked.urgency_of(one))
        db.session.flush()
        inbox_state(one.id, "requested", one.due_at)
        moves.point(one)
        key = f"expire-{one.id}-{uuid7()}"
        outbox.put("referrals.expire", {"task": str(one.id)}, key=key, after=one.due_at)
    key = f"time-{uuid7()}"
    words = {"tasks": [str(one.id) for one in rows], "key": key, "lapsed": lapsed}
    outbox.put("referrals.time_refused", words, key=key)
