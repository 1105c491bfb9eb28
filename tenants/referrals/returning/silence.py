"""An offer that nobody answered in time, one by itself; by the set: expiry.py."""

from uuid import UUID

from rongjiu.clock import now
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from tenants.consents import queries as consents
from tenants.referrals import moves, service
from tenants.referrals.matching import service as matching
from tenants.referrals.models import MatchRun, ReferralRequest, ReferralTask

SILENT = "no-response"


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
    moves.move(task, "cancelled", "system", reason=SILENT)
    request = db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))
    run = matching.match(request.need_id, [task.service_type])
    moves.back_to_matching(request, SILENT, any_left=bool(run.candidates))
    next_in_line(task, run)
    return True


def next_in_line(ended: ReferralTask, run: MatchRun) -> None:
    """After silence the slip goes to the next candidate of a match run by itself, as far as the family has consented to one; with nobody such the clerk's step stands."""
    request = db.session.get_one(ReferralRequest, (current_tenant().id, ended.request_id))
    if request.state != "active" or ended.person_id is None or moves.live_tasks(request.id):
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
