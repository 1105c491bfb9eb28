"""The waiting line for a place: an offer stands in it as a draft and goes out by itself when its turn comes."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.marketplace import capacity, terms, waiting
from rongjiu.marketplace import rules as market
from tenants.cases.service import hold
from tenants.catalogue.service import due
from tenants.referrals import moves, queries, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.offering import asked
from tenants.residents.models import Person


def wait(need_id: UUID, service_ids: Sequence[UUID], consent_id: UUID | None, person_id: UUID, wish: str = "") -> int:
    """Stand in line with an offer for which there is no place this month; it goes out by itself when one comes free.
    Everything is checked as for an offer, so that the turn is not lost when it comes. Answers the position, 1 = next.

    Raises what `offer` raises, but for the place.
    """
    need = asked.open_need(need_id)
    services = asked.services(service_ids)
    consent = asked.consent(consent_id, services[0].provider_id, need.case_id, person_id)
    subject = asked.subject(need.case_id, person_id)
    asked.guarded(subject, services[0].provider_id)
    terms.check(queries.here().id, services[0].provider_id, [row.id for row in services], subject.courtyard_id)
    community, position = queries.here().id, 0
    groups = db.session.scalar(select(Person.groups).where(Person.id == person_id)) or []
    for one in services:
        capacity.may_ask(one.id, community, today())
        task, request, _service = service.draft(need, one, subject, wish.strip(), "")
        task.consent_id = consent.id
        db.session.flush()
        moves.ask(request, N_("排队等名额,空出来自动派出"), due("hold-longest", need.urgency))
        ahead = waiting.join(task.id, one.id, today(), community, market.wait_priority(need.urgency, groups))
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
            (sent,) = service.offer(request.need_id, [service_id], given, person, wish)
            if sent.id != task_id:
                raise Clash(moves.LATE)
    except Refused as refused:
        capacity.release(task_id)
        audit.record("task.wait_end", "referral_task", task_id, why=refused.message)
        moves.ask(request, N_("排到了但没能派出,请看一看"), due("draft-unsent", request.urgency))
        return False
    return True
