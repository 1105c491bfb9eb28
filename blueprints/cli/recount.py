"""Each indicator counted anew from the rows behind it, in the community in force."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select

from rongjiu.db import db
from tenants.acceptance.models import DeskFile
from tenants.accompaniment.models import Visit
from tenants.cases.models import CaseFile
from tenants.needs.models import Need
from tenants.outcomes.models import AuditCheck, SavingLine
from tenants.referrals.confirming import UNREACHED
from tenants.referrals.models import ReferralRequest, ReferralTask, TaskEvent
from tenants.residents.models import Household, Person
from tenants.screening.models import NearMiss, Screening
from tenants.signals.models import Signal
from tenants.surveys.models import SurveyAnswer
from tenants.sweeps.models import Entitled


def _rows(*where: Any) -> Select[int]:
    return select(func.count()).where(*where)


_MEANT = (ReferralTask.state != "entered-in-error") & ReferralTask.case_id.is_not(None)
"""An offer entered in error is kept, out of the figures; what was claimed from the wall of wishes is no offer."""


def _receivers(*where: Any) -> Select[int]:
    """Steps of receivers of offers, as the append-only events tell them."""
    query = select(func.count()).select_from(TaskEvent).join(ReferralTask, ReferralTask.id == TaskEvent.task_id)
    return query.where(TaskEvent.actor == "receiver", *where)


def _answers(target: str) -> Select[int]:
    return _receivers(TaskEvent.state_from == "requested", TaskEvent.state_to == target, _MEANT)


def _met() -> Select[int]:
    """Families met for the first time whose case began with a signal."""
    first = (Visit.kind == "first") & (Visit.state == "done")
    query = select(func.count(CaseFile.id.distinct())).join(Visit, Visit.case_id == CaseFile.id)
    return query.where(first, CaseFile.signal_id.is_not(None))


def _applied() -> Select[int]:
    """Applications: people found by a sweep who applied, and entitled policies that were sent to the street's desk."""
    swept = select(func.count()).where(Entitled.applied_on.is_not(None)).scalar_subquery()
    sent = (
        select(func.count())
        .select_from(DeskFile)
        .join(ReferralTask, ReferralTask.id == DeskFile.id)
        .where(DeskFile.entitled, ReferralTask.state != "cancelled")
        .scalar_subquery()
    )
    return select(swept + sent)


COUNTS: dict[str, Callable[[], Select[int]]] = {
    "signals_received": lambda: select(func.count()).select_from(Signal),
    "signals_met": _met,
    "cases_opened": lambda: select(func.count()).select_from(CaseFile),
    "cases_closed": lambda: _rows(CaseFile.closed_at.is_not(None)),
    "visits_done": lambda: _rows(Visit.state == "done"),
    "screenings_confirmed": lambda: _rows(Screening.confirmed_at.is_not(None)),
    "near_miss_open": lambda: _rows(NearMiss.looked_at.is_(None)),
    "offers_sent": lambda: _rows(ReferralTask.offered_at.is_not(None), _MEANT),
    "offers_answered": lambda: _rows(ReferralTask.answered_at.is_not(None), _MEANT),
    "offers_accepted": lambda: _answers("accepted"),
    "offers_declined": lambda: _answers("rejected"),
    "claimed_done": lambda: _receivers(TaskEvent.state_to == "completed", ReferralTask.case_id.is_not(None)),
    "confirmed_done": lambda: _rows(
        ReferralRequest.state == "completed",
        ReferralRequest.reason_code != UNREACHED,
        ReferralRequest.kind.not_in(("department", "wish")),
    ),
    "needs_solved": lambda: _rows(Need.result == "solved"),
    "gaps_open": lambda: _rows(ReferralRequest.state == "on-hold"),
    "entitled_applied": lambda: _applied(),
    "households": lambda: select(func.count()).select_from(Household),
    "persons": lambda: select(func.count()).select_from(Person),
    "audits_done": lambda: _rows(AuditCheck.state != "open"),
    "audits_agreed": lambda: _rows(AuditCheck.state == "agrees"),
    "survey_answers": lambda: select(func.count()).select_from(SurveyAnswer),
}


def recount() -> dict[str, int]:
    """All indicators that have rows to be counted from, by name."""
    counted = db.session.execute(select(*(query().scalar_subquery().label(name) for name, query in COUNTS.items())))
    found = {name: int(value or 0) for name, value in counted.one()._mapping.items()}
    return {**found, "entitled_found": _entitled(), "saving_month": _savings()}


def _entitled() -> int:
    """Policies that the last confirmed screening of each case found open, and people whom a sweep found entitled."""
    rows = db.session.execute(
        select(Screening.case_id, Screening.counts)
        .where(Screening.confirmed_at.is_not(None))
        .order_by(Screening.case_id, Screening.seq)
    )
    by_sweep = int(db.session.scalar(_rows(Entitled.found_on.is_not(None))) or 0)
    return by_sweep + sum(
        int(counts.get("eligible", 0)) for counts in {row.case_id: row.counts for row in rows}.values()
    )


def _savings() -> int:
    """Whole yuan a month, case by case, as they were added up."""
    rows = db.session.execute(select(func.sum(SavingLine.amount_month)).group_by(SavingLine.case_id)).scalars()
    return sum(int(Decimal(total)) for total in rows)
