"""Sending an offer, its answer, its end. The need survives every decline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from rongjiu import audit, facts, outbox
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity, restricted, slots, terms, waiting
from rongjiu.marketplace import rules as market
from rongjiu.marketplace.inbox import inbox_put
from rongjiu.marketplace.models import Provider, ProviderService
from rongjiu.marketplace.papers import may_meet_children
from rongjiu.oversight.service import no_step
from rongjiu.workdays import Unit, shortened
from tenants.cases.models import CaseEvent
from tenants.cases.service import event, hold
from tenants.catalogue.models import ServiceType
from tenants.catalogue.service import due, half
from tenants.consents.models import Consent
from tenants.consents.service import live
from tenants.needs.models import Need
from tenants.referrals import moves, queries, rules
from tenants.referrals.facts import OfferSent
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.residents.models import Courtyard, Household, Person
from tenants.residents.rules import OWN_VOICE, age

WISH_LIMIT = 200
NO_CONSENT = "还没有可用的授权。请先请本人(未满 14 周岁由监护人)同意,再提交转介。"

OPEN_SLIPS = ("draft", "active", "on-hold", "awaiting_confirmation")
TWIN = "这个人已有一张同类的转介单还没办完。确实要再派,请写一句理由。"


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom an offer is about, as far as keys go, and the courtyard that may be named."""

    person_id: UUID
    household_id: UUID
    area: str
    minor: bool
    courtyard_id: UUID


def offer(
    need_id: UUID, service_ids: Sequence[UUID], consent_id: UUID | None, person_id: UUID, wish: str = "",
    kind: str = "", again: str = "", slot_id: UUID | None = None,
) -> list[ReferralTask]:  # fmt: skip
    """Send one offer for each service, all of one provider, standing on one consent; answers the tasks. With a slot
    the place is held in that slot and not in the month. The kind of a new slip follows from the provider's group (rules.kind_of) unless it is named; a slip of a kind that may be offered
    to several keeps its other offers.

    The same person waiting for the same kind of help by another need is a warning: Refused naming `again` until a reason
    to go on is given, which is kept on the slip with the other's id.

    Raises Refused naming `consent_id`, `service`, `slot`, `wish` or `again`; capacity.Full or Clash (409) when the place went to
    somebody else: the drafts then stay if the door keeps the transaction, and sending again takes them up. The
    places are reserved last, so that the row of the month stays locked for as short as can be.
    """
    need = _open_need(need_id)
    if len(wish.strip()) > WISH_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="wish")
    services = _services(service_ids)
    slot = slots.bookable(slot_id, [row.id for row in services]) if slot_id else None
    consent = _consent(consent_id, services[0].provider_id, need.case_id, person_id)
    subject = _subject(need.case_id, person_id)
    _guarded(subject, services[0].provider_id)
    terms.check(queries.here().id, services[0].provider_id, [row.id for row in services], subject.courtyard_id)
    if len(again.strip()) > WISH_LIMIT:
        raise Refused("请写短一点,200 字以内。", field="again")
    like = {service.service_type: twin(person_id, need_id, service.service_type) for service in services}
    if any(like.values()) and len(again.strip()) < 2:
        raise Refused(TWIN, field="again")
    drafts = [_draft(need, service, subject, wish.strip(), kind) for service in services]
    for _task, request, service in drafts:
        if (other := like[service.service_type]) and request.like_id is None:
            request.again, request.like_id = again.strip(), other
            audit.record("request.again", "referral_request", request.id, like=str(other))
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


def wait(need_id: UUID, service_ids: Sequence[UUID], consent_id: UUID | None, person_id: UUID, wish: str = "") -> int:
    """Stand in line with an offer for which there is no place this month; it goes out by itself when one comes free.
    Everything is checked as for an offer, so that the turn is not lost when it comes. Answers the position, 1 = next.

    Raises what `offer` raises, but for the place.
    """
    need = _open_need(need_id)
    services = _services(service_ids)
    consent = _consent(consent_id, services[0].provider_id, need.case_id, person_id)
    subject = _subject(need.case_id, person_id)
    _guarded(subject, services[0].provider_id)
    terms.check(queries.here().id, services[0].provider_id, [row.id for row in services], subject.courtyard_id)
    community, position = queries.here().id, 0
    groups = db.session.scalar(select(Person.groups).where(Person.id == person_id)) or []
    for service in services:
        capacity.may_ask(service.id, community, today())
        task, request, _service = _draft(need, service, subject, wish.strip(), "")
        task.consent_id = consent.id
        db.session.flush()
        moves.ask(request, N_("排队等名额,空出来自动派出"), due("hold-longest", need.urgency))
        ahead = waiting.join(task.id, service.id, today(), community, market.wait_priority(need.urgency, groups))
        audit.record("task.wait", "referral_task", task.id, position=ahead)
        position = max(position, ahead)
    matching.point_to_unsent(need.case_id)
    return position


