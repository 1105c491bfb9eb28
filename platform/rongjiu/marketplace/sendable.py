"""May anything be sent to a provider at all: is it active, insured, its papers valid, and let in by the community?"""

from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.marketplace import rules
from rongjiu.marketplace.admissions import rules as admissions
from rongjiu.marketplace.models import (
    Admission,
    Provider,
    ProviderPaper,
    ProviderService,
)
from rongjiu.marketplace.words import N_

NOT_ADMITTED = N_("本社区还没有准入这家服务方。请书记先准入,或改约别家。")
ADMISSION_OVER = N_("本社区对这家的准入已到期。请书记续期,或改约别家。")


def papers_ended() -> ColumnElement[bool]:
    """Expression over providers: a paper has ended and no valid one of its kind, looked at by a person, has come in
    its place."""
    old, new = aliased(ProviderPaper), aliased(ProviderPaper)
    renewed = exists().where(
        new.provider_id == old.provider_id, new.kind == old.kind, new.state == "accepted",
        new.ends_on.is_(None) | (new.ends_on >= today()),
    )  # fmt: skip
    ended = exists().where(
        old.provider_id == Provider.id, old.state == "accepted", old.ends_on < today(), ~renewed
    )  # fmt: skip
    return ended.correlate(Provider)


def uninsured() -> ColumnElement[bool]:
    """Expression over providers: volunteers whom nobody may send to a home now."""
    insured = func.coalesce(Provider.insured_until >= today(), False)
    return (Provider.group == "volunteer_team") & ~insured


def admitted(service_id: UUID, community_id: UUID) -> int | None:
    """The community's monthly limit for this provider (None = none); locks the admission so that the limit holds."""
    row = db.session.execute(
        select(
            Provider.state,
            ProviderService.state.label("offered"),
            papers_ended().label("ended"),
            Provider.paused_at,
            Provider.paused_until,
            uninsured().label("uninsured"),
            ProviderService.delivery_mode,
        )
        .join(ProviderService, ProviderService.provider_id == Provider.id)
        .where(ProviderService.id == service_id)
    ).one_or_none()
    if row is None or row.state != "active" or row.offered != "active":
        raise Refused("这家服务方现在不接单。请改约别家。")
    if row.ended:
        raise Refused("这家服务方的证照已到期,换证审核后才能再派单。请改约别家。")
    if rules.paused(row.paused_at, row.paused_until, today()):
        raise Refused("这家服务方暂停接新单。请改约别家。")
    if row.uninsured and row.delivery_mode == "at_home":
        raise Refused("这支志愿服务队的保险没有登记或已到期,不能派人上门。请改约别家,或请它先更新保险。")
    admission = db.session.execute(
        select(Admission.state, Admission.ends_on, Admission.monthly_limit)
        .join(ProviderService, ProviderService.provider_id == Admission.provider_id)
        .where(ProviderService.id == service_id, Admission.community_id == community_id)
        .with_for_update(of=Admission)
    ).one_or_none()
    if admission is None or not admissions.in_force(admission.state, admission.ends_on, today()):
        over = admission and admissions.standing(admission.state, admission.ends_on, today()) == "expired"
        raise Refused(ADMISSION_OVER if over else NOT_ADMITTED)
    limit: int | None = admission.monthly_limit
    return limit
