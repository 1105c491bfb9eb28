"""The chore of the night."""

from typing import Any

from rongjiu import outbox
from rongjiu.clock import today
from rongjiu.nightly import chore
from tenants.keeping import rules, service


@chore("keeping.clear")
def clear() -> None:
    """Remove what has been over for too long: each kind in a transaction of its own, so that a thing that cannot be
    removed keeps back nothing but its own kind."""
    for rule in rules.RULES:
        outbox.put("keeping.clear", {"what": rule.what}, key=f"keeping-{rule.what}-{today()}")


@outbox.effect("keeping.clear")
def clear_kind(payload: dict[str, Any]) -> None:
    """Remove what has been over for too long, of one kind."""
    service.clear((payload["what"],))
