"""What follows in a case from each step of its slips and offers, which engine.py has taken: it is told, the place is given
back, and somebody acts next."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Uuid, any_, func, select

from rongjiu import facts
from rongjiu.clock import ZONE
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.marketplace import capacity
from rongjiu.marketplace.inbox import inbox_state
from rongjiu.marketplace.models import Provider
from rongjiu.oversight.service import next_step, no_step
from rongjiu.prepared import Prepared, given
from tenants.cases.models import CaseFile
from tenants.cases.service import event
from tenants.catalogue.service import due, setting
from tenants.referrals import engine, queries, rules
from tenants.referrals.facts import GapOpened, OfferMistaken, TasksEnded
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.referrals.returning import clocks

LATE = engine.LATE
_VERBS = {
    "requested": N_("答复派单"),
    "accepted": N_("上门服务"),
    "in-progress": N_("完成服务"),
    "on-hold": N_("恢复服务"),
}
_EVENTS = {
    "requested": "offer_sent", "accepted": "offer_accepted", "rejected": "offer_declined", "cancelled": "offer_cancelled",
    "in-progress": "service_started", "on-hold": "service_held", "completed": "service_completed",
    "failed": "service_failed", "entered-in-error": "offer_mistaken",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Who acts next on an offer, when that is not what its state says by itself."""

    verb: str
    due_at: datetime


def move(
    task: ReferralTask, target: str, actor: str, *, reason: str = "", due_at: datetime | None = None,
    step: Step | None = None, answers: bool = False, passing: bool = False,
) -> None:  # fmt: skip
    """Move a locked offer; writes event, audit, inbox, timeline, next step; raises Clash when the table forbids it.

    An offer that ends gives its place back (a place already used stays used) and loses its next step. `answers`: it is
    the receiver's answer to the offer. `passing`: the caller goes on in the same breath and says who acts next itself.
    """
    source = engine.turn(task, target, actor, reason=reason, due_at=due_at, answers=answers)
    if source != "draft" or target == "requested":
        inbox_state(task.id, target, due_at)
        post = post_of(task, actor)
        event(task.case_id, event_of(target, reason), post=post, task_id=str(task.id), reason=reason)
    if target == "entered-in-error":
        _out_of_figures(task)
    if target in rules.TERMINAL:
        capacity.release(task.id)
        no_step(task.id)
        facts.send(TasksEnded(tenant_id=current_tenant().id, task_ids=(task.id,)))
    elif not passing:
        point(task, step)


def _out_of_figures(task: ReferralTask) -> None:
    """What was counted for an offer that was entered in error is taken back: it is kept, out of statistics."""
    answers = db.session.scalars(
        select(TaskEvent.state_to).where(
            TaskEvent.task_id == task.id, TaskEvent.state_from == "requested", TaskEvent.actor == "receiver"
        )
    ).all()
    counts = {
        "offers_sent": -int(task.offered_at is not None), "offers_answered": -int(task.answered_at is not None),
        "offers_accepted": -answers.count("accepted"), "offers_declined": -answers.count("rejected"),
    }  # fmt: skip
    facts.send(OfferMistaken(tenant_id=current_tenant().id, object_id=task.id, counts=counts))


def event_of(target: str, reason: str) -> str:
    """How the timeline calls it that an offer came into this state for that reason."""
    return "offer_expired" if reason == "no-response" else _EVENTS[target]


def post_of(task: ReferralTask, actor: str) -> str:
    """Who acts, as the timeline names it; empty for somebody at the desk, who is named by the session."""
    if actor == "receiver" and task.provider_id:
        return _provider(task.provider_id)
    return {"resident": "居民", "system": "系统"}.get(actor, "")


def _provider(provider_id: UUID) -> str:
    return next((row.name for row in _NAME.rows(provider=provider_id)), "")


_NAME = Prepared(select(Provider.name).where(Provider.id == given("provider", Uuid())))


def point(task: ReferralTask, step: Step | None = None) -> None:
    """Say who acts next on a live offer: its receiver, by the running wait or by the step given."""
    if task.provider_id is None or task.state not in _VERBS:
        return
    case = queries.case_of(task.case_id)
    until = step.due_at if step else task.due_at or due("completion", case.urgency)
    next_step(
        "referral_task", task.id, number=case.number, case_id=task.case_id, actor_role="provider_owner",
        actor=_provider(task.provider_id), verb=step.verb if step else _VERBS[task.state],
        due_at=until, urgency=case.urgency,
    )  # fmt: skip
    if task.state in rules.OPEN_TO_RECEIVER:
        clocks.start(task, until, case.urgency)


def move_request(request: ReferralRequest, target: str, actor: str, *, reason: str = "") -> None:
    """Move a slip; raises Clash when the table forbids it. Staying where it is changes nothing."""
    if request.state == target:
        return
    source = engine.turn(request, target, actor, reason=reason)
    if target == "on-hold" or source == "on-hold":
        step = 1 if target == "on-hold" else -1
        if target == "on-hold":
            event(request.case_id, "gap_opened", post=N_("系统"), request_id=str(request.id))
        facts.send(GapOpened(tenant_id=current_tenant().id, object_id=request.id, counts={"gaps_open": step}))
    if target in ("completed", "revoked", "entered-in-error"):
        no_step(request.id)


