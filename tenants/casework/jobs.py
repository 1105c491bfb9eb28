"""What casework listens to below, and its effects outside the transaction."""

from typing import Any
from uuid import UUID

from rongjiu import outbox
from rongjiu.facts import subscribe
from rongjiu.nightly import chore
from tenants.casework import checks, closing, following
from tenants.needs.facts import NeedAnswered
from tenants.outcomes import auditing
from tenants.referrals.facts import TasksEnded


@outbox.effect("casework.follow")
def follow(payload: dict[str, Any]) -> None:
    """Send the family the link to its progress."""
    following.tell_family(UUID(payload["case"]))


@outbox.effect("casework.papers")
def papers(payload: dict[str, Any]) -> None:
    """Papers are asked for: the family gets the link to the list."""
    following.tell_papers(UUID(payload["case"]), payload["of"])


@chore("casework.idle")
def idle() -> None:
    """Give every open case in which nobody acts to its holder."""
    closing.idle()


subscribe(TasksEnded, checks.after)
subscribe(NeedAnswered, closing.on_answer)
auditing.tell_alone(closing.alone)
