"""Effects of sweeps outside a request: the place of a try is removed when its days are over."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from rongjiu import audit
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.outbox import effect
from tenants.sweeps.following import days_kept
from tenants.sweeps.models import StopPlace


@effect("sweep.places")
def remove_places(_words: dict[str, Any]) -> None:
    """Remove the places of tries older than `keep-sweep-location` days; the audit keeps how many."""
    old = StopPlace.at < now() - timedelta(days=days_kept())
    here = StopPlace.tenant_id == current_tenant().id
    gone: Any = db.session.execute(delete(StopPlace).where(here, old), execution_options={"synchronize_session": False})
    if gone.rowcount:
        audit.record("sweep.places_removed", "stop_place", today(), rows=gone.rowcount)
