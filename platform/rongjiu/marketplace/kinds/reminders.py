"""What some kinds of providers are reminded of at night; each once, however often the night is asked."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.clock import today
from rongjiu.db import db
from rongjiu.marketplace import requirements
from rongjiu.marketplace.kinds import licences, oncall, rules
from rongjiu.marketplace.kinds.models import OnCall
from rongjiu.marketplace.models import Provider

DRILL_BEFORE = 30
"""Days before a drill no longer counts on which its provider is reminded (product default)."""


def nightly() -> None:
    """Remind of what ends."""
    _drills()
    _licences()


def _drills() -> None:
    ids = list(db.session.scalars(select(OnCall.provider_id).join(Provider).where(Provider.state == "active")))
    for provider_id, each in oncall.standing(ids).items():
        last = each.drilled_on
        if last is None or last + timedelta(days=rules.DRILL_DAYS - DRILL_BEFORE) <= today():
            told(provider_id, "drill_due", f"{last}")


def _licences() -> None:
    """One text for each of the days before a licence's end that has come (requirements.REMIND_BEFORE); the names stand on
    the provider's page."""
    medical = [kind for kind, need in requirements.NEEDS.items() if "medical_licence" in need.fields]
    ids = list(db.session.scalars(select(Provider.id).where(Provider.state == "active", Provider.kind.in_(medical))))
    for provider_id in ids:
        for row in licences.at_work(provider_id):
            left = (row.ends_on - today()).days if row.ends_on else None
            if left is None:
                continue
            step = (
                "over" if left < 0 else min((days for days in requirements.REMIND_BEFORE if left <= days), default=None)
            )
            if step is not None:
                told(
                    provider_id, "licence_over" if step == "over" else "licence_soon", f"{row.id}-{row.ends_on}-{step}"
                )


def told(provider_id: UUID, what: str, key: str) -> None:
    """One text to the provider's telephone (jobs.TEXTS)."""
    key = f"{what}-{provider_id}-{key}"
    outbox.put("provider_told", {"provider_id": str(provider_id), "what": what, "key": key}, key=key)
