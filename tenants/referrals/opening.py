"""Links by which a provider without an account opens a sending, and how it gets them again."""

from uuid import UUID, uuid4

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.codes import CodeError, phone
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Scope, Tenant, current_tenant, db, scoped, tenant_scope
from rongjiu.links import issue
from rongjiu.marketplace.models import Provider, ProviderInbox
from rongjiu.tenancy.models import Community
from tenants.catalogue.service import due
from tenants.referrals import rules


def job_link(task_ids: list[UUID], provider_id: UUID, purpose: str) -> str:
    """A fresh link to a sending (`provider_task`, waits for an answer) or a job taken (`provider_job`)."""
    tenant = current_tenant()
    until = due("link-answer" if purpose == "provider_task" else "link-job")
    return issue(
        purpose, task_ids[0], until, tenant_id=tenant.id, tenant_uid=tenant.uid, provider_id=provider_id,
        detail={"tasks": [str(task_id) for task_id in task_ids]},
    )  # fmt: skip


def links_again(number: str) -> None:
    """Send the provider of a telephone fresh links for all that waits or runs. It answers nothing, so that nobody
    learns whose number it is."""
    try:
        index = blind(phone(number), PLATFORM, "phone")
    except CodeError:
        return
    provider_id = db.session.scalar(
        select(Provider.id).where(Provider.phone_index == index, Provider.state == "active")
    )
    if provider_id is None:
        return
    with scoped(Scope(provider_id=provider_id)):
        rows = db.session.execute(
            select(ProviderInbox.task_id, ProviderInbox.tenant_id, Community.id)
            .join(Community, Community.id == ProviderInbox.community_id)
            .where(
                ProviderInbox.provider_id == provider_id,
                ProviderInbox.state.in_(("requested", *rules.OPEN_TO_RECEIVER)),
            )
            .order_by(ProviderInbox.task_id)
        ).all()
    for tenant in {Tenant(row.tenant_id, row.id) for row in rows}:
        mine = [str(row.task_id) for row in rows if row.id == tenant.uid]
        with tenant_scope(tenant):
            outbox.put("referrals.links_again", {"tasks": mine, "key": str(uuid4())})
