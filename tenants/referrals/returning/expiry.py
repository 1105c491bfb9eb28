"""Offers that nobody answered in time, many at once: the same as `silence.expire` for each, by the set."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import or_, select, text

from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.oversight.service import next_steps
from rongjiu.prepared import Prepared
from tenants.cases.models import CaseFile
from tenants.catalogue.service import due, setting
from tenants.referrals import moves, queries
from tenants.referrals.matching import service as matching
from tenants.referrals.models import MatchRun, ReferralRequest, ReferralTask
from tenants.referrals.returning import cancelling, silence
from tenants.referrals.returning.silence import SILENT


def expire(task_ids: Collection[UUID]) -> int:
    """Called by the timers of one community: offers without an answer in time give their places back and return to
    matching. Answers how many; those answered or ended before are left alone."""
    tasks = _waiting(task_ids)
    if not tasks:
        return 0
    cancelling.cancel_all(tasks, SILENT)
    requests = {row.id: row for row in db.session.scalars(select(ReferralRequest).where(_of(tasks)))}
    runs = matching.match_each([(requests[task.request_id].need_id, [task.service_type]) for task in tasks])
    # Of several offers of one slip the last that ended says how it goes on, as it would one after the other.
    last = {task.request_id: (task, run) for task, run in zip(tasks, runs, strict=True)}
    _back_to_matching(requests, last)
    agreed = _agreed([task.case_id for task, _run in last.values()])
    for task, run in last.values():
        if any((task.case_id, task.person_id, row["provider_id"]) in agreed for row in run.candidates):
            silence.next_in_line(task, run)
    return len(tasks)


def _waiting(task_ids: Collection[UUID]) -> Sequence[ReferralTask]:
    """Their cases are locked first, in the order in which everybody locks them."""
    mine = select(ReferralTask.case_id).where(ReferralTask.id.in_(task_ids))
    cases = select(CaseFile.id).where(CaseFile.id.in_(mine)).order_by(CaseFile.id).with_for_update(key_share=True)
    db.session.execute(cases).all()
    query = (
        select(ReferralTask)
        .where(
            ReferralTask.id.in_(task_ids), ReferralTask.state == "requested", ReferralTask.proposed_at.is_(None),
            or_(ReferralTask.due_at.is_(None), ReferralTask.due_at <= now()),
        )
        .order_by(ReferralTask.id)
        .with_for_update()
    )  # fmt: skip
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _of(tasks: Collection[ReferralTask]):  # type: ignore[no-untyped-def]  # a boolean SQL expression
    return ReferralRequest.id.in_({task.request_id for task in tasks})


def _back_to_matching(requests: dict[UUID, ReferralRequest], last: dict[UUID, tuple[ReferralTask, MatchRun]]) -> None:
    """`moves.back_to_matching` after silence: most slips ask the clerk for the next one; the rest go the long way."""
    offers, many = moves.offers_of(requests), int(setting("declines-to-gap"))
    cases, steps = queries.cases_of({row.case_id for row in requests.values()}), []
    for request_id, (_task, run) in last.items():
        request, (live, ended) = requests[request_id], offers[request_id]
        if not run.candidates or ended >= many:
            moves.back_to_matching(request, SILENT, any_left=bool(run.candidates))
        elif not live and request.state != "awaiting_confirmation":
            steps.append(
                {
                    "id": request.id, "object_kind": "referral_request", "number": cases[request.case_id].number,
                    "case_id": request.case_id, "actor_role": "assistance_clerk",
                    "actor": cases[request.case_id].worker_post or N_("救助专干"), "verb": N_("改约下一家"),
                    "due_at": due("draft-unsent", request.urgency), "urgency": request.urgency,
                }
            )  # fmt: skip
    next_steps(steps)


def _agreed(case_ids: Collection[UUID]) -> set[tuple[UUID, UUID, str]]:
    """Case, person and provider of the consents to share with one that stand now."""
    rows = _AGREED.rows(cases=list(case_ids), moment=now())
    return {(row.case_id, row.person_id, str(row.provider_id)) for row in rows}


_AGREED = Prepared(
    text(
        "SELECT case_id, person_id, provider_id FROM consent WHERE tenant_id = :tenant AND case_id = ANY(:cases) "
        "AND scope = 'share_with_provider' AND withdrawn_at IS NULL AND (ends_at IS NULL OR ends_at > :moment)"
    )
)
