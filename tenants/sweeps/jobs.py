"""Effects of sweeps outside a request: the place of a try is removed when its days are over."""

from typing import Any

from rongjiu.outbox import effect
from tenants.sweeps.following import clear_places


@effect("sweep.places")
def remove_places(_words: dict[str, Any]) -> None:
    """Remove the places of tries older than `keep-sweep-location` days; the audit keeps how many."""
    clear_places()
