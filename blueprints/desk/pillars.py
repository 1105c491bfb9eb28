"""/desk/departments and /desk/help: what stands with the departments (救), what is still to be helped (助)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from blueprints.desk.door import bp
from blueprints.desk.scope import own
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.marketplace.models import Provider, ProviderService
from tenants.cases.models import CaseFile
from tenants.catalogue.models import Department, NeedItem, Policy
from tenants.needs.models import Need
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.queries import offered
from tenants.screening.models import NearMiss

LIVE = ("requested", "accepted", "in-progress", "on-hold")
MOST = 100


@bp.get("/departments")
def departments() -> ResponseReturnValue:
    """The departments with their policies and what waits there."""
    moment = now()
    sent = (
        select(
            ReferralRequest.department_slug.label("slug"),
            func.count().filter(ReferralTask.state == "requested").label("waiting"),
            func.count().filter(ReferralTask.state == "on-hold").label("papers"),
            func.count().filter(ReferralTask.due_at < moment).label("late"),
        )
        .join(ReferralTask, ReferralTask.request_id == ReferralRequest.id)
        .where(ReferralRequest.kind == "department", ReferralTask.state.in_(LIVE))
        .group_by(ReferralRequest.department_slug)
        .subquery()
    )
    policies = select(func.count()).where(Policy.department_slug == Department.slug).correlate(Department)
    rows = db.session.execute(
        select(
            Department.slug, Department.name_zh, Department.name_en, policies.scalar_subquery().label("policies"),
            sent.c.waiting, sent.c.papers, sent.c.late,
        )
        .outerjoin(sent, sent.c.slug == Department.slug)
        .order_by(Department.seq)
    )  # fmt: skip
    return render_template("desk/departments.html", rows=list(rows))


@bp.get("/help", endpoint="help")
def helping() -> ResponseReturnValue:
    """Offers that wait for an answer, needs that nobody helps with yet, households just outside a line."""
    mine, moment = own(), now()
    near = db.session.scalar(select(func.count()).select_from(NearMiss).where(NearMiss.looked_at.is_(None)))
    return render_template(
        "desk/help.html", offers=_offers(mine), gaps=_gaps(mine), near=near or 0, now=moment, most=MOST
    )


def _offers(mine: UUID | None) -> Sequence[Any]:
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
        .limit(MOST)
    )  # fmt: skip
    return db.session.execute(_only(query, mine)).all()


def _gaps(mine: UUID | None) -> Sequence[Any]:
    """Needs of open cases without a result and without a live slip."""
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
        .limit(MOST)
    )
    return db.session.execute(_only(query, mine)).all()


def _only(query: Any, mine: UUID | None) -> Any:
    return query if mine is None else query.where(CaseFile.worker_id == mine)
