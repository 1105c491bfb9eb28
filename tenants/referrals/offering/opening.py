"""Links by which a provider without an account opens a sending, and how it gets them again."""

from datetime import timedelta
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.codes import CodeError, phone
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import Scope, Tenant, current_tenant, db, scoped, tenant_scope
from rongjiu.links import issue
from rongjiu.marketplace.models import Provider, ProviderInbox
from rongjiu.tenancy.models import Community
from tenants.catalogue.service import due
from tenants.referrals import rules
from tenants.referrals.models import ReferralTask

LINK_LIFE = timedelta(days=7)
"""Product default, as long as a link that asks for an answer (timer link-answer)."""
PLACES = "provider_places"
"""Purpose of the link by which a provider says once that a service has places again."""
PROVED_LIFE = timedelta(hours=24)
"""Product default: a working day and the evening after it, then a new code."""


def address(path: str) -> str:
    """The full address of a path, for a message."""
    base: str = current_app.config["SETTINGS"].public_url
    return base.rstrip("/") + path


def job_link(task_ids: list[UUID], provider_id: UUID, purpose: str, *, proved: bool = False) -> str:
    """A fresh link to a sending (`provider_task`, waits for an answer) or a job taken (`provider_job`).

    `proved`: its holder has just typed the code, so it lives in a cookie and never in a message; a link that travels
    in a message asks for the code before it shows a person.
    """
    tenant = current_tenant()
    until = due("link-answer" if purpose == "provider_task" else "link-job")
    return issue(
        purpose, task_ids[0], until, tenant_id=tenant.id, tenant_uid=tenant.uid, provider_id=provider_id,
        detail={"tasks": [str(task_id) for task_id in task_ids], "proved": proved},
    )  # fmt: skip


def portal_link(provider_id: UUID, *, proved: bool = False) -> str:
    """A fresh link to a provider's whole daily work: offers, calendar, route, log. It names no community, so its life
    is fixed here and not by a community's timers: LINK_LIFE in a message, where it asks for the code before it shows
    anything, PROVED_LIFE in the browser that typed the code."""
    until = now() + (PROVED_LIFE if proved else LINK_LIFE)
    return issue("provider_portal", provider_id, until, provider_id=provider_id, detail={"proved": proved})


def places_link(provider_id: UUID, service_id: UUID) -> str:
    """A fresh link to the question whether a service has places again."""
    return issue(PLACES, service_id, due("link-answer"), provider_id=provider_id)


def inbox_tenant(provider_id: UUID, task_id: UUID) -> Tenant | None:
    """Which community an offer in a provider's inbox comes from; None when it is not in this inbox. Runs under the
    provider's own scope."""
    row = db.session.execute(
        select(ProviderInbox.tenant_id, ProviderInbox.community_id).where(
            ProviderInbox.task_id == task_id, ProviderInbox.provider_id == provider_id
        )
    ).one_or_none()
    return Tenant(row.tenant_id, row.community_id) if row else None


def together(task_id: UUID) -> list[UUID]:
    """The offers that belong together with one: same receiver, person, consent and state, so that one page answers
    them. Runs inside the sender's community."""
    one = select(
        ReferralTask.provider_id, ReferralTask.person_id, ReferralTask.consent_id, ReferralTask.state
    ).where(ReferralTask.id == task_id).subquery()  # fmt: skip
    rows = db.session.scalars(
        select(ReferralTask.id)
        .join(
            one,
            (ReferralTask.provider_id == one.c.provider_id)
            & (ReferralTask.person_id == one.c.person_id)
            & (ReferralTask.consent_id == one.c.consent_id)
            & (ReferralTask.state == one.c.state),
        )
        .order_by(ReferralTask.id)
    )
    return list(rows)


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
    outbox.put("referrals.portal_link", {"provider": str(provider_id), "key": str(uuid4())})
