"""What still waits over all cases: offers without an answer, needs that nobody helps with, policies that are open to a
family and for which nobody has asked."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from rongjiu.db import db
from rongjiu.marketplace.models import Provider, ProviderService
from tenants.cases.models import CaseFile
from tenants.catalogue.models import NeedItem
from tenants.needs.models import Need
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.queries import offered
from tenants.screening.models import Determination, Screening


def unanswered(mine: UUID | None, most: int) -> Sequence[Any]:
    """Offers that wait for an answer, in all cases or those of one worker, the nearest due first: number (of the case),
    seq (of the need), provider, title, due_at."""
    query = (
        select(
            CaseFile.number, Need.seq, Provider.name.label("provider"), offered("title"), ReferralTask.due_at,
        )
        .select_from(ReferralTask)
        .join(ReferralRequest, ReferralRequest.id == ReferralTask.request_id)
        .join(Need, Need.id == ReferralRequest.need_id)
        .join(CaseFile, CaseFile.id == ReferralTask.case_id)
        .join(Provider, Provider.id == ReferralTask.provider_id)
        .outerjoin(ProviderService, ProviderService.id == ReferralTask.service_id)
        .where(ReferralTask.state == "requested")
        .order_by(ReferralTask.due_at)
        .limit(most)
    )  # fmt: skip
    return db.session.execute(_only(query, mine)).all()


def unhelped(mine: UUID | None, most: int) -> Sequence[Any]:
    """Needs of open cases without a result and without a live slip, the hardest case first: number, seq, urgency, name_zh,
    name_en, opened_at."""
    helped = (
        select(ReferralRequest.id)
        .where(
            ReferralRequest.need_id == Need.id,
            ReferralRequest.state.in_(("active", "awaiting_confirmation", "completed")),
        )
        .exists()
    )
    query = (
        select(CaseFile.number, Need.seq, Need.urgency, NeedItem.name_zh, NeedItem.name_en, CaseFile.opened_at)
        .select_from(Need)
        .join(CaseFile, CaseFile.id == Need.case_id)
        .outerjoin(NeedItem, NeedItem.slug == Need.item_slug)
        .where(Need.result == "", CaseFile.closed_at.is_(None), ~helped)
        .order_by(CaseFile.weight.desc(), CaseFile.number, Need.seq)
        .limit(most)
    )
    return db.session.execute(_only(query, mine)).all()


def _only(query: Any, mine: UUID | None) -> Any:
    return query if mine is None else query.where(CaseFile.worker_id == mine)


def entitled_not_applied() -> Any:
    """How many policies the last confirmed screenings found open for which no request went to a department, as a column
    of one statement."""
    last = (
        select(Screening.case_id, func.max(Screening.seq).label("seq"))
        .where(Screening.confirmed_at.is_not(None))
        .group_by(Screening.case_id)
        .subquery()
    )
    asked = (
        select(ReferralRequest.id)
        .where(
            ReferralRequest.case_id == Screening.case_id,
            ReferralRequest.policy_slug == Determination.policy_slug,
            ReferralRequest.kind == "department",
            ReferralRequest.state.not_in(("draft", "entered-in-error")),
        )
        .exists()
    )
    found = (
        select(Screening.case_id, Determination.policy_slug)
        .join(last, (last.c.case_id == Screening.case_id) & (last.c.seq == Screening.seq))
        .join(Determination, Determination.screening_id == Screening.id)
        .where(Determination.verdict == "eligible", ~asked)
        .distinct()
        .subquery()
    )
    return select(func.count()).select_from(found).scalar_subquery()
