"""Is anything live without somebody who acts next by a time, or does a step point at what is over? Counted from the
rows of every room, in the community in force."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from rongjiu.db import db
from rongjiu.oversight.models import Step
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.casework.models import Closing, Plan, ReferralCheck, Transfer
from tenants.complaints.models import Complaint
from tenants.disputes.models import DisputeFile
from tenants.express.models import Emergency
from tenants.outcomes.models import AuditCheck, FollowUp
from tenants.outreach.models import GapTarget, Prospect
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.reviews.models import ChangeRequest, LedgerRequest
from tenants.signals.models import Signal
from tenants.sweeps.models import Sweep
from tenants.wishes.models import Wish
from tenants.wishes.rules import ENDED as ENDED_WISHES

_LIVE_SLIPS = ("draft", "active", "on-hold", "awaiting_confirmation")
_LATER = aliased(Plan)
_NEWER = select(_LATER.id).where(_LATER.case_id == Plan.case_id, _LATER.id > Plan.id)


def _open(model: Any, *where: Any) -> Callable[[], Select[Any]]:
    return lambda: select(model.id).where(*where)


OPEN: dict[str, Callable[[], Select[Any]]] = {
    "signal": _open(Signal, Signal.state != "answered"),
    "visit": _open(Visit, Visit.state == "planned", Visit.task_id.is_(None)),
    "plan": lambda: (
        select(Plan.id)
        .join(CaseFile, CaseFile.id == Plan.case_id)
        .where(CaseFile.closed_at.is_(None), ~_NEWER.exists())
    ),
    "closing": _open(Closing, Closing.state == "proposed"),
    "transfer": _open(Transfer, Transfer.state == "in_progress"),
    "referral_check": _open(ReferralCheck, ReferralCheck.done_at.is_(None)),
    "referral_request": _open(ReferralRequest, ReferralRequest.state.in_(_LIVE_SLIPS)),
    "follow_up": _open(FollowUp, FollowUp.done_at.is_(None)),
    "audit_check": _open(AuditCheck, AuditCheck.state == "open"),
    "change_request": _open(ChangeRequest, ChangeRequest.state == "open"),
    "ledger_request": _open(LedgerRequest, LedgerRequest.state == "open"),
    "complaint": _open(Complaint, Complaint.state != "answered"),
    "emergency": _open(Emergency, Emergency.state == "open"),
    "dispute": _open(DisputeFile, DisputeFile.state == "open"),
    "prospect": _open(Prospect, Prospect.state.in_(("interested", "explained", "agreed"))),
    "gap_target": _open(GapTarget, GapTarget.closed_on.is_(None)),
    "sweep": _open(Sweep, Sweep.state == "running"),
    "wish": _open(Wish, Wish.state.not_in(sorted(ENDED_WISHES))),
}
"""What is live, by kind: each of these has one next actor and one due time, a slip on itself or on its offers. A visit
of a job is its task's; the newest plan of an open case is approved, corrected or reviewed; a prospect is live once
somebody spoke to it."""


def unheld() -> dict[str, list[UUID]]:
    """Live objects without a next step, by kind; an open case needs one on itself or on anything of it."""
    found = {kind: _ids(live().where(_without_step(kind, live()))) for kind, live in OPEN.items()}
    idle = select(CaseFile.id).where(CaseFile.closed_at.is_(None), ~exists().where(Step.case_id == CaseFile.id))
    return {kind: ids for kind, ids in {**found, "case": _ids(idle)}.items() if ids}


def left_over() -> dict[str, list[UUID]]:
    """Steps of objects that are over, by kind; an offer's step is over with its slip: a refusal of a department is
    still talked over with the family."""
    offers = select(ReferralTask.id).where(ReferralTask.request_id.in_(OPEN["referral_request"]()))
    live = {**{kind: query() for kind, query in OPEN.items()}, "referral_task": offers}
    found = {
        kind: _ids(select(Step.id).where(Step.object_kind == kind, Step.id.not_in(query)))
        for kind, query in live.items()
    }
    return {kind: ids for kind, ids in found.items() if ids}


def _without_step(kind: str, live: Select[Any]) -> Any:
    bare = live.selected_columns[0].not_in(select(Step.id))
    if kind == "referral_request":
        held = select(ReferralTask.request_id).join(Step, Step.id == ReferralTask.id)
        return bare & ReferralRequest.id.not_in(held)
    return bare


def _ids(query: Select[Any]) -> list[UUID]:
    return list(db.session.scalars(query))
