"""Sending an offer, its answer, its end. The need survives every decline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from rongjiu import audit, facts, outbox
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, costs, restricted, slots, terms
from rongjiu.marketplace import rules as market
from rongjiu.marketplace.inbox import inbox_put
from rongjiu.oversight.service import no_step
from rongjiu.workdays import Unit, shortened
from tenants.cases.service import event, hold
from tenants.catalogue.models import ServiceType
from tenants.catalogue.service import due, reminder
from tenants.consents.models import Consent
from tenants.referrals import moves, queries, rules
from tenants.referrals.facts import OfferSent
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.referrals.offering import asked

WISH_LIMIT = 200

TWIN = N_("这个人已有一张同类服务的转介单还没办完(%(number)s r%(seq)s)。确实要再派,请写一句理由。")
AKIN = N_("这个人的同一类需求已有一张别的转介单还没办完(%(number)s r%(seq)s)。确实要再派,请写一句理由。")


def offer(
    need_id: UUID, service_ids: Sequence[UUID], consent_id: UUID | None, person_id: UUID, wish: str = "",
    kind: str = "", again: str = "", slot_id: UUID | None = None,
) -> list[ReferralTask]:  # fmt: skip
    """Send one offer for each service, all of one provider, standing on one consent; answers the tasks. With a slot
    the place is held in that slot and not in the month. The kind of a new slip follows from the provider's group (rules.kind_of) unless it is named; a slip of a kind that may be offered
    to several keeps its other offers.

    The same person waiting by another need for the same kind of help, or for help in the same category of need, is a
    warning that says which slip: Refused naming `again` until a reason to go on is given, which is kept with its id.

    Raises Refused naming `consent_id`, `service`, `slot`, `wish` or `again`; capacity.Full or Clash (409) when the place went to
    somebody else: the drafts then stay if the door keeps the transaction, and sending again takes them up. The
    places are reserved last, so that the row of the month stays locked for as short as can be.
    """
    need = asked.open_need(need_id)
    if len(wish.strip()) > WISH_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="wish")
    services = asked.services(service_ids)
    slot = slots.bookable(slot_id, [row.id for row in services]) if slot_id else None
    consent = asked.consent(consent_id, services[0].provider_id, need.case_id, person_id)
    subject = asked.subject(need.case_id, person_id)
    asked.guarded(subject, services[0].provider_id)
    terms.check(queries.here().id, services[0].provider_id, [row.id for row in services], subject.courtyard_id)
    if len(again.strip()) > WISH_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="again")
    like = {service.service_type: asked.twin(person_id, need_id, service.service_type) for service in services}
    other = next((one for one in like.values() if one), None)
    if other is not None and len(again.strip()) < 2:
        raise Refused(TWIN if other.same_kind else AKIN, field="again", number=other.number, seq=other.seq)
    drafts = [draft(need, service, subject, wish.strip(), kind) for service in services]
    for _task, request, service in drafts:
        if (twin := like[service.service_type]) and request.like_id is None:
            request.again, request.like_id = again.strip(), twin.id
            audit.record("request.again", "referral_request", request.id, like=str(twin.id))
    ids = [task.id for task, _request, _service in drafts]
    with db.session.begin_nested():
        for task, _request, service in drafts:
            booked = slot is not None and slot.service_id == service.id
            task.slot_id, task.slot_at = (slot.id, slot.starts_at) if slot and booked else (None, None)
        until = min(_send(task, request, service, consent, subject) for task, request, service in drafts)
        _announce(ids, need.urgency, until)
        for task, _request, service in drafts:
            day = task.slot_at.astimezone(ZONE).date() if task.slot_id and task.slot_at else today()
            capacity.reserve(task.id, service.id, day, queries.here().id, slot_id=task.slot_id)
    matching.point_to_unsent(need.case_id)
    return [task for task, _request, _service in drafts]


def draft(
    need: Any, service: Row[Any], subject: asked.Subject, wish: str, kind: str
) -> tuple[ReferralTask, ReferralRequest, Row[Any]]:
    """The slip for a kind of service, taken up where one waits, and a draft offer on it."""
    request = db.session.scalar(
        select(ReferralRequest)
        .where(
            ReferralRequest.need_id == need.id, ReferralRequest.service_type == service.service_type,
            ReferralRequest.state.in_(("draft", "active", "on-hold")),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip
    if request is not None:
        asked.beside(request, service.provider_id)
        asked.hindrance(request)
        if not moves.live_tasks(request.id):
            request.kind = kind or rules.kind_of(service.group)
    case = queries.case_of(need.case_id)
    if request is None:
        request = ReferralRequest(
            id=uuid7(), case_id=need.case_id, need_id=need.id, person_id=subject.person_id, seq=queries.next_seq(need.case_id),
            kind=kind or rules.kind_of(service.group), service_type=service.service_type, policy_slug=None, department_slug=None, state="draft",
            reason_code="", urgency=need.urgency, wish=wish, made_at=now(),
        )  # fmt: skip
        db.session.add(request)
        db.session.flush()
        audit.record(
            "request.draft", "referral_request", request.id, service_type=restricted.coded(service.service_type)
        )
    request.wish, request.person_id = wish, subject.person_id
    task = db.session.scalar(
        select(ReferralTask).where(ReferralTask.request_id == request.id, ReferralTask.state == "draft")
    )
    if task is None:
        ended = select(func.count()).select_from(ReferralTask).where(ReferralTask.request_id == request.id)
        task = ReferralTask(
            id=uuid7(), request_id=request.id, case_id=need.case_id, service_type=service.service_type, state="draft",
            reason_code="", rank=(db.session.scalar(ended) or 0) + 1, demo=case.demo,
        )  # fmt: skip
        db.session.add(task)
        first = TaskEvent(id=uuid7(), task_id=task.id, at=now(), state_from="", state_to="draft", actor="sender")
        db.session.add(first)
    task.provider_id, task.service_id, task.consent_id = service.provider_id, service.id, None
    task.household_id, task.person_id = subject.household_id, subject.person_id
    db.session.flush()
    moves.ask(request, N_("发出转介"), due("draft-unsent", need.urgency))
    return task, request, service


def _frozen(service: Row[Any], groups: frozenset[str]) -> dict[str, Any]:
    """What is offered, as it stands now and for whom: a service edited afterwards does not change a running offer."""
    first = costs.Cost(service.price_class, service.price)
    cost = costs.best(first, market.terms(service.terms).costs, groups)
    price = None if cost.price is None else f"{cost.price:f}"
    return {
        "title": service.title, "price_class": cost.price_class, "price": price, "delivery_mode": service.delivery_mode,
    }  # fmt: skip


def _send(
    task: ReferralTask, request: ReferralRequest, service: Row[Any], consent: Consent, subject: asked.Subject
) -> datetime:
    """Everything of an offer but its place; answers by when it is answered."""
    moment = now()
    promise = db.session.scalar(select(ServiceType.content).where(ServiceType.slug == service.service_type)) or {}
    hours = (promise.get("schedule") or {}).get("respond_within_hours")
    until = shortened(due("response", request.urgency, moment), moment, hours)
    if task.slot_id is not None and task.slot_at is not None:
        until = min(until, task.slot_at)
    task.consent_id, task.offered_at, task.terms = consent.id, moment, _frozen(service, subject.groups)
    inbox_put(task.id, service.provider_id, queries.here(), service.id, service.title, subject.area, "requested", until)
    moves.move(task, "requested", "sender", due_at=until)
    moves.move_request(request, "active", "sender")
    no_step(request.id)
    outbox.put("referrals.expire", {"task": str(task.id)}, key=f"expire-{task.id}", after=until)
    facts.send(OfferSent(tenant_id=current_tenant().id, object_id=task.id, counts={"offers_sent": 1}))
    return until


def _announce(task_ids: list[UUID], urgency: str, until: datetime) -> None:
    """Effects of one sending: the message now, a reminder later (timer half-time-reminder)."""
    ids = [str(task_id) for task_id in task_ids]
    unit: Unit = "hours" if urgency == "critical" else "working_days"
    outbox.put("referrals.tell_provider", {"tasks": ids}, key=f"tell-{ids[0]}")
    outbox.put("referrals.remind", {"tasks": ids}, key=f"remind-{ids[0]}", after=reminder(now(), until, unit))


def revoke_unsent(
    case_id: UUID, need_id: UUID, *, policy_slug: str, department_slug: str, reason: str
) -> ReferralRequest:
    """Write down that a department was not asked, and why: a slip drafted and revoked at once, without an offer."""
    hold(case_id)
    request = ReferralRequest(
        id=uuid7(), case_id=case_id, need_id=need_id, person_id=None, seq=queries.next_seq(case_id), kind="department",
        service_type=None, policy_slug=policy_slug, department_slug=department_slug, state="draft", reason_code="",
        urgency="ordinary", wish="", made_at=now(),
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    moves.move_request(request, "revoked", "sender", reason=reason)
    event(case_id, "department_not_asked", request_id=str(request.id), policy=policy_slug, reason=reason)
    return request
