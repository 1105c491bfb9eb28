"""The clock of claims."""

from typing import Any
from uuid import UUID

from rongjiu import outbox
from tenants.wishes import service


@outbox.effect("wishes.expire")
def expire(payload: dict[str, Any]) -> None:
    """A claim's time is over."""
    service.expire(UUID(payload["task"]))
