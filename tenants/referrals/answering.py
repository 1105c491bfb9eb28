"""What receivers and senders do with an offer that is out: accept, decline, another time, hold, fail, cancel; and
the end of the others when one is taken. What comes back: returning."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import facts, outbox
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.links import DEAD
from rongjiu.marketplace import capacity, terms
from rongjiu.marketplace.kinds import care
from rongjiu.marketplace.models import Reservation
from tenants.catalogue.service import due, setting
from tenants.referrals import moves, rules
from tenants.referrals.facts import OfferAnswered
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.offering import asked
from tenants.referrals.returning import again, conditions, tries

SLOT_AHEAD = timedelta(days=60)
TEXT_LIMIT = 200
PAPERS_MOST, PAPER_LIMIT = 20, 60


def accept(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None, *, by_desk: bool = False) -> None:
    """The receiver takes the offers for a moment; from now on it sees what the consent names. `by_desk`: the desk agreed
    to a time that the receiver had proposed, in time and outside the agreed days too.

    Raises Refused naming `slot` for a bad moment, `staff` when a medical provider sends nobody whose licence holds then,
    or (409) a late or repeated answer, Absent when the consent is gone, capacity.Full when the month has no place.
    """
    rows = moves.locked(list(task_ids), provider_id)
    booked = _booked(rows)
    slot = booked or moment_of(slot_at)
    if not by_desk and booked is None:
        terms.check_slot(current_tenant().uid, provider_id, slot)
    care.check(provider_id, [task.id for task in rows], slot.astimezone(ZONE).date())
    for task in rows:
        if task.state == "requested" and not by_desk and too_late(task):
            raise Clash("答复时间已过,社区会另找服务方。有疑问请打社区电话。")
        if not asked.consented(task):
            raise Absent(DEAD)
        urgency = asked.urgency_of(task)
        step = moves.Step(N_("上门服务"), due("start", urgency))
        task.slot_at, task.proposed_at = slot, None
        moves.move(task, "accepted", "receiver", due_at=step.due_at, step=step, answers=True)
        _tell_answer(task, accepted=True)
        _end_others(task)
    key = f"job-{rows[0].id}"
    outbox.put("referrals.job_link", {"tasks": [str(task.id) for task in rows], "key": key}, key=key)
    for task in rows:
        if task.service_id is not None and task.slot_id is None and _month(slot) != _month(task.offered_at or now()):
            capacity.reserve(task.id, task.service_id, slot.astimezone(ZONE).date(), current_tenant().uid)


def decline(task_ids: Sequence[UUID], provider_id: UUID, reason: str, text: str = "", condition: str = "") -> None:
    """The receiver says no, with a code; the need stays open and the slip looks for somebody else. Not eligible says
    also which condition is not met (rules.CONDITIONS).

    Raises Refused naming `reason`, `condition` or `text`, or (409) when it was answered before.
    """
    rows = moves.locked(list(task_ids), provider_id)
    _check_reason(reason, text, "declines", condition)
    for task in rows:
        moves.move(task, "rejected", "receiver", reason=reason, answers=True)
        _tell_answer(task, accepted=False)
        conditions.name(task, reason, condition)
        _close_if_full(task, reason)
    again.look_again(rows, reason, text)


def fail(task_ids: Sequence[UUID], provider_id: UUID, reason: str, text: str = "", condition: str = "") -> None:
    """The receiver cannot go on: worse than a decline, so the desk is told at once by a step that is due. That nobody
    could be reached is believed after so many tries that were noted (returning.tries)."""
    rows = moves.locked(list(task_ids), provider_id)
    _check_reason(reason, text, "fails", condition)
    if reason == tries.REASON:
        tries.enough(rows)
    for task in rows:
        moves.move(task, "failed", "receiver", reason=reason)
        conditions.name(task, reason, condition)
        _close_if_full(task, reason)
        outbox.put("referrals.failed", {"task": str(task.id)}, key=f"failed-{task.id}")
    again.look_again(rows, reason, text)


def hold(
    task_ids: Sequence[UUID], provider_id: UUID, reason: str, resume_at: datetime | None, papers: Sequence[str] = ()
) -> None:
    """Pause work until a day, at most so many ahead (timer hold-longest); overdue resuming shows as overdue. For want
    of papers it names them all, and the family gets the list by link. Raises Refused naming the field."""
    rows = moves.locked(list(task_ids), provider_id)
    if words := rules.reason_fault(reason, "receiver", "holds"):
        raise Refused(words, field="hold_reason")
    until = resumes(resume_at)
    named = _papers(papers) if reason == "missing-documents" else []
    for task in rows:
        task.missing = named
        moves.move(task, "on-hold", "receiver", reason=reason, due_at=until)
    if named:
        asking = f"{rows[0].id}-{now():%Y%m%d%H%M%S}"
        outbox.put("casework.papers", {"case": str(rows[0].case_id), "of": asking}, key=f"papers-told-{asking}")


def resumes(resume_at: datetime | None) -> datetime:
    """The day on which a pause ends. Raises Refused naming `resume_on` for a day that is no end of a pause from now on (timer hold-longest)."""
    if resume_at is None or not now() < resume_at <= due("hold-longest"):
        raise Refused("请选 %(days)s 天以内的日子。", field="resume_on", days=setting("hold-longest"))
    return resume_at


def _papers(names: Sequence[str]) -> list[str]:
    found = list(dict.fromkeys(each.strip() for each in names if each.strip()))
    if not found:
        raise Refused("请写出缺哪些材料,每行一样,一次说全。", field="papers")
    if len(found) > PAPERS_MOST or any(len(each) > PAPER_LIMIT for each in found):
        raise Refused("每行写一样材料,60 字以内,最多 20 样。", field="papers")
    return found


def reschedule(task_ids: Sequence[UUID], provider_id: UUID, slot_at: datetime | None) -> None:
    """Another time for a job already taken; nothing else changes. Raises Refused naming `slot`, or `staff` when the
    licence of who goes ends before."""
    rows = moves.locked(list(task_ids), provider_id)
    if _booked(rows) is not None:
        raise Refused("这单约的是排好的时段,不能单独改时间。请打社区电话,由社区改约。", field="slot")
    slot = moment_of(slot_at)
    terms.check_slot(current_tenant().uid, provider_id, slot)
    care.move(provider_id, [task.id for task in rows], slot)
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
    again.tell_stop([task])
    again.look_again([task], reason)


def _link_record(task: ReferralTask, other_id: UUID | None, words: str) -> None:
    if other_id is None and len(words) < 2:
        raise Refused("请选是哪一张转介单,或写明哪里已经帮到。", field="other")
    if len(words) > TEXT_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="other")
    known = select(ReferralRequest.id).where(
        ReferralRequest.id == other_id, ReferralRequest.id != task.request_id, ReferralRequest.case_id.is_not(None)
    )
    if other_id is not None and db.session.scalar(known) is None:
        raise Refused("没有这张转介单,请重新选。", field="other")
    task.other_id, task.other_words = other_id, words


def correct(task_id: UUID) -> None:
    """The secretary marks an offer as entered in error: kept, out of statistics. Raises Clash after a delivery, whatever
    has become of the offer since."""
    (task,) = moves.locked([task_id])
    if task.state == "completed" or delivered(task.id):
        raise Clash("已经开始服务的派单不能作废,请改用撤销。")
    live_before = task.state in rules.LIVE - {"draft"}
    moves.move(task, "entered-in-error", "supervisor", reason="mistake")
    if live_before:
        again.tell_stop([task])
        again.look_again([task], "mistake")


def delivered(*task_ids: UUID) -> bool:
    """Was one of these offers delivered at least once? Its place is used from then on, and a used one never comes back."""
    used = select(Reservation.id).where(Reservation.id.in_(task_ids), Reservation.state == "used")
    return db.session.scalar(used.limit(1)) is not None


def too_late(task: ReferralTask) -> bool:
    """Is the time to answer an offer over? While another time that was proposed waits for the desk it is not."""
    return task.proposed_at is None and task.due_at is not None and task.due_at <= now()


def _end_others(taken: ReferralTask) -> None:
    """The first acceptance ends the offers beside it in the same transaction; the case is locked by `moves.locked`."""
    beside = moves.beside(
        ReferralTask.request_id == taken.request_id, ReferralTask.id != taken.id, ReferralTask.state == "requested"
    )
    for task in beside:
        moves.move(task, "cancelled", "system", reason="taken-by-another")
        again.tell_stop([task])


def _booked(rows: Sequence[ReferralTask]) -> datetime | None:
    """The beginning of the slot that was booked with the offers, if one was."""
    return next((task.slot_at for task in rows if task.slot_id is not None), None)


def moment_of(slot_at: datetime | None) -> datetime:
    """The moment that was chosen for a visit; raises Refused naming `slot`."""
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


def _check_reason(reason: str, text: str, kind: str, condition: str) -> None:
    if words := rules.reason_fault(reason, "receiver", kind):
        raise Refused(words, field="reason")
    conditions.check(reason, condition)
    if reason == conditions.REASON and not text.strip():
        raise Refused("请写明卡在哪一条,例如“只做 60 岁以下”,不写姓名和门牌。", field="text")
    if reason == "other" and not text.strip():
        raise Refused("请用一句话说明,不写姓名和门牌。", field="text")
    if len(text) > TEXT_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="text")


def _tell_answer(task: ReferralTask, *, accepted: bool) -> None:
    counts = {"offers_answered": 1, "offers_accepted" if accepted else "offers_declined": 1}
    facts.send(OfferAnswered(tenant_id=current_tenant().id, object_id=task.id, counts=counts))


def _close_if_full(task: ReferralTask, reason: str) -> None:
    if rules.REASONS[reason].consequence == "close_month" and task.service_id is not None:
        capacity.close(task.service_id, today())
        words = {"service": str(task.service_id), "day": today().isoformat()}
        key = f"ask-places-{task.service_id}-{today()}"
        outbox.put("referrals.ask_places", words, key=key, after=due("no-capacity-ask"))