def ask(
    request: ReferralRequest, verb: str, due_at: datetime, role: str = "assistance_clerk", case: Row[Any] | None = None
) -> None:  # fmt: skip
    """Say that the desk acts next on a slip: what and by when. `case`: its case, where it was read already."""
    case = case or queries.case_of(request.case_id)
    actor = N_("社区书记") if role == "secretary" else case.worker_post or N_("救助专干")
    next_step(
        "referral_request", request.id, number=case.number, case_id=request.case_id, actor_role=role, actor=actor,
        verb=verb, due_at=due_at, urgency=request.urgency,
    )  # fmt: skip


def back_to_matching(
    request: ReferralRequest, reason: str, *, any_left: bool, late: bool = False, read: "Slip | None" = None
) -> None:
    """After an offer ended without help the slip looks for somebody else: the need stays open (a decline never closes
    it). After too many endings, or with nobody left, it waits as a gap that
    the street sees. `late`: it failed after it was taken, so the desk acts now. `read`: what was read of it already."""
    read = read or slips_of([request])[request.id]
    live, ended = read.live, read.ended
    if live:
        return
    consequence = rules.REASONS[reason].consequence if reason in rules.REASONS else "next_candidate"
    if request.state == "awaiting_confirmation":
        return
    if not any_left or ended >= int(setting("declines-to-gap")):
        move_request(request, "on-hold", "system", reason="no-candidate")
        ask(request, N_("补服务缺口"), due("draft-unsent", request.urgency), case=read.case)
    elif consequence == "visit_first":
        ask(request, N_("先上门看望,再派单"), due("draft-unsent", request.urgency), case=read.case)
    elif consequence == "supervisor":
        ask(request, N_("处理不安全或冲突"), due("draft-unsent", request.urgency), "secretary", case=read.case)
    elif consequence in ("ask_need", "stop"):
        ask(request, N_("和家属确认是否还需要"), due("draft-unsent", request.urgency), case=read.case)
    elif late:
        ask(request, N_("接单后未能完成,马上改约"), due("response", "critical"), case=read.case)
    else:
        ask(request, N_("改约下一家"), due("draft-unsent", request.urgency), case=read.case)


@dataclass(frozen=True, slots=True)
class Slip:
    """What is read of a slip before it goes on: its case, the offers on which somebody still acts, and those that ended
    without help."""

    case: Row[Any]
    live: int
    ended: int


def slips_of(requests: Collection[ReferralRequest]) -> dict[UUID, Slip]:
    """The same of some slips, with two statements."""
    if not requests:
        return {}
    offers, cases = offers_of([each.id for each in requests]), queries.cases_of({each.case_id for each in requests})
    return {each.id: Slip(cases[each.case_id], *offers[each.id]) for each in requests}


def live_tasks(request_id: UUID) -> int:
    """Offers of a slip on which somebody still acts."""
    return offers_of([request_id])[request_id][0]


def offers_of(request_ids: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """For each slip, the offers on which somebody still acts, and those that ended without help."""
    rows = _OFFERS.rows(requests=list(request_ids))
    return dict.fromkeys(request_ids, (0, 0)) | {row.request_id: (row.live, row.ended) for row in rows}


_OFFERS = Prepared(
    select(
        ReferralTask.request_id,
        func.count().filter(ReferralTask.state.in_(sorted(rules.LIVE - {"draft"}))).label("live"),
        func.count()
        .filter(
            # What the resident did not want is no sign that nobody is left.
            ReferralTask.state.in_(("rejected", "failed")) & (ReferralTask.reason_code != "declined-by-resident")
            | (ReferralTask.reason_code == "no-response")
        )
        .label("ended"),
    )
    .where(ReferralTask.tenant_id == given("tenant"), ReferralTask.request_id == any_(given("requests", ARRAY(Uuid()))))
    .group_by(ReferralTask.request_id)
)


def lock(*where: ColumnElement[bool]) -> list[ReferralTask]:
    """The offers of cases that fit, with their cases locked first, in the order of their ids, as they stand now. A claim
    from the wall of wishes is none."""
    mine = select(ReferralTask.case_id).where(*where)
    cases = select(CaseFile.id).where(CaseFile.id.in_(mine)).order_by(CaseFile.id).with_for_update(key_share=True)
    db.session.execute(cases).all()
    return beside(*where)


def beside(*where: ColumnElement[bool]) -> list[ReferralTask]:
    """`lock` for somebody who holds the cases already."""
    query = (
        select(ReferralTask)
        .where(ReferralTask.case_id.is_not(None), *where)
        .order_by(ReferralTask.id)
        .with_for_update()
    )
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def locked(task_ids: list[UUID], provider_id: UUID | None = None) -> list[ReferralTask]:
    """Offers locked, of one provider if it is named; raises Refused (409) when one is missing, so that nobody acts on
    half of a batch."""
    where: list[ColumnElement[bool]] = [ReferralTask.id.in_(task_ids)]
    if provider_id:
        where.append(ReferralTask.provider_id == provider_id)
    rows = lock(*where)
    if not rows or len(rows) != len(set(task_ids)):
        raise Refused(LATE, status=409)
    return rows


def end_of(day: datetime) -> datetime:
    """Midnight after a day in Xi'an has begun to count: the visit of a day is due until that day ends."""
    local = day.astimezone(ZONE)
    return datetime.combine(local.date(), time(23, 59), ZONE)
