"""Telling a provider that its standing changed: one short text, no name in it."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox, tidying
from rongjiu.codes import N_
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.facts import send
from rongjiu.identity.models import Account
from rongjiu.marketplace import keeping, turns, waiting
from rongjiu.marketplace.facts import TurnCame
from rongjiu.marketplace.kinds import reminders
from rongjiu.marketplace.models import Provider
from rongjiu.notify.service import tell
from rongjiu.tenancy.models import Community, Membership

TEXTS = {
    "approved": N_("您的服务方登记已通过审核。请登录查看下一步。"),
    "paper_accepted": N_("您新交的证照已通过核对。"),
    "paper_refused": N_("您新交的证照没有通过核对,原因请登录查看,再上传一份。"),
    "denied": N_("您的服务方登记没有通过审核,原因请登录查看。"),
    "asked": N_("您的服务方登记需要补充材料,请登录查看并再次提交。"),
    "suspended": N_("您的服务方已被暂停接单,原因请登录查看。"),
    "full": N_("您说没有名额了,先不再派新单。有名额时请登录,在“服务”里按一下“又有名额了”。"),
    "expired": N_("您的证照已到期,暂不派新单。请登录上传换过的新证,再提交审核。"),
    "paper_soon": N_("您有证照快到期了。请登录看日期,换好后上传新证。"),
    "insurance_soon": N_("志愿服务队的保险快到期了。请登录更新,到期后不能派人上门。"),
    "confirm": N_("请登录核对您的服务信息,没有变化点一下就好。"),
    "licence_soon": N_("有执业人员的执业证快到期了。请登录“执业人员”看是哪位,换证后更新日期;到期后不能派去。"),
    "licence_over": N_("有执业人员的执业证已到期,不能再派去。请登录“执业人员”更新。"),
    "drill_due": N_("该做安全演练了。练完请登录“值班和演练”记下,急难的派单会先找您。"),
    "resumed": N_("您的服务方已恢复接单。"),
    "admitted": N_("有社区已准入您的服务,可以收到派单了。请登录查看。"),
    "admission_day": N_("有社区同意准入您的服务,从约定的日子开始派单。请登录查看。"),
    "admission_terms": N_("有社区改了准入您的条件。请登录查看。"),
    "admission_denied": N_("有社区没有同意准入,原因请登录查看,可以再申请。"),
    "admission_late": N_("有社区还没有答复您的准入请求,已提醒书记。"),
    "admission_soon": N_("有社区对您的准入快到期了。想继续请联系社区续期。"),
    "admission_expired": N_("有社区对您的准入已到期,不再派新单,已接的请做完。想继续请登录再申请。"),
    "stopped": N_("有社区已停止向您派单,原因请登录查看。"),
}


@outbox.effect("provider_told")
def provider_told(payload: dict[str, Any]) -> None:
    """Send the text of one change to the provider's telephone on record."""
    phone = db.session.scalar(select(Provider.phone).where(Provider.id == UUID(payload["provider_id"])))
    if phone:
        tell(phone, TEXTS[payload["what"]], purpose="provider", key=f"provider-{payload['key']}")


CLAIMS = {
    "granted": N_("您认领的服务方已经核实通过。请登录,它就在您的岗位里。"),
    "refused": N_("您认领的服务方没有通过核实,原因请登录查看。"),
}
ENDING = N_("本街道有服务方的证照快到期了。请登录“服务方审核”看是哪几家。")


@outbox.effect("claim_told")
def claim_told(payload: dict[str, Any]) -> None:
    """Tell whoever said that a listing is theirs what became of it."""
    phone = db.session.scalar(select(Account.phone).where(Account.id == UUID(payload["account_id"])))
    if phone:
        tell(phone, CLAIMS[payload["what"]], purpose="provider", key=payload["key"])


@outbox.effect("vetting_told")
def vetting_told(payload: dict[str, Any]) -> None:
    """Remind those who vet for a street that papers end; which ones stands on their page."""
    clerks = db.session.execute(
        select(Account.id, Account.phone)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.scope_kind == "street", Membership.scope_id == UUID(payload["street_id"]),
            Membership.role == "street_vetting", Membership.ends_at.is_(None),
        )
    )  # fmt: skip
    for clerk in clerks:
        if clerk.phone:
            tell(clerk.phone, ENDING, purpose="vetting", key=f"{payload['key']}-{clerk.id}")


@outbox.effect("marketplace.places_free")
def places_free(payload: dict[str, Any]) -> None:
    """A place may have come free: the first in line has it, and its community sends the offer."""
    for task_id, community_id in turns.serve(UUID(payload["service"]), date.fromisoformat(payload["period"])):
        _tell_turn(task_id, community_id)


def _tell_turn(task_id: UUID, community_id: UUID) -> None:
    row = db.session.execute(select(Community.tenant_id, Community.id).where(Community.id == community_id)).one()
    with tenant_scope(Tenant(row.tenant_id, row.id)):
        send(TurnCame(tenant_id=row.tenant_id, object_id=task_id))


def nightly() -> None:
    """What the night does for listings and lines."""
    keeping.nightly()
    reminders.nightly()
    waiting.new_month()


tidying.nightly_task("marketplace", nightly)
