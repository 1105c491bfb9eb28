"""What receivers and senders do with an offer that is out: accept, decline, another time, hold, fail, cancel; and
what ends it by itself: silence and a withdrawn consent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, facts, outbox
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import Fact
from rongjiu.ids import uuid7
from rongjiu.links import DEAD
from rongjiu.marketplace import capacity, terms
from rongjiu.marketplace.inbox import inbox_state
from rongjiu.oversight.service import no_step
from tenants.cases.models import ContactLog
from tenants.cases.service import event
from tenants.catalogue.service import due
from tenants.consents import queries as consents
from tenants.consents.models import Consent
from tenants.consents.service import live
from tenants.referrals import moves, queries, rules, service
from tenants.referrals.facts import OfferAnswered
from tenants.referrals.matching import service as matching
from tenants.referrals.models import MatchRun, ReferralRequest, ReferralTask

SLOT_AHEAD = timedelta(days=60)
HOLD_LONGEST = timedelta(days=30)
TEXT_LIMIT = 200
PAPERS_MOST, PAPER_LIMIT = 20, 60


def accept(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None, *, by_desk: bool = False) -> None:
    """The receiver takes the offers for a moment; from now on it sees what the consent names. `by_desk`: the desk agreed
    to a time that the receiver had proposed, in time and outside the agreed days too.

    Raises Refused naming `slot` for a bad moment or (409) a late or repeated answer, Absent when the consent is gone,
    capacity.Full when the month of the slot has no place.
    """
    rows = moves.locked(list(task_ids), provider_id)
    booked = _booked(rows)
    slot = booked or _slot(slot_at)
    if not by_desk and booked is None:
        terms.check_slot(queries.here().id, provider_id, slot)
    for task in rows:
        if task.state == "requested" and not by_desk and task.due_at is not None and task.due_at <= now():
            raise Clash("答复时间已过,社区会另找服务方。有疑问请打社区电话。")
        if not consented(task):
            raise Absent(DEAD)
        urgency = _urgency(task)
        step = moves.Step(N_("上门服务"), due("start", urgency))
        task.slot_at = slot
        moves.move(task, "accepted", "receiver", due_at=step.due_at, step=step)
        task.answered_at = now()
        _tell_answer(task, accepted=True)
        _end_others(task)
    key = f"job-{rows[0].id}"
    outbox.put("referrals.job_link", {"tasks": [str(task.id) for task in rows], "key": key}, key=key)
    community = queries.here().id
    for task in rows:
        if task.service_id is not None and task.slot_id is None and _month(slot) != _month(task.offered_at or now()):
            capacity.reserve(task.id, task.service_id, slot.astimezone(ZONE).date(), community)


def propose(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None) -> None:
    """The receiver would come at another time than the community agreed with it: the offer stays open and the desk says
    yes or no (timer response runs anew; its silence is never counted as the receiver's). Raises Refused naming `slot`, or (409) after an answer."""
    rows = moves.locked(list(task_ids), provider_id)
    slot = _slot(slot_at)
    for task in rows:
        if task.state != "requested" or (task.due_at is not None and task.due_at <= now()):
            raise Clash(moves.LATE)
        if not consented(task):
            raise Absent(DEAD)
    for task in rows:
        urgency = _urgency(task)
        task.proposed_at, task.due_at = slot, due("response", urgency)
        db.session.flush()
        audit.record("task.propose", "referral_task", task.id, slot=slot.isoformat())
        inbox_state(task.id, "requested", task.due_at)
        event(task.case_id, "time_proposed", task_id=str(task.id))
        request = db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))
        moves.ask(request, N_("答复服务方提出的时间"), task.due_at)


def settle_proposal(task_id: UUID, *, agree: bool) -> None:
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
        accept(ids, provider_id, slot, by_desk=True)
    else:
        for one in moves.locked(ids):
            one.proposed_at, one.due_at = None, due("response", _urgency(one))
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


def decline(task_ids: Sequence[UUID], provider_id: UUID, reason: str, text: str = "") -> None:
    """The receiver says no, with a code; the need stays open and the slip looks for somebody else.

    Raises Refused naming `reason` or `text`, or (409) when it was answered before.
    """
    rows = moves.locked(list(task_ids), provider_id)
    _check_reason(reason, text, "declines")
    for task in rows:
        moves.move(task, "rejected", "receiver", reason=reason)
        task.answered_at = now()
        _tell_answer(task, accepted=False)
        _close_if_full(task, reason)
    look_again(rows, reason, text)


def fail(task_ids: Sequence[UUID], provider_id: UUID, reason: str, text: str = "") -> None:
    """The receiver cannot go on: worse than a decline, so the desk is told at once by a step that is due."""
    rows = moves.locked(list(task_ids), provider_id)
    _check_reason(reason, text, "fails")
    for task in rows:
        moves.move(task, "failed", "receiver", reason=reason)
        _close_if_full(task, reason)
        outbox.put("referrals.failed", {"task": str(task.id)}, key=f"failed-{task.id}")
    look_again(rows, reason, text)


