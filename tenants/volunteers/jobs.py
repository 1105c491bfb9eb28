"""What the room listens to below, and its chores of the night."""

from rongjiu.facts import Fact, subscribe
from rongjiu.nightly import chore
from tenants.accompaniment.facts import OfVisit, VisitCancelled, VisitDone, VisitMissed, VisitPlanned
from tenants.volunteers import joining, shifts, visiting


def planned(fact: Fact) -> None:
    """A visit of volunteers was planned: its seats are opened."""
    if fact.object_id is not None:
        shifts.open_seats(fact.object_id)


def ended(fact: Fact) -> None:
    """A visit ended or is not made; of volunteers' visits the seats are settled."""
    if isinstance(fact, OfVisit) and fact.kind == "companion" and fact.object_id is not None:
        if isinstance(fact, VisitCancelled):
            visiting.call_off(fact.object_id)
        visiting.settle(fact.object_id)


subscribe(VisitPlanned, planned)
for _news in (VisitDone, VisitMissed, VisitCancelled):
    subscribe(_news, ended)


@chore("volunteers.absent")
def absent() -> None:
    """Who did not come to a visit whose day is over."""
    shifts.no_shows()


@chore("volunteers.expire")
def expire() -> None:
    """Whose vetting has ended, for all homes or for those with children."""
    joining.expire()
    shifts.release_unvetted()