def leave_line(task_id: UUID) -> None:
    """Wait no longer; the draft stays and the clerk's step stands. Doing it twice changes nothing."""
    row = db.session.execute(
        select(ReferralTask.request_id, ReferralTask.case_id).where(ReferralTask.id == task_id)
    ).one_or_none()
    if row is None:
        raise Absent(moves.LATE)
    hold(row.case_id)
    if waiting.leave(task_id):
        request = db.session.get_one(ReferralRequest, (current_tenant().id, row.request_id))
        audit.record("task.wait_end", "referral_task", task_id)
        moves.ask(request, N_("改约下一家"), due("draft-unsent", request.urgency))


def take_turn(task_id: UUID) -> bool:
    """A place is held for a draft that stood in line: send it; False when it cannot go out any more, and the place goes
    to the next. Called by the outbox; twice changes nothing, because a draft is sent once."""
    task = next(iter(moves.lock(ReferralTask.id == task_id)), None)
    if task is None or task.state != "draft" or task.service_id is None or task.person_id is None:
        if task is None or task.state == "draft":
            capacity.release(task_id)
        return False
    request = db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))
    given, service_id, person, wish = task.consent_id, task.service_id, task.person_id, request.wish
    try:
        with db.session.begin_nested():
            (sent,) = offer(request.need_id, [service_id], given, person, wish)
            if sent.id != task_id:
                raise Clash(moves.LATE)
    except Refused as refused:
        capacity.release(task_id)
        audit.record("task.wait_end", "referral_task", task_id, why=refused.message)
        moves.ask(request, N_("排到了但没能派出,请看一看"), due("draft-unsent", request.urgency))
        return False
    return True


def _open_need(need_id: UUID) -> Any:
    """The need, with its case locked; raises Absent, or Refused when the case is closed."""
    need = db.session.execute(
        select(Need.id, Need.case_id, Need.urgency, Need.person_id).where(Need.id == need_id)
    ).one_or_none()
    if need is None:
        raise Absent("没有这项需求。")
    hold(need.case_id)
    if queries.case_of(need.case_id).closed_at is not None:
        raise Refused("这个个案已办结,请先重新启动,再提交转介。", field="service")
    return need


def twin(person_id: UUID, need_id: UUID, service_type: str) -> UUID | None:
    """An open slip of the same person for the same kind of service by another need, in whatever case; None when there
    is none, or when a slip of this need stands already: then it was asked about before."""
    r = ReferralRequest
    mine = select(r.id).where(r.need_id == need_id, r.service_type == service_type, r.state.in_(OPEN_SLIPS))
    if db.session.scalar(mine.limit(1)) is not None:
        return None
    query = select(r.id).where(
        r.person_id == person_id, r.need_id != need_id, r.service_type == service_type,
        r.state.in_(OPEN_SLIPS),
    )  # fmt: skip
    return db.session.scalar(query.order_by(r.made_at).limit(1))


def _services(ids: Sequence[UUID]) -> list[Row[Any]]:
    rows: Sequence[Any] = db.session.execute(
        select(
            ProviderService.id, ProviderService.provider_id, ProviderService.service_type, ProviderService.title,
            ProviderService.price_class, ProviderService.price, ProviderService.delivery_mode, Provider.group,
        ).join(Provider, Provider.id == ProviderService.provider_id).where(ProviderService.id.in_(ids)).order_by(ProviderService.id)
    ).all()  # fmt: skip
    if not rows or len(rows) != len(set(ids)) or len({row.provider_id for row in rows}) != 1:
        raise Refused("请选择一家服务方的服务,至少一项。", field="service")
    if len(restricted.visible(rows)) != len(rows):
        raise Absent("没有这项服务。")
    return [*rows]


def _consent(consent_id: UUID | None, provider_id: UUID, case_id: UUID, person_id: UUID) -> Consent:
    """The consent on which the offers stand, locked against a withdrawal at the same moment."""
    row = None
    if consent_id is not None:
        row = db.session.scalar(select(Consent).where(Consent.id == consent_id).with_for_update())
    if row is None or row.case_id != case_id or row.scope != "share_with_provider" or not live(row):
        raise Refused(NO_CONSENT, field="consent_id")
    if row.provider_id != provider_id:
        raise Refused("这份授权给的是另一家,请为这家服务方另取授权。", field="consent_id")
    if row.person_id != person_id:
        raise Refused("这份授权不是这位家人的,请为这位家人另取授权。", field="consent_id")
    return row


def _guarded(subject: _Subject, provider_id: UUID) -> None:
    """A child is hidden from volunteers who have not been vetted for children."""
    if subject.minor and not may_meet_children(provider_id):
        raise Refused("对方还没有通过儿童服务审查,不能为未满 14 周岁的孩子派单。请另选服务方。", field="service")


