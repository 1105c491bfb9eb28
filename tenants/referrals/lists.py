"""Every offer of the community in a list, for the desk: who was asked for what, where it stands, why it ended."""

from typing import Any

from sqlalchemy import Row, func, select

from rongjiu.db import db
from rongjiu.marketplace.models import Provider, ProviderService
from tenants.cases.models import CaseFile
from tenants.referrals import rules
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.queries import offered


def offers(state: str, reason: str, words: str, page: int, size: int) -> tuple[list[Row[Any]], int]:
    """Offers that went out, the newest first, and how many: number (of the case), seq (of the slip), title, provider,
    state, offered_at, due_at, ended_at, reason_code, again; no person. `state` live | one of the states | '' for all;
    `words` part of a case's number or a provider's name."""
    query = (
        select(
            CaseFile.number, ReferralRequest.seq, ReferralRequest.kind, offered("title"), Provider.name.label("provider"),
            ReferralTask.state, ReferralTask.offered_at, ReferralTask.due_at, ReferralTask.ended_at,
            ReferralTask.reason_code, ReferralRequest.again,
        )
        .join(ReferralRequest, ReferralRequest.id == ReferralTask.request_id)
        .join(CaseFile, CaseFile.id == ReferralTask.case_id)
        .join(Provider, Provider.id == ReferralTask.provider_id)
        .outerjoin(ProviderService, ProviderService.id == ReferralTask.service_id)
        .where(ReferralTask.offered_at.is_not(None))
    )  # fmt: skip
    if state == "live":
        query = query.where(ReferralTask.state.in_(rules.LIVE - {"draft"}))
    elif state:
        query = query.where(ReferralTask.state == state)
    if reason:
        query = query.where(ReferralTask.reason_code == reason)
    if words:
        like = CaseFile.number.contains(words, autoescape=True) | Provider.name.contains(words, autoescape=True)
        query = query.where(like)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ordered = query.order_by(ReferralTask.offered_at.desc(), ReferralTask.id)
    return list(db.session.execute(ordered.limit(size).offset((page - 1) * size))), total
