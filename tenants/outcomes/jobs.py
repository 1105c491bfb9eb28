"""Chores of the night: later looks that nobody planned, and the audit sample of the month that is over. What came of the
visit to a family that did not answer the telephone."""

from rongjiu.facts import subscribe
from rongjiu.nightly import chore
from tenants.accompaniment.facts import VisitDone, VisitMissed
from tenants.outcomes import auditing, reaching, results


@chore("outcomes.follow_ups")
def follow_ups() -> None:
    """Plan the looks after 1 and 3 months of every family that was helped."""
    results.plan_missing()


@chore("outcomes.audit")
def audit() -> None:
    """Draw last month's sample, once."""
    auditing.draw_last_month()


for _news in (VisitDone, VisitMissed):
    subscribe(_news, reaching.at_door)
