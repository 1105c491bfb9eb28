"""The search for duplicates, carried out by the worker."""

from typing import Any
from uuid import UUID

from rongjiu.outbox import effect
from tenants.reviews import service


@effect("reviews.search")
def search(payload: dict[str, Any]) -> None:
    """One step of a search of the whole register; it asks for the next one itself."""
    service.search_step(UUID(payload["run"]), int(payload["step"]))