def hold(
    task_ids: Sequence[UUID], provider_id: UUID, reason: str, resume_at: datetime | None, papers: Sequence[str] = ()
) -> None:
    """Pause work until a day, at most 30 days ahead (timer hold-longest); overdue resuming shows as overdue. For want
    of papers it names them all, and the family gets the list by link. Raises Refused naming the field."""
    rows = moves.locked(list(task_ids), provider_id)
    if words := rules.reason_fault(reason, "receiver", "holds"):
        raise Refused(words, field="hold_reason")
    if resume_at is None or not now() < resume_at <= now() + HOLD_LONGEST:
        raise Refused("请选 30 天以内的日子。", field="resume_on")
    named = _papers(papers) if reason == "missing-documents" else []
    for task in rows:
        task.missing = named
        moves.move(task, "on-hold", "receiver", reason=reason, due_at=resume_at)
    if named:
        asking = f"{rows[0].id}-{now():%Y%m%d%H%M%S}"
        outbox.put("casework.papers", {"case": str(rows[0].case_id), "of": asking}, key=f"papers-told-{asking}")


def _papers(names: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(each.strip() for each in names if each.strip()))
    if not found:
        raise Refused("请写出缺哪些材料,每行一样,一次说全。", field="papers")
    if len(found) > PAPERS_MOST or any(len(each) > PAPER_LIMIT for each in found):
        raise Refused("每行写一样材料,60 字以内,最多 20 样。", field="papers")
    return found


def reschedule(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None) -> None:
    """Another time for a job already taken; nothing else changes. Raises Refused naming `slot`."""
    rows = moves.locked(list(task_ids), provider_id)
    if _booked(rows) is not None:
        raise Refused("这单约的是排好的时段,不能单独改时间。请打社区电话,由社区改约。", field="slot")
    slot = _slot(slot_at)
    terms.check_slot(queries.here().id, provider_id, slot)
    for task in rows:
        if task.state not in rules.OPEN_TO_RECEIVER:
            raise Clash(moves.LATE)
        task.slot_at = slot
        moves.point(task, moves.Step(N_("上门服务"), moves.end_of(slot)))


def cancel(
    task_id: UUID, reason: str, *, actor: str = "sender", other_id: UUID | None = None, other_words: str = ""
) -> None:
    """The sender (or the resident through the desk) takes an offer back; access closes at once. An ending as duplicate
    or already helped points to the other record: another slip (`other_id`), or the organisation in words.

    Raises Refused naming `reason` or `other`.
    """
    if words := rules.reason_fault(reason, actor):
        raise Refused(words, field="reason")
    (task,) = moves.locked([task_id])
    if rules.REASONS[reason].consequence == "link_record":
        _link_record(task, other_id, other_words.strip())
    moves.move(task, "cancelled", actor, reason=reason)
    _tell_stop([task])
    look_again([task], reason)


def _link_record(task: ReferralTask, other_id: UUID | None, words: str) -> None:
    if other_id is None and len(words) < 2:
        raise Refused("请选是哪一张转介单,或写明哪里已经帮到。", field="other")
    if len(words) > TEXT_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="other")
    known = select(ReferralRequest.id).where(ReferralRequest.id == other_id, ReferralRequest.id != task.request_id)
    if other_id is not None and db.session.scalar(known) is None:
        raise Refused("没有这张转介单,请重新选。", field="other")
    task.other_id, task.other_words = other_id, words


def correct(task_id: UUID) -> None:
    """The secretary marks an offer as entered in error: kept, out of statistics. Raises Clash after a delivery."""
    (task,) = moves.locked([task_id])
    if task.state in ("in-progress", "completed"):
        raise Clash("已经开始服务的派单不能作废,请改用撤销。")
    live_before = task.state in rules.LIVE - {"draft"}
    moves.move(task, "entered-in-error", "supervisor", reason="mistake")
    if live_before:
        _tell_stop([task])
        look_again([task], "mistake")


def expire(task_id: UUID) -> bool:
    """Called by the timer: an offer without an answer in time gives its place back and returns to matching, with no
    person doing anything. False when it was answered or ended before."""
    task = next(iter(moves.lock(ReferralTask.id == task_id)), None)
    if (
        task is None
        or task.state != "requested"
        or task.proposed_at
        or (task.due_at is not None and task.due_at > now())
    ):
        return False
    moves.move(task, "cancelled", "system", reason="no-response")
    look_again([task], "no-response")
    next_in_line(task)
    return True


