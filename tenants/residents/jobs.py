"""Each night the labels that follow by rule are checked again: birthdays move them."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import ZONE, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.tenancy.models import Community
from tenants.residents import labels

HOUR = time(0, 20)
"""When in the night, Beijing time: soon after a birthday begins."""


def plan() -> None:
    """Ask for the next night's check, once however often it is asked."""
    day = today() + timedelta(days=1)
    outbox.put("register.night", {}, key=f"register-night-{day}", after=datetime.combine(day, HOUR, ZONE))


@outbox.effect("register.night")
def nightly(_words: dict[str, Any]) -> None:
    """Have each community's labels checked in a transaction of its own, and ask for the night after."""
    for row in db.session.execute(select(Community.tenant_id, Community.id)).all():
        with tenant_scope(Tenant(row.tenant_id, row.id)):
            outbox.put("register.labels", {}, key=f"register-labels-{today()}")
    plan()


@outbox.effect("register.labels")
def check(_words: dict[str, Any]) -> None:
    """Check the labels of one community."""
    labels.recheck()
