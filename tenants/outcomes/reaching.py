"""Nobody answers when it is asked how the help went: each call is noted, after so many (timer call-back-tries) somebody
goes to the door, and when nobody is met there either the result is unknown, by the worker. Silence is never a yes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.facts import Fact
from rongjiu.oversight.models import Step
from tenants.accompaniment import rounds
from tenants.accompaniment.facts import OfVisit, VisitDone
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit, plan_visit
from tenants.cases.models import CaseEvent
from tenants.cases.service import event, hold
from tenants.catalogue.service import due, setting
from tenants.outcomes import results, rules
from tenants.referrals import moves
from tenants.referrals.confirming import CALLER, UNREACHED
from tenants.referrals.models import Confirmation, ReferralRequest
from tenants.referrals.queries import case_of
from tenants.residents.queries import grid_worker

TRIED, GOES = "family_not_reached", "family_sought"
APART = timedelta(minutes=30)
"""Two calls closer than this are one try (product default)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far it has come with a family that is to be asked how the help went."""

    tries: tuple[datetime, ...]
    """When somebody rang in vain, the first first."""
    wanted: int
    """So many calls before somebody goes to the door (timer call-back-tries)."""
    visit: UUID | None = None
    """The visit that is made because nobody answered."""
    visit_at: datetime | None = None
    visit_state: str = ""


def standing(case_id: UUID) -> Standing | None:
    """Of the slip of a case that is furthest; None while nobody is to ring this family."""
    found = _standings(case_id, _on_call(case_id)).values()
    return max(found, key=lambda each: (each.visit is not None, len(each.tries)), default=None)


def note_call(case_id: UUID) -> bool:
    """Somebody rang and nobody answered; with the last try a home visit is planned, until then somebody rings again
    (wait call-back). False, with nothing written, when a try was noted within the last half hour.

    Raises Refused (409) when nobody is to ring this family, or when somebody goes to the door already.
    """
    hold(case_id)
    rows = _on_call(case_id)
    known = _standings(case_id, rows)
    ringing = [row for row in rows if known[row.id].visit is None]
    if not ringing:
        raise Refused("现在没有要打电话问的事。请刷新页面看下一步。", status=409)
    if any(now() - known[row.id].tries[-1] < APART for row in ringing if known[row.id].tries):
        return False
    event(case_id, TRIED, requests=[str(row.id) for row in ringing])
    gone = [row for row in ringing if len(known[row.id].tries) + 1 >= known[row.id].wanted]
    for row in ringing:
        audit.record("request.not_reached", "referral_request", row.id, tries=len(known[row.id].tries) + 1)
        if row not in gone:
            moves.ask(row, N_("电话回访"), due("call-back", row.urgency), CALLER)
    if gone:
        _go(case_id, gone)
    return True


def _go(case_id: UUID, rows: Sequence[ReferralRequest]) -> None:
    """Plan the visit that asks at the door, by the grid worker of the family's courtyard."""
    case = case_of(case_id)
    worker = grid_worker(case.courtyard_id) if case.courtyard_id else None
    moment = due("call-back", case.urgency)
    visit = plan_visit(case_id, "worker", moment, worker_id=worker.account_id if worker else None)
    verb = N_("上门问问帮得怎么样")
    post = worker.post if worker else N_("网格员")
    rounds.point(visit, case.number, "grid_worker", post, verb, case.urgency)
    event(case_id, GOES, visit_id=str(visit.id), requests=[str(row.id) for row in rows])
    for row in rows:
        moves.ask(row, verb, moves.end_of(moment), CALLER)


def at_door(fact: Fact) -> None:
    """The visit that asks was made: what the family said is still to be written down. When it met nobody, or was refused,
    the result is unknown."""
    if not isinstance(fact, OfVisit) or fact.kind != "worker":
        return
    asked = db.session.scalar(
        select(CaseEvent.detail).where(
            CaseEvent.case_id == fact.case_id, CaseEvent.kind == GOES,
            CaseEvent.detail["visit_id"].astext == str(fact.object_id),
        )
    )  # fmt: skip
    if asked is None:
        return
    rows = [row for row in _on_call(fact.case_id) if str(row.id) in asked["requests"]]
    if not isinstance(fact, VisitDone):
        _unknown(fact.case_id, rows)
        return
    for row in rows:
        moves.ask(row, N_("记下家属的答复"), due("call-back", row.urgency), CALLER)


def nobody_met(case_id: UUID) -> None:
    """The worker's word: nobody was met at the door either, or nobody there could say. The visit, where it still stands,
    met nobody. Raises Refused (409) before the calls have been made."""
    hold(case_id)
    rows = _on_call(case_id)
    known = _standings(case_id, rows)
    sought = [row for row in rows if known[row.id].visit]
    if not sought:
        raise Refused("先打完规定次数的电话,再上门;都没有见到人,才记“说不清楚”。", status=409)
    for visit in sorted({known[row.id].visit for row in sought if known[row.id].visit_state == "planned"}, key=str):
        if visit is not None:
            finish_visit(visit, "missed")
    waits = {row.id for row in _on_call(case_id)}
    _unknown(case_id, [row for row in sought if row.id in waits])


def _unknown(case_id: UUID, rows: Sequence[ReferralRequest]) -> None:
    """The slips end, closed and not solved: the result of each need is unknown, by the worker."""
    if not rows:
        return
    for row in rows:
        moves.move_request(row, "completed", "sender", reason=UNREACHED)
    said = {row.need_id: rules.Said("unknown") for row in rows if row.need_id}
    results.say(case_id, said, by="worker", source="visit")
    event(case_id, UNREACHED, requests=[str(row.id) for row in rows])


def _on_call(case_id: UUID) -> list[ReferralRequest]:
    """Slips about which the family was asked and has not spoken in time, so that somebody of the community asks."""
    query = (
        select(ReferralRequest)
        .join(Step, Step.id == ReferralRequest.id)
        .where(
            ReferralRequest.case_id == case_id, ReferralRequest.state == "awaiting_confirmation",
            ReferralRequest.kind.in_(("provider", "volunteer")), Step.actor_role == CALLER,
        )
        .order_by(ReferralRequest.id)
    )  # fmt: skip
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _standings(case_id: UUID, rows: Collection[ReferralRequest]) -> dict[UUID, Standing]:
    """Of each slip, since the family last spoke of its need: after "not solved" it is asked anew."""
    if not rows:
        return {}
    said = select(Confirmation.need_id, func.max(Confirmation.at).label("at")).where(Confirmation.case_id == case_id)
    spoke = {row.need_id: row.at for row in db.session.execute(said.group_by(Confirmation.need_id))}
    marks = db.session.execute(
        select(CaseEvent.kind, CaseEvent.at, CaseEvent.detail)
        .where(CaseEvent.case_id == case_id, CaseEvent.kind.in_((TRIED, GOES)))
        .order_by(CaseEvent.at, CaseEvent.id)
    ).all()
    wanted, found = int(setting("call-back-tries")), {}
    for row in rows:
        since = spoke.get(row.need_id) if row.need_id else None
        mine = [each for each in marks if str(row.id) in each.detail["requests"] and (not since or each.at > since)]
        sought = [UUID(each.detail["visit_id"]) for each in mine if each.kind == GOES]
        visit = db.session.get(Visit, (row.tenant_id, sought[-1])) if sought else None
        found[row.id] = Standing(
            tuple(each.at for each in mine if each.kind == TRIED), wanted,
            *((visit.id, visit.planned_at, visit.state) if visit else ()),
        )  # fmt: skip
    return found
