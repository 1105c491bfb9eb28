"""Endings of a slip as a whole: taken back by the sender or on the resident's word, entered in error, let go by who took
the job, or lost with a provider who is gone; and a pause that goes on. The need stays open whatever ends; the resident
is told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, facts, outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import waiting
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.inbox import inbox_state
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.oversight.service import next_step
from tenants.cases import telling
from tenants.cases.service import event, hold
from tenants.catalogue.service import due
from tenants.needs.models import Need
from tenants.referrals import answering, moves, queries, rules
from tenants.referrals.facts import SlipEnded
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.returning import again, cancelling

GONE = "provider-gone"
STOPPED = N_("有一家服务方停止了服务，它手上的派单已退回，请打开工作台改约。")
OPEN = frozenset({"draft", "active", "on-hold", "awaiting_confirmation"})


def revoke(request_id: UUID, reason: str, *, actor: str = "sender") -> None:
    """Take a slip back: its live offers are cancelled, their receivers told to stop, places and turns in line given
    back. What lies at the street's window is taken back there.

    Raises Refused naming `reason`, Clash when the slip is over, Absent when there is none of a provider or volunteer.
    """
    if words := rules.reason_fault(reason, actor):
        raise Refused(words, field="reason")
    request = _held(request_id)
    if request.state not in OPEN:
        raise Clash("这张转介单已经办结或撤销,不能再改。")
    _stop(request, "cancelled", actor, reason)
    moves.move_request(request, "revoked", actor, reason=reason)
    event(request.case_id, "request_revoked", request_id=str(request.id), reason=reason)
    _told(request)
    _need_goes_on(request, reason)


def mistaken(request_id: UUID) -> None:
    """The secretary marks a slip as entered in error: kept, out of the figures. Raises Clash after a delivery."""
    request = _held(request_id)
    mine = select(ReferralTask.id, ReferralTask.state).where(ReferralTask.request_id == request.id)
    states = {row.id: row.state for row in db.session.execute(mine)}
    if request.state == "entered-in-error" or "completed" in states.values() or answering.delivered(*states):
        raise Clash("已经开始服务的转介单不能作废,请改用撤回。")
    _stop(request, "entered-in-error", "supervisor", "mistake")
    moves.move_request(request, "entered-in-error", "supervisor", reason="mistake")
    event(request.case_id, "request_mistaken", request_id=str(request.id))
    _need_goes_on(request, "mistake")


def check_in(task_ids: Sequence[UUID], provider_id: UUID, resume_at: datetime | None) -> None:
    """The receiver says that a job on hold still waits, and until when: the clock of the pause starts anew (timer
    hold-longest). Raises Refused naming `resume_on`, Clash for a job that is not on hold."""
    rows = moves.locked(list(task_ids), provider_id)
    if resume_at is None or not now() < resume_at <= now() + answering.HOLD_LONGEST:
        raise Refused("请选 30 天以内的日子。", field="resume_on")
    for task in rows:
        if task.state != "on-hold":
            raise Clash(moves.LATE)
        task.due_at = resume_at
        db.session.flush()
        audit.record("task.check_in", "referral_task", task.id, until=resume_at.isoformat())
        inbox_state(task.id, "on-hold", resume_at)
        event(task.case_id, "hold_checked", task_id=str(task.id))
        moves.point(task)


def let_go(task_ids: Sequence[UUID], provider_id: UUID, reason: str, where: str = "") -> None:
    """The receiver ends a job that it took because there is nothing left to do: the resident wants it no more, or was
    helped elsewhere (`where`, an organisation). No failure of the receiver. Raises Refused naming
    `end_reason` or `other`."""
    rows, place = moves.locked(list(task_ids), provider_id), where.strip()
    if words := rules.reason_fault(reason, "receiver", "ends"):
        raise Refused(words, field="end_reason")
    if rules.REASONS[reason].consequence == "link_record" and not 2 <= len(place) <= answering.TEXT_LIMIT:
        raise Refused("请写明哪里已经帮到,200 字以内。", field="other")
    for task in rows:
        task.other_words = place
        moves.move(task, "cancelled", "receiver", reason=reason)
    again.look_again(rows, reason)


def provider_gone(provider_id: UUID) -> int:
    """A provider was suspended, has left, or its papers ended: it sees nothing any more, so that what lay with it goes
    back to matching, and for a job that it had taken the desk is rung. Answers how many offers; 0 when it is back."""
    if db.session.scalar(select(Provider.state).where(Provider.id == provider_id)) == "active":
        return 0
    return _back(provider_id, rules.LIVE - {"draft"})


def not_let_in(provider_id: UUID) -> int:
    """A community lets a provider in no more: what it has taken it does to the end, what waits for its answer, and cannot
    be opened any more, goes back to matching. Answers how many offers; 0 when it is let in again."""
    allowed = select(Admission.id).where(
        Admission.provider_id == provider_id, Admission.community_id == current_tenant().uid, in_force()
    )
    return 0 if db.session.scalar(allowed) else _back(provider_id, {"requested"})


def _back(provider_id: UUID, states: Collection[str]) -> int:
    rows = moves.lock(ReferralTask.provider_id == provider_id, ReferralTask.state.in_(states))
    if not rows:
        return 0
    taken = {task.request_id for task in rows if task.state in rules.OPEN_TO_RECEIVER}
    cancelling.cancel_all(rows, GONE)
    again.look_again(rows, GONE)
    requests = db.session.scalars(select(ReferralRequest).where(ReferralRequest.id.in_(taken))).all() if taken else []
    read = moves.slips_of(requests)
    for request in requests:
        if request.state == "active" and not read[request.id].live:
            moves.ask(request, N_("服务方停了,马上改约"), due("response", "critical"), case=read[request.id].case)
    key = f"gone-{provider_id}-{rows[0].id}"
    words = {"provider": str(provider_id), "count": len(rows), "key": f"stop-{key}"}
    outbox.put("referrals.tell_stop", words, key=f"stop-{key}")
    telling.staff(("assistance_clerk", "secretary"), STOPPED, purpose="referral_failed", key=key)
    return len(rows)


def _held(request_id: UUID) -> ReferralRequest:
    """The slip, its case locked, as it stands now."""
    case_id = db.session.scalar(select(ReferralRequest.case_id).where(ReferralRequest.id == request_id))
    if case_id is None:
        raise Absent("没有这张转介单。")
    hold(case_id)
    query = select(ReferralRequest).where(ReferralRequest.id == request_id, ReferralRequest.kind != "department")
    request = db.session.scalar(query.execution_options(populate_existing=True))
    if request is None:
        raise Absent("没有这张转介单。")
    return request


def _stop(request: ReferralRequest, target: str, actor: str, reason: str) -> None:
    for task in moves.lock(ReferralTask.request_id == request.id, ReferralTask.state.in_(rules.LIVE)):
        if task.state == "draft":
            waiting.leave(task.id)
            if target != "entered-in-error":
                continue
        live = task.state != "draft"
        moves.move(task, target, actor, reason=reason)
        if live and task.provider_id is not None:
            key = f"stop-{task.id}"
            words = {"provider": str(task.provider_id), "count": 1, "key": key}
            outbox.put("referrals.tell_stop", words, key=key)


def _told(request: ReferralRequest) -> None:
    facts.send(SlipEnded(tenant_id=current_tenant().id, object_id=request.id, case_id=request.case_id))


def _need_goes_on(request: ReferralRequest, reason: str) -> None:
    """A need that is not solved and has no slip has its next actor: the clerk sends another, or asks the family first
    when it was they who had it taken back."""
    matching.point_to_unsent(request.case_id)
    result = db.session.execute(select(Need.result).where(Need.id == request.need_id)).scalar_one()
    known = rules.REASONS.get(reason)
    asked = known is not None and known.consequence == "ask_need"
    if result in ("partly", "not_solved") or (result == "" and asked):
        case = queries.case_of(request.case_id)
        next_step(
            "case", request.case_id, number=case.number, case_id=request.case_id, actor_role="assistance_clerk",
            actor=case.worker_post or N_("救助专干"), verb=N_("和家属确认是否还需要") if asked else N_("看这项需求怎么接着帮"),
            due_at=due("draft-unsent", request.urgency), urgency=request.urgency,
        )  # fmt: skip