def _subject(case_id: UUID, person_id: UUID) -> _Subject:
    case = queries.case_of(case_id)
    row = db.session.execute(
        select(Person.household_id, Courtyard.name, Courtyard.id, Person.birth_date, Person.age_said, Person.age_on)
        .join(Household, Household.id == Person.household_id)
        .join(Courtyard, Courtyard.id == Household.courtyard_id)
        .where(Person.id == person_id)
    ).one_or_none()
    if row is None or row.household_id != case.household_id:
        raise Absent("这户没有这个人。")
    years = age(row.birth_date, row.age_said, row.age_on, today())
    return _Subject(person_id, row.household_id, row.name, years is not None and years < OWN_VOICE, row.id)


def _draft(
    need: Any, service: Row[Any], subject: _Subject, wish: str, kind: str
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
        _beside(request, service.provider_id)
        _hindrance(request)
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


def _beside(request: ReferralRequest, provider_id: UUID) -> None:
    """A slip has one live offer; of a kind offered to several, as many as nobody has accepted, one a receiver."""
    rows = db.session.execute(
        select(ReferralTask.provider_id, ReferralTask.state).where(
            ReferralTask.request_id == request.id, ReferralTask.state.in_(rules.LIVE - {"draft"})
        )
    ).all()
    several = request.kind in rules.PARALLEL and all(row.state == "requested" for row in rows)
    if rows and (not several or provider_id in {row.provider_id for row in rows}):
        raise Clash("这项服务已经派出,正在等答复或正在服务。", field="service")


def _hindrance(request: ReferralRequest) -> None:
    """What the last ending asks for before anybody new is asked (referral-flow 4.6): the secretary after a conflict,
    a visit after nobody could be reached."""
    last = db.session.execute(
        select(ReferralTask.reason_code, ReferralTask.ended_at)
        .where(ReferralTask.request_id == request.id, ReferralTask.ended_at.is_not(None))
        .order_by(ReferralTask.ended_at.desc(), ReferralTask.id.desc())
        .limit(1)
    ).one_or_none()
    consequence = rules.REASONS[last.reason_code].consequence if last and last.reason_code in rules.REASONS else ""
    if consequence == "supervisor" and current_actor().role not in ("secretary", "system"):
        raise Refused("上一家说不安全或有冲突。请社区书记看过后,由书记再派单。", field="service")
    if last is not None and consequence == "visit_first":
        seen = select(CaseEvent.id).where(
            CaseEvent.case_id == request.case_id, CaseEvent.kind == "visited", CaseEvent.at >= last.ended_at
        )
        if db.session.scalar(seen.limit(1)) is None:
            raise Refused("上一家联系不上家里人。请先上门看望并登记,再派单。", field="service")


def _frozen(service: Row[Any]) -> dict[str, Any]:
    """What is offered, as it stands now: a service edited afterwards does not change a running offer."""
    price = None if service.price is None else f"{service.price:f}"
    return {
        "title": service.title, "price_class": service.price_class, "price": price, "delivery_mode": service.delivery_mode,
    }  # fmt: skip


def _send(
    task: ReferralTask, request: ReferralRequest, service: Row[Any], consent: Consent, subject: _Subject
) -> datetime:
    """Everything of an offer but its place; answers by when it is answered."""
    moment = now()
    promise = db.session.scalar(select(ServiceType.content).where(ServiceType.slug == service.service_type)) or {}
    hours = (promise.get("schedule") or {}).get("respond_within_hours")
    until = shortened(due("response", request.urgency, moment), moment, hours)
    if task.slot_id is not None and task.slot_at is not None:
        until = min(until, task.slot_at)
    task.consent_id, task.offered_at, task.terms = consent.id, moment, _frozen(service)
    inbox_put(task.id, service.provider_id, queries.here(), service.id, service.title, subject.area, "requested", until)
    moves.move(task, "requested", "sender", due_at=until)
    moves.move_request(request, "active", "sender")
    no_step(request.id)
    outbox.put("referrals.expire", {"task": str(task.id)}, key=f"expire-{task.id}", after=until)
    facts.send(OfferSent(tenant_id=current_tenant().id, object_id=task.id, counts={"offers_sent": 1}))
    return until


def _announce(task_ids: list[UUID], urgency: str, until: datetime) -> None:
    """Effects of one sending: the message now, a reminder at half time."""
    ids = [str(task_id) for task_id in task_ids]
    unit: Unit = "hours" if urgency == "critical" else "working_days"
    outbox.put("referrals.tell_provider", {"tasks": ids}, key=f"tell-{ids[0]}")
    outbox.put("referrals.remind", {"tasks": ids}, key=f"remind-{ids[0]}", after=half(now(), until, unit))


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
