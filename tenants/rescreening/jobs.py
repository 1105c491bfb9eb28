"""Worker entries: the parts of a run, one household whose facts changed, the night."""

from typing import Any
from uuid import UUID

from rongjiu import outbox
from rongjiu.facts import Fact, subscribe
from rongjiu.nightly import chore
from rongjiu.outbox import effect
from tenants.benefits.facts import BenefitsMoved
from tenants.catalogue import service as waits
from tenants.rescreening import service, telling
from tenants.screening.facts import KnownAnew


@effect("rescreen.part")
def part(words: dict[str, Any]) -> None:
    """The next households of a run."""
    service.part(UUID(words["run_id"]), UUID(words["after"]))


@effect("rescreen.household")
def household(words: dict[str, Any]) -> None:
    """One household whose facts were kept anew."""
    if not waits.screening_ready():
        service.judge([UUID(words["household_id"])], cause="fact")


@effect("rescreen.tell")
def tell(words: dict[str, Any]) -> None:
    """The message to a family, which a clerk has confirmed."""
    telling.send(UUID(words["change_id"]))


@chore("rescreen")
def night() -> None:
    """Birthdays, days on which a policy turns, benefits that end soon."""
    service.start("night")


def known_anew(fact: Fact) -> None:
    """A sheet was saved, or what is received was noted: judge that household soon, outside the request."""
    if fact.object_id is not None:
        outbox.put("rescreen.household", {"household_id": str(fact.object_id)})


subscribe(KnownAnew, known_anew)
subscribe(BenefitsMoved, known_anew)