def _end_others(taken: ReferralTask) -> None:
    """The first acceptance ends the offers beside it in the same transaction; the case is locked by `moves.locked`."""
    beside = moves.lock(
        ReferralTask.request_id == taken.request_id, ReferralTask.id != taken.id, ReferralTask.state == "requested"
    )
    for task in beside:
        moves.move(task, "cancelled", "system", reason="taken-by-another")
        _tell_stop([task])


def next_in_line(ended: ReferralTask, run: MatchRun | None = None) -> None:
    """After silence the slip goes to the next candidate of a match run (default: the last of its need) by itself, as
    far as the family has consented to one; with nobody such the clerk's step stands."""
    request = db.session.get_one(ReferralRequest, (current_tenant().id, ended.request_id))
    run = run or queries.last_match(request.need_id)
    if request.state != "active" or ended.person_id is None or run is None or moves.live_tasks(request.id):
        return
    for row in run.candidates:
        fits = [UUID(each["service_id"]) for each in row["services"] if each["type"] == ended.service_type]
        given = consents.covering(request.case_id, UUID(row["provider_id"]), [ended.person_id])
        if not fits or not given:
            continue
        try:
            with db.session.begin_nested():
                service.offer(request.need_id, fits[:1], given[0].id, ended.person_id, request.wish)
        except Refused:
            continue
        return


def end_on_withdrawal(fact: Fact) -> None:
    """A consent was withdrawn: every live offer standing on it is cancelled in the same transaction."""
    rows = moves.lock(ReferralTask.consent_id == fact.object_id, ReferralTask.state.in_(rules.LIVE - {"draft"}))
    for task in rows:
        moves.move(task, "cancelled", "system", reason="withdrawn-consent")
    if rows:
        _tell_stop(rows)
        look_again(rows, "withdrawn-consent")


def consented(task: ReferralTask) -> bool:
    """Does the consent of an offer stand at this moment?"""
    row = db.session.scalar(select(Consent).where(Consent.id == task.consent_id))
    return row is not None and live(row)


def _booked(rows: Sequence[ReferralTask]) -> datetime | None:
    """The beginning of the slot that was booked with the offers, if one was."""
    return next((task.slot_at for task in rows if task.slot_id is not None), None)


def _slot(slot_at: datetime | None) -> datetime:
    if slot_at is None:
        raise Refused("请选上门的日子和时间。", field="slot")
    if slot_at < now() - timedelta(minutes=15):
        raise Refused("这个时间已经过去,请另选一个。", field="slot")
    if slot_at > now() + SLOT_AHEAD:
        raise Refused("请选 60 天以内的日子。", field="slot")
    return slot_at


def _month(moment: datetime) -> tuple[int, int]:
    local = moment.astimezone(ZONE)
    return local.year, local.month


def _check_reason(reason: str, text: str, kind: str) -> None:
    if words := rules.reason_fault(reason, "receiver", kind):
        raise Refused(words, field="reason")
    if reason == "not-eligible" and not text.strip():
        raise Refused("请写明卡在哪一条,例如“只做 60 岁以下”,不写姓名和门牌。", field="text")
    if reason == "other" and not text.strip():
        raise Refused("请用一句话说明,不写姓名和门牌。", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="text")


def _urgency(task: ReferralTask) -> str:
    found = db.session.scalar(select(ReferralRequest.urgency).where(ReferralRequest.id == task.request_id))
    return found or "ordinary"


def _tell_answer(task: ReferralTask, *, accepted: bool) -> None:
    counts = {"offers_answered": 1, "offers_accepted" if accepted else "offers_declined": 1}
    facts.send(OfferAnswered(tenant_id=current_tenant().id, object_id=task.id, counts=counts))


def _close_if_full(task: ReferralTask, reason: str) -> None:
    if rules.REASONS[reason].consequence == "close_month" and task.service_id is not None:
        capacity.close(task.service_id, today())


def _tell_stop(rows: Sequence[ReferralTask]) -> None:
    provider_id = rows[0].provider_id
    if provider_id is not None:
        key = f"stop-{rows[0].id}"
        outbox.put("referrals.tell_stop", {"provider": str(provider_id), "count": len(rows), "key": key}, key=key)


def look_again(rows: Sequence[ReferralTask], reason: str, text: str = "") -> None:
    """Back to matching: a fresh match run says whether anybody is left."""
    for task in rows:
        request = db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))
        if text.strip() and task.provider_id is not None:
            note = ContactLog(
                id=uuid7(), case_id=task.case_id, need_id=request.need_id, provider_id=task.provider_id, at=now(),
                note=text.strip(),
            )  # fmt: skip
            db.session.add(note)
        left = True
        if reason in rules.REASONS and rules.REASONS[reason].consequence in rules.BACK_TO_MATCHING:
            left = bool(matching.match(request.need_id, [task.service_type]).candidates)
        moves.back_to_matching(request, reason, any_left=left, late=task.state == "failed")
