"""Sample admissions: many that stand, one that soon ends, one that was asked for, one that the clerk looks at (示例)."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, telling, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions import calendar, service
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from rongjiu.tenancy.queries import Place

ASKED, LOOKED_AT = "yanqing-hospital", "yanqing-chc"
ENDING = "yanmo-academy"
NOTE = "示例：电话问过，周三上午能来；价格和市里一样。"


def admitted(community_id: UUID | None, providers: Collection[UUID], ends_on: date | None = None) -> None:
    """Let in providers as if they had been so for long, without a message for each."""
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(), "provider_id": each, "community_id": community_id, "state": "active", "monthly_limit": None,
            "reason": "", "actor_id": None, "changed_at": now(), "demo": True, "ends_on": ends_on,
        }
        for each in providers
    ]  # fmt: skip
    db.session.execute(insert(Admission), rows)
    events = [
        {
            "id": uuid7(), "admission_id": row["id"], "provider_id": row["provider_id"], "community_id": community_id,
            "at": now(), "state_from": "", "state_to": "active", "actor": "system", "reason_code": "carried_over",
        }
        for row in rows
    ]  # fmt: skip
    if community_id is not None:
        with telling(community_id=community_id):
            db.session.execute(insert(AdmissionEvent), events)


def waiting(tenant: Tenant, made: Mapping[str, UUID], clerk: Actor) -> None:
    """What waits for the desk of one community."""
    for slug in (ASKED, LOOKED_AT):
        service.ask(made[slug], tenant.uid)
    with tenant_scope(tenant), acting(clerk):
        service.review(made[LOOKED_AT], Place("community", tenant.uid, "", ""), NOTE)
        admitted(tenant.uid, [made[ENDING]], today() + timedelta(days=20))
        calendar.nightly()
