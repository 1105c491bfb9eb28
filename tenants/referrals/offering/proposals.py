"""The receiver would come at another time than was agreed with it; the desk says yes or no."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from rongjiu import audit, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash
from rongjiu.links import DEAD
from rongjiu.marketplace.inbox import inbox_state
from rongjiu.oversight.service import no_step
from tenants.cases.service import event
from tenants.catalogue.service import due
from tenants.referrals import answering, moves
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.offering import asked


def propose(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None) -> None:
    """The receiver would come at another time than the community agreed with it: the offer stays open and the desk says
    yes or no (timer response runs anew; its silence is never counted as the receiver's). Raises Refused naming `slot`, or (409) after an answer."""
    rows = moves.locked(list(task_ids), provider_id)
    slot = answering.moment_of(slot_at)
    for task in rows:
        if task.state != "requested" or (task.due_at is not None and task.due_at <= now()):
            raise Clash(moves.LATE)
        if not asked.consented(task):
            raise Absent(DEAD)
    for task in rows:
        urgency = asked.urgency_of(task)
        task.proposed_at, task.due_at = slot, due("response", urgency)
        db.session.flush()
        audit.record("task.propose", "referral_task", task.id, slot=slot.isoformat())
        inbox_state(task.id, "requested", task.due_at)
        event(task.case_id, "time_proposed", task_id=str(task.id))
        request = db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))
        moves.ask(request, N_("答复服务方提出的时间"), task.due_at)


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
    requests = [db.session.get_one(ReferralTask, (current_tenant().id, one)).request_id for one in ids]
    if agree:
        answering.accept(ids, provider_id, slot, by_desk=True)
    else:
        for one in moves.locked(ids):
            one.proposed_at, one.due_at = None, due("response", asked.urgency_of(one))
            db.session.flush()
            inbox_state(one.id, "requested", one.due_at)
            moves.point(one)
            stamp = f"{one.id}-{slot.timestamp():.0f}"
            outbox.put("referrals.expire", {"task": str(one.id)}, key=f"expire-{stamp}", after=one.due_at)
        key = f"time-{task_id}-{slot.timestamp():.0f}"
        outbox.put("referrals.time_refused", {"tasks": [str(one) for one in ids], "key": key}, key=key)
    for request_id in requests:
        no_step(request_id)
    audit.record("task.proposal", "referral_task", task_id, agreed=agree)
