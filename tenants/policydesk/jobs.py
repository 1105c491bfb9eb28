"""Worker entries: versions that begin today, the parts of a dry run."""

from typing import Any
from uuid import UUID

from rongjiu.nightly import chore
from rongjiu.outbox import effect
from tenants.policydesk import service, trials


@chore("policy-versions")
def versions() -> None:
    """Versions whose day has come are in force; the register is judged again."""
    service.take_effect()


@effect("policy.trial.part")
def trial_part(words: dict[str, Any]) -> None:
    """The next households of a dry run."""
    trials.part(UUID(words["trial_id"]), UUID(words["after"]))
