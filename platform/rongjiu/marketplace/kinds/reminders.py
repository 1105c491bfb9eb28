"""What some kinds of providers are reminded of at night; each once, however often the night is asked."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace.kinds import oncall, rules
from rongjiu.marketplace.kinds.models import OnCall
from rongjiu.marketplace.models import Provider

DRILL_BEFORE = 30
"""Days before a drill no longer counts on which its provider is reminded (product default)."""


def nightly() -> None:
    """Remind of what ends."""
    _drills()


def _drills() -> None:
    ids = list(db.session.scalars(select(OnCall.provider_id).join(Provider).where(Provider.state == "active")))
    for provider_id, each in oncall.standing(ids).items():
        last = each.drilled_on
        if last is None or last + timedelta(days=rules.DRILL_DAYS - DRILL_BEFORE) <= today():
            told(provider_id, "drill_due", f"{last}")


def told(provider_id: UUID, what: str, key: str) -> None:
    """One text to the provider's telephone (jobs.TEXTS)."""
    key = f"{what}-{provider_id}-{key}"
    outbox.put("provider_told", {"provider_id": str(provider_id), "what": what, "key": key}, key=key)
