"""Effects of a founding outside its transaction: telling the founder, late answers, drafts that run out."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db, tenant_scope
from rongjiu.identity.models import Account
from rongjiu.notify.service import tell
from rongjiu.oversight.service import no_step
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Community, FoundingDraft, Membership
from tenants.founding import queries

APPROVED = N_("您的建站申请已通过，请登录查看。")
RETURNED = N_("您的建站申请需要补充，请登录查看原因。")
LATE = N_("您的建站申请还没有得到答复，已提醒审批方和平台。")
ENDING = N_("您的建站草稿 3 天后到期，登录后接着做即可保留。")
WAITING = N_("有一份建站申请已过答复时限，请登录处理。")


def _founder(draft_id: UUID) -> str | None:
    found = select(Account).join(FoundingDraft, FoundingDraft.account_id == Account.id)
    account = db.session.scalar(found.where(FoundingDraft.id == draft_id))
    return (account.phone or account.email) if account else None


@outbox.effect("founding.answered")
def answered(payload: dict[str, Any]) -> None:
    """Close the waiting step in the community's own room and tell the founder."""
    community = db.session.get_one(Community, UUID(payload["community"]))
    number, asked = community.id, community.submitted_at
    state, tenant = community.state, queries.tenant_of(community)
    if state != "submitted":
        with tenant_scope(tenant):
            no_step(number)
    address = _founder(UUID(payload["draft"]))
    if address:
        text = APPROVED if payload["live"] else RETURNED
        tell(address, text, purpose="founding", key=f"answered-{number}-{asked}")


@outbox.effect("founding.late")
def late(payload: dict[str, Any]) -> None:
    """When the answer is overdue: the operators are asked to look, the founder is told."""
    community = db.session.get_one(Community, UUID(payload["community"]))
    if community.state != "submitted":
        return
    operators = select(Account).join(Membership, Membership.account_id == Account.id)
    standing = operators.where(Membership.scope_kind == "platform", Membership.ends_at.is_(None))
    mark = f"{community.id}-{community.submitted_at}"
    for account in db.session.scalars(standing):
        if address := account.phone or account.email:
            tell(address, WAITING, purpose="founding", key=f"late-{mark}-{account.id}")
    if address := _founder(UUID(payload["draft"])):
        tell(address, LATE, purpose="founding", key=f"late-{mark}")


@outbox.effect("founding.keep")
def keep(payload: dict[str, Any]) -> None:
    """Three days before a draft ends: one reminder; when it has ended: gone; when it was worked on: look again later."""
    row = db.session.get(FoundingDraft, UUID(payload["draft"]))
    if row is None or row.closed_at or row.community_id:
        return
    words = {"draft": str(row.id)}
    if row.expires_at <= now():
        founding.forget(row.id)
        return
    reminder = row.expires_at - founding.REMIND_BEFORE
    if now() < reminder:
        outbox.put("founding.keep", words, after=reminder)
        return
    if address := _founder(row.id):
        tell(address, ENDING, purpose="founding", key=f"keep-{row.id}-{row.expires_at}")
    outbox.put("founding.keep", words, after=row.expires_at)
